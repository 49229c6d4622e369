/// A value of a FlatBuffer that is to be written.
indirect enum FlatValue {
  case int8(Int8)
  case int16(Int16)
  case int32(Int32)
  case int64(Int64)
  case string(String)
  case table([(field: Int, value: FlatValue)])
  case tables([FlatValue])
  /// Structures of 64-bit words, `size` in each.
  case structures([Int64], size: Int)

  static func bool(_ value: Bool) -> FlatValue { .int8(value ? 1 : 0) }

  /// The bytes of a buffer whose root is this table. Their number is a multiple of 8.
  var bytes: [UInt8] {
    var writer = FlatBufferWriter()
    writer.append(0 as UInt32)
    writer.write(self, for: 0)
    writer.align(8)
    return writer.bytes
  }

  /// The number of bytes in the table that has the value; those of other values than numbers are elsewhere.
  fileprivate var size: Int {
    switch self {
    case .int8: 1
    case .int16: 2
    case .int64: 8
    default: 4
    }
  }
}

/// Writes values forward: what a value refers to follows it.
private struct FlatBufferWriter {
  var bytes: [UInt8] = []

  mutating func align(_ size: Int, after extra: Int = 0) {
    while (bytes.count + extra) % size != 0 { bytes.append(0) }
  }

  mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func replace<Number: FixedWidthInteger>(_ offset: Int, _ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
  }

  /// Writes a value, and its place to where it is referred to.
  mutating func write(_ value: FlatValue, for reference: Int) {
    func refer(_ writer: inout FlatBufferWriter) {
      writer.replace(reference, UInt32(writer.bytes.count - reference))
    }
    switch value {
    case .string(let text):
      align(4)
      refer(&self)
      append(UInt32(text.utf8.count))
      bytes += text.utf8
      bytes.append(0)
    case .structures(let words, let size):
      align(8, after: 4)
      refer(&self)
      append(UInt32(words.count / size))
      for word in words { append(word) }
    case .tables(let tables):
      align(4)
      refer(&self)
      append(UInt32(tables.count))
      let start = bytes.count
      for _ in tables { append(0 as UInt32) }
      for (index, table) in tables.enumerated() { write(table, for: start + 4 * index) }
    case .table(let fields): write(fields, for: reference)
    case .int8, .int16, .int32, .int64: break
    }
  }

  private mutating func write(_ fields: [(field: Int, value: FlatValue)], for reference: Int) {
    // The largest first, so that all are aligned.
    var places = [UInt16](repeating: 0, count: (fields.map(\.field).max() ?? -1) + 1)
    var size = 4
    for (field, value) in fields.sorted(by: { $0.value.size > $1.value.size }) {
      size = (size + value.size - 1) / value.size * value.size
      places[field] = UInt16(size)
      size += value.size
    }
    let head = 4 + 2 * places.count
    align(8, after: head)
    append(UInt16(head))
    append(UInt16(size))
    for place in places { append(place) }
    let start = bytes.count
    replace(reference, UInt32(start - reference))
    append(Int32(head))
    bytes.append(contentsOf: repeatElement(0, count: size - 4))
    for (field, value) in fields {
      let place = start + Int(places[field])
      switch value {
      case .int8(let number): replace(place, number)
      case .int16(let number): replace(place, number)
      case .int32(let number): replace(place, number)
      case .int64(let number): replace(place, number)
      default: write(value, for: place)
      }
    }
  }
}
