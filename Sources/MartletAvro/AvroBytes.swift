import MartletColumnar
import MartletCore

/// Values in Avro's binary form.
final class AvroBytes {
  let buffer = ColumnarBuffer()

  var bytes: UnsafeRawBufferPointer { buffer.bytes }
  var count: Int { buffer.count }

  func removeAll() { buffer.removeAll() }

  @inline(__always)
  func append(long value: Int64) {
    var left = UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    while left >= 0x80 {
      buffer.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left &>>= 7
    }
    buffer.append(UInt8(truncatingIfNeeded: left))
  }

  @inline(__always)
  func append(bytes: UnsafeRawBufferPointer) {
    append(long: Int64(bytes.count))
    buffer.append(copying: bytes)
  }

  func append(_ text: String) {
    var text = text
    text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// Appends a number without its decimal point as `size` bytes, or as few as possible after their number.
  func append(decimal value: Int128, size: Int?) {
    let needed = (Int128.bitWidth - (value < 0 ? ~value : value).leadingZeroBitCount) / 8 + 1
    let size =
      size
      ?? { () -> Int in
        append(long: Int64(needed))
        return needed
      }()
    for index in (0..<size).reversed() {
      buffer.append(UInt8(truncatingIfNeeded: index < 16 ? value >> (8 * Int128(index)) : value < 0 ? -1 : 0))
    }
  }

  /// Appends the default of a field, which its schema has as JSON.
  /// - Throws: `AvroSchemaFault` if the value is not one of the type.
  func append(_ value: DynamicValue, _ type: AvroSchema) throws {
    switch (type, value) {
    case (.logical(_, let base), _): try append(value, base)
    case (.null, .null): break
    case (.boolean, .bool(let value)): buffer.append(value ? 1 as UInt8 : 0)
    case (.int, .signed(let number)):
      guard Int32(exactly: number) != nil else { throw AvroSchemaFault("\(number) is no int") }
      append(long: number)
    case (.long, .signed(let number)): append(long: number)
    case (.float, _):
      guard let number = value.number else { throw mismatch(value, type) }
      buffer.append(Float(number).bitPattern.littleEndian)
    case (.double, _):
      guard let number = value.number else { throw mismatch(value, type) }
      buffer.append(number.bitPattern.littleEndian)
    case (.string, .string(let text)): append(text)
    // Each character is a byte.
    case (.bytes, .string(let text)):
      let bytes = try latin1(text)
      bytes.withUnsafeBytes { append(bytes: $0) }
    case (.fixed(_, let size), .string(let text)):
      let bytes = try latin1(text)
      guard bytes.count == size else { throw mismatch(value, type) }
      bytes.withUnsafeBytes { buffer.append(copying: $0) }
    case (.enumeration(_, let symbols, _), .string(let text)):
      guard let index = symbols.firstIndex(of: text) else { throw mismatch(value, type) }
      append(long: Int64(index))
    case (.array(let items), .array(let values)):
      if !values.isEmpty { append(long: Int64(values.count)) }
      for value in values { try append(value, items) }
      append(long: 0)
    case (.map(let items), .object(let fields)):
      if !fields.isEmpty { append(long: Int64(fields.count)) }
      for field in fields {
        append(field.name)
        try append(field.value, items)
      }
      append(long: 0)
    case (.record(let record), .object(let fields)):
      for field in record.fields {
        guard let value = fields.last(where: { $0.name == field.name })?.value ?? field.defaultValue else {
          throw AvroSchemaFault("it lacks the field '\(field.name)'")
        }
        try append(value, field.type)
      }
    case (.union(let branches), _):
      for (index, branch) in branches.enumerated() {
        let start = count
        append(long: Int64(index))
        do { return try append(value, branch) } catch { buffer.count = start }
      }
      throw mismatch(value, type)
    default: throw mismatch(value, type)
    }
  }

  private func mismatch(_ value: DynamicValue, _ type: AvroSchema) -> AvroSchemaFault {
    AvroSchemaFault("\(value) is no value of the type \(type.title)")
  }

  private func latin1(_ text: String) throws -> [UInt8] {
    try text.unicodeScalars.map { scalar in
      guard let byte = UInt8(exactly: scalar.value) else { throw AvroSchemaFault("'\(scalar)' is no byte") }
      return byte
    }
  }
}

extension DynamicValue {
  fileprivate var number: Double? {
    switch self {
    case .signed(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .double(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"), .string("INF"): .infinity
    case .string("-Infinity"), .string("-INF"): -.infinity
    default: nil
    }
  }
}
