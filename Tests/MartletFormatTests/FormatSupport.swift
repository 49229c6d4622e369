import Foundation
import MartletArrow
import MartletAvro
import MartletColumnar
import TestSupport
import Testing

/// The files that other implementations have written; see `make-fixtures.py`.
enum Fixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func lines(_ name: String) throws -> [String] {
    try String(contentsOfFile: path(name), encoding: .utf8).split(separator: "\n").map(String.init)
  }
}

/// Collects the bytes of a file.
final class MemoryOutput: ColumnarOutput {
  private(set) var bytes: [UInt8] = []

  func write(_ bytes: UnsafeRawBufferPointer) { self.bytes.append(contentsOf: bytes) }
}

extension ColumnarArray {
  /// A value as `make-fixtures.py` writes it.
  func text(_ row: Int) -> String {
    guard isValid(row), type != .null else { return "null" }
    switch type {
    case .null: return "null"
    case .bool: return values.load(row) as UInt8 == 1 ? "true" : "false"
    case .int8: return "\(values.load(row) as Int8)"
    case .int16: return "\(values.load(row) as Int16)"
    case .int32, .date: return "\(values.load(row) as Int32)"
    case .int64, .timestamp, .instant: return "\(values.load(row) as Int64)"
    case .uint8: return "\(values.load(row) as UInt8)"
    case .uint16: return "\(values.load(row) as UInt16)"
    case .uint32: return "\(values.load(row) as UInt32)"
    case .uint64: return "\(values.load(row) as UInt64)"
    case .float: return "\(values.load(row) as Float)"
    case .double: return "\(values.load(row) as Double)"
    case .decimal: return "\(values.load(row) as Int128)"
    case .string: return "\"\(String(decoding: bytes(row), as: UTF8.self))\""
    case .binary: return "x'" + bytes(row).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'"
    case .interval, .dayTimeInterval, .yearMonthInterval:
      let value = values.load(row) as ColumnarInterval
      return "\(value.months)m\(value.days)d\(value.microseconds)u"
    case .list: return "[" + range(row).map { children[0].text($0) }.joined(separator: ", ") + "]"
    case .map:
      return "{" + range(row).map { "\(children[0].text($0)): \(children[1].text($0))" }.joined(separator: ", ") + "}"
    case .structure: return "(" + children.map { $0.text(row) }.joined(separator: ", ") + ")"
    }
  }
}

extension ColumnarBatch {
  /// The rows as `make-fixtures.py` writes them.
  var lines: [String] {
    (0..<count).map { row in columns.compactMap { $0?.text(row) }.joined(separator: "\t") }
  }
}

/// The rows of an Avro file.
func avroLines(
  _ path: String, reader: AvroSchema? = nil, wanted: [Bool]? = nil, limit: Int = 2048
) throws -> [String] {
  let file = try AvroFile(path)
  let schema = reader ?? file.schema
  let blockReader = try AvroBlockReader(
    file, reader: schema, isStrict: reader != nil, wanted: wanted ?? schema.columns.map { _ in true })
  var blocks = AvroBlocks(file)
  var lines: [String] = []
  while let block = try blocks.next() {
    try blockReader.begin(block)
    while let batch = try blockReader.next(limit) { lines += batch.lines }
  }
  return lines
}

/// The rows of an Arrow file.
func arrowLines(_ path: String, wanted: [Bool]? = nil) throws -> [String] {
  let file = try ArrowFile(path)
  var batches = ArrowBatches(file)
  var lines: [String] = []
  while let batch = try batches.next() {
    lines += try batch.columns(wanted ?? file.columns.map { _ in true }).lines
  }
  return lines
}

