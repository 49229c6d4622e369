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
  private var fields: JSONFieldFinder
  /// For each column, the value in the record that was read last, or -1.
  var values: [Int] { fields.values }

  init(_ form: JSONLineForm) {
    self.form = form
    fields = JSONFieldFinder(
      form.schema.fields.enumerated().map { index, field in index == form.corruptColumn ? nil : field.name })
  }

  /// The record of a line, which is missing if the line is no JSON object; `nil` if the line is blank.
  mutating func read(_ line: Text) -> (record: JSONRecord?, Void)? {
    problem = nil
    do {
      let record = try reader.read(line)
      return (fields.find(in: record) ? record : nil, ())
    } catch {
      if line.withUTF8Bytes({ $0.allSatisfy { $0 <= 0x20 } }) { return nil }
      problem = error
      return (nil, ())
    }
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
