internal import MartletCore
internal import MartletDuckDB

/// Reads lines of JSON into columns. One task uses it.
struct JSONColumns {
  private let form: JSONLineForm
  private var lines: JSONLineReader
  private(set) var builders: [ColumnBuilder]

  init(_ form: JSONLineForm, _ types: [ColumnType]) {
    self.form = form
    lines = JSONLineReader(form)
    builders = types.map { ColumnBuilder($0) }
  }

  mutating func append(_ line: Text) throws {
    if form.mode == .dropMalformed {
      // A line is a row as a whole or not at all.
      guard let row = try lines.row(line) else { return }
      for column in builders.indices where !builders[column].append(row[column], form.schema.fields[column].type) {
        builders[column].appendNull()
      }
      return
    }
    guard let found = lines.read(line) else { return }
    var isBad = found.record == nil
    for column in builders.indices where column != form.corruptColumn {
      let index = lines.values[column]
      guard let record = found.record, index >= 0, record[index].kind != .null else {
        builders[column].appendNull()
        continue
      }
      append(record, index, column, &isBad)
    }
    if isBad, form.mode == .failFast { throw lines.malformed(line) }
    guard let corrupt = form.corruptColumn else { return }
    if isBad { builders[corrupt].append(line) } else { builders[corrupt].appendNull() }
  }

  @inline(__always)
  private mutating func append(_ record: JSONRecord, _ index: Int, _ column: Int, _ isBad: inout Bool) {
    let type = form.schema.fields[column].type
    switch (type, record[index].kind) {
    case (.string, .string): builders[column].append(record.text(index))
    case (.string, _): builders[column].append(record.json(index))
    case (.long, .integer): builders[column].append(stored: record[index].integer)
    case (.double, .integer), (.double, .number):
      if let value = record.nearestDouble(index) {
        builders[column].append(stored: value)
      } else {
        isBad = true
        builders[column].appendNull()
      }
    default:
      let value = form.value(record, index, type, &isBad)
      if !builders[column].append(value, type) {
        isBad = true
        builders[column].appendNull()
      }
    }
  }
}

/// Reads lines of JSON, and finds the fields of their columns.
struct JSONLineReader {
  private let form: JSONLineForm
  private let reader = JSONRecordReader(JSONRecordDecoder())
  private var problem: JSONRecordError?
  /// For each column, the value in the record that was read last, or -1.
  private(set) var values: [Int]
  private let columns: [String: Int]
  /// The names of the fields of the last record in their order, and their columns: those of the next are probably the same.
  private var fields: [(name: Text, column: Int)] = []

  init(_ form: JSONLineForm) {
    self.form = form
    values = Array(repeating: -1, count: form.schema.fields.count)
    var columns: [String: Int] = [:]
    for (index, field) in form.schema.fields.enumerated() where index != form.corruptColumn {
      columns[field.name] = index
    }
    self.columns = columns
  }

  /// The record of a line, which is missing if the line is no JSON object; `nil` if the line is blank.
  mutating func read(_ line: Text) -> (record: JSONRecord?, Void)? {
    problem = nil
    for column in values.indices { values[column] = -1 }
    let record: JSONRecord
    do { record = try reader.read(line) } catch {
      if line.withUTF8Bytes({ $0.allSatisfy { $0 <= 0x20 } }) { return nil }
      problem = error
      return (nil, ())
    }
    guard record[0].kind == .object else { return (nil, ()) }
    var position = 0
    var key = 1
    while key < record[0].end {
      if !record.isShadowed(key) {
        let column = column(record, key, position)
        if column >= 0 { values[column] = key + 1 }
        position += 1
      }
      key = record.index(after: key + 1)
    }
    return (record, ())
  }

  private mutating func column(_ record: JSONRecord, _ key: Int, _ position: Int) -> Int {
    if position < fields.count, record.isName(key, fields[position].name) { return fields[position].column }
    let name = record.string(key)
    let column = columns[name] ?? -1
    let field = (Text(name), column)
    if position < fields.count {
      fields[position] = field
    } else if position == fields.count, position < 1000 {
      fields.append(field)
    }
    return column
  }

  /// The row of a line; `nil` if the line is blank, or malformed and not wanted.
  mutating func row(_ line: Text) throws -> Row? {
    guard let found = read(line) else { return nil }
    var isBad = found.record == nil
    var row = form.schema.fields.enumerated().map { column, field -> Value in
      guard let record = found.record, values[column] >= 0 else { return .null }
      return form.value(record, values[column], field.type, &isBad)
    }
    if isBad {
      switch form.mode {
      case .permissive: break
      case .dropMalformed: return nil
      case .failFast: throw malformed(line)
      }
    }
    if let corrupt = form.corruptColumn, isBad { row[corrupt] = .string(String(line)) }
    return Row(values: row, schema: form.schema)
  }

  /// The error of the mode FAILFAST.
  func malformed(_ line: Text) -> MartletError {
    let reason = problem.map { " (\($0))" } ?? ""
    return MartletError(
      .corruptData,
      "[MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION] The line does not have the schema\(reason): "
        + "\(String(line).prefix(200)). With the mode PERMISSIVE, the fields that do not parse are NULL.")
  }
}