/// A folder that is removed with its files when the test ends.
final class TestFiles {
  let folder = NSTemporaryDirectory() + "martlet-formats-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ bytes: some Sequence<UInt8>, _ name: String = "file") throws -> String {
    let path = "\(folder)/\(name)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}

/// Columns of all types, with nulls.
enum Sample {
  static let fields: [ColumnarField] = [
    ColumnarField("flag", .bool), ColumnarField("i8", .int8), ColumnarField("i16", .int16),
    ColumnarField("i32", .int32), ColumnarField("i64", .int64), ColumnarField("f32", .float),
    ColumnarField("f64", .double), ColumnarField("price", .decimal(precision: 9, scale: 2)),
    ColumnarField("big", .decimal(precision: 38, scale: 0)), ColumnarField("word", .string),
    ColumnarField("raw", .binary), ColumnarField("day", .date), ColumnarField("local", .timestamp),
    ColumnarField("time", .instant), ColumnarField("required", .int64, isNullable: false),
    ColumnarField("words", .list(ColumnarField("element", .string))),
    ColumnarField(
      "counts", .map(key: ColumnarField("key", .string, isNullable: false), value: ColumnarField("value", .int64))),
    ColumnarField(
      "point",
      .structure([
        ColumnarField("x", .int32), ColumnarField("tags", .list(ColumnarField("element", .int32))),
        ColumnarField("price", .decimal(precision: 5, scale: 1)),
      ])), ColumnarField("nothing", .null),
  ]

  static func fill(_ columns: [ColumnarArray], _ rows: Range<Int>, _ fields: [ColumnarField] = fields) {
    for row in rows {
      for (column, field) in zip(columns, fields) { fill(column, field, row) }
    }
  }

  static func fill(_ column: ColumnarArray, _ field: ColumnarField, _ row: Int) {
    if field.isNullable, row % 5 == 3 { return column.appendNull() }
    switch field.type {
    case .null: column.appendNull()
    case .bool: column.append(UInt8(row & 1))
    case .int8: column.append(Int8(truncatingIfNeeded: row))
    case .int16: column.append(Int16(truncatingIfNeeded: -row * 7))
    case .int32, .date: column.append(Int32(truncatingIfNeeded: row &* 1_234_567))
    case .int64, .timestamp, .instant: column.append(Int64(row) &* 0x0012_3456_789A_BCDE)
    case .float: column.append(Float(row) / 3)
    case .double: column.append(-Double(row) / 7)
    case .decimal(let precision, _):
      let value = Int128(row) * (precision == 38 ? Int128.powersOfTen[34] : 13) * (row % 2 == 0 ? 1 : -1)
      column.append(value % Int128.powersOfTen[precision])
    case .string:
      var text = String(repeating: "ä\(row)", count: row % 9)
      text.withUTF8 { column.append(bytes: UnsafeRawBufferPointer($0)) }
    case .binary:
      [UInt8](repeating: UInt8(truncatingIfNeeded: row), count: row % 4).withUnsafeBytes { column.append(bytes: $0) }
    case .list(let element):
      for index in 0..<row % 4 { fill(column.children[0], element, row + index) }
      column.appendValidParent()
    case .map(let key, let value):
      for index in 0..<row % 3 {
        fill(column.children[0], key, 10 * row + index)
        fill(column.children[1], value, row + index)
      }
      column.appendValidParent()
    case .structure(let fields):
      for (child, field) in zip(column.children, fields) { fill(child, field, row) }
      column.appendValidParent()
    default: column.appendNull()
    }
  }

  /// The rows as text.
  static func lines(_ count: Int) -> [String] {
    let columns = fields.map { ColumnarArray($0.type) }
    fill(columns, 0..<count)
    return ColumnarBatch(columns, count: count).lines
  }
}

extension TestRandom {
  /// A copy of the bytes with some of them changed, removed or repeated.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &self)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 2: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &self) ?? 0
      case 3: bytes.removeLast(bytes.count - place)
      case 4: bytes.remove(at: place)
      default:
        let end = min(bytes.count, place + Int.random(in: 1...16, using: &self))
        bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &self))
      }
    }
    return bytes
  }
}
