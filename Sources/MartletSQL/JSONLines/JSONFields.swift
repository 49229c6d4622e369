internal import MartletCore
internal import MartletDuckDB

/// Lines that are JSON objects, whose fields are numbers, texts, truth values, dates or times in their usual forms.
struct JSONFields: LineFormat {
  var fields: [StructField]
  var zone: FileZone

  var types: [DataType] { fields.map(\.type) }

  func reader(first: Int) -> JSONFieldReader { JSONFieldReader(self, first) }
}

final class JSONFieldReader: LineFieldReader {
  private let types: [DataType]
  private let first: Int
  private let records = JSONRecordReader(JSONRecordDecoder())
  private var fields: JSONFieldFinder
  private var zone: FileZone
  /// The columns whose values are needed. All, if it must be known whether a line parses.
  private var wanted: [Int] = []

  init(_ format: JSONFields, _ first: Int) {
    types = format.types
    self.first = first
    zone = format.zone
    fields = JSONFieldFinder(format.fields.map(\.name))
  }

  func begin(_ output: RowOutput, needsVerdict: Bool) {
    wanted = types.indices.filter { needsVerdict || output.isWanted(first + $0) }
  }

  func write(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool? {
    guard let record = try? records.read(line), fields.find(in: record) else {
      // Such lines are reported by the mode, which names the file and the line.
      if line.allSatisfy({ $0 <= 0x20 }) { return nil }
      return writeRepaired(line, output, row)
    }
    var parses = true
    for column in wanted {
      let node = fields.values[column]
      if node < 0 || record[node].kind == .null {
        output.writeNull(first &+ column, row)
      } else if !write(record, node, column, output, row) {
        output.writeNull(first &+ column, row)
        parses = false
      }
    }
    return parses
  }

  /// Bytes that are not UTF-8 make a line that is no JSON.
  func writeRepaired(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool? {
    for column in types.indices { output.writeNull(first + column, row) }
    return false
  }

  /// Writes a value; returns `false` if it is none of the column's type.
  @inline(__always)
  private func write(
    _ record: JSONRecord, _ node: Int, _ column: Int, _ output: RowOutput, _ row: Int
  ) -> Bool {
    let target = first &+ column
    switch (types[column], record[node].kind) {
    case (.long, .integer): output.write(record[node].integer, target, row)
    case (.string, .string): record.withBytes(of: node) { output.write(utf8: $0, target, row) }
    case (.timestamp, .string):
      guard let time = record.withBytes(of: node, { FieldBytes.time($0) }) else { return false }
      output.write(time.isUTC ? time.microseconds : zone.utc(time.microseconds), target, row)
    default: return writeOther(record, node, column, output, row)
    }
    return true
  }

  @inline(never)
  private func writeOther(
    _ record: JSONRecord, _ node: Int, _ column: Int, _ output: RowOutput, _ row: Int
  ) -> Bool {
    let target = first + column
    let kind = record[node].kind
    func put<Value: BitwiseCopyable>(_ value: Value?) -> Bool {
      guard let value else { return false }
      output.write(value, target, row)
      return true
    }
    switch types[column] {
    case .boolean: return put(kind == .true ? true : kind == .false ? false : nil)
    case .byte: return put(record.wholeNumber(node).flatMap { Int8(exactly: $0) })
    case .short: return put(record.wholeNumber(node).flatMap { Int16(exactly: $0) })
    case .integer: return put(record.wholeNumber(node).flatMap { Int32(exactly: $0) })
    case .long: return put(record.wholeNumber(node))
    case .float: return put(JSONLineForm.double(record, node).map { Float($0) })
    case .double: return put(JSONLineForm.double(record, node))
    case .string:
      record.json(node).withUTF8Bytes { output.write(utf8: $0, target, row) }
      return true
    case .date: return kind == .string && put(record.withBytes(of: node) { FieldBytes.date($0) })
    case .timestamp: return put(record.wholeNumber(node).flatMap { JSONLineForm.microseconds(seconds: $0) })
    case .timestampNTZ:
      return kind == .string && put(record.withBytes(of: node) { FieldBytes.time($0)?.microseconds })
    default: return false
    }
  }
}
