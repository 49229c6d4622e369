import MartletColumnar
import MartletCore

/// The body of a batch, in the order of the schema.
struct ArrowBodyWriter {
  private let isCompressed: Bool
  /// The number of values and of nulls, for each column and each part of one.
  private(set) var nodes: [Int64] = []
  /// The place in the body and the number of bytes of each buffer.
  private(set) var places: [Int64] = []
  private(set) var buffers: [ColumnarBuffer] = []
  /// The number of bytes of all buffers, with those between them.
  private(set) var length = 0

  init(isCompressed: Bool) { self.isCompressed = isCompressed }

  /// The number of bytes after which the next buffer begins.
  static func padded(_ count: Int) -> Int { (count + 63) & ~63 }

  /// Appends the values of a column.
  mutating func append(_ column: ColumnarArray, _ name: String) throws {
    nodes += [Int64(column.count), Int64(column.type == .null ? column.count : column.nullCount)]
    if column.type == .null { return }
    // Without nulls, the bits may be missing.
    try add(column.nullCount > 0 ? column.validity : ColumnarBuffer())
    switch column.type {
    case .bool:
      let bits = ColumnarBuffer(capacity: (column.count + 7) / 8)
      for start in stride(from: 0, to: column.count, by: 8) {
        var byte: UInt8 = 0
        for row in start..<min(start + 8, column.count) {
          byte |= (column.values.load(row) as UInt8) << UInt8(row - start)
        }
        bits.append(byte)
      }
      try add(bits)
    case .string, .binary:
      try addOffsets(column, name)
      try add(column.values)
    case .list:
      try addOffsets(column, name)
      try append(column.children[0], name)
    case .map:
      try addOffsets(column, name)
      nodes += [Int64(column.children[0].count), 0]
      try add(ColumnarBuffer())
      for child in column.children { try append(child, name) }
    case .structure: for child in column.children { try append(child, name) }
    case .yearMonthInterval:
      try add(converted(column, name) { (value: ColumnarInterval) in value.months })
    case .dayTimeInterval:
      try add(
        converted(column, name) { (value: ColumnarInterval) in
          // No overflow: there are fewer than 2^32 days.
          let (sum, overflow) = value.microseconds.addingReportingOverflow(Int64(value.days) * 86_400_000_000)
          return overflow ? nil : sum
        })
    case .interval:
      try add(
        converted(column, name) { (value: ColumnarInterval) in
          let (nanoseconds, overflow) = value.microseconds.multipliedReportingOverflow(by: 1000)
          return overflow
            ? nil : ColumnarInterval(months: value.months, days: value.days, microseconds: nanoseconds)
        })
    default: try add(column.values)
    }
  }

  private func converted<Source: BitwiseCopyable, Target: BitwiseCopyable>(
    _ column: ColumnarArray, _ name: String, _ convert: (Source) -> Target?
  ) throws -> ColumnarBuffer {
    let buffer = ColumnarBuffer(capacity: column.count * MemoryLayout<Target>.size)
    for row in 0..<column.count {
      guard let value = convert(column.values.load(row)) else {
        throw MartletError(
          .invalidArgument, "The column '\(name)' has an interval that is too long for Arrow, which counts nanoseconds."
        )
      }
      buffer.append(value)
    }
    return buffer
  }

  /// Adds offsets of 32 bits, as lists and strings have them in Arrow unless they are called large.
  private mutating func addOffsets(_ column: ColumnarArray, _ name: String) throws {
    guard (column.offsets.load(column.count) as Int64) <= Int64(Int32.max) else {
      throw MartletError(
        .invalidArgument,
        "The column '\(name)' has more than 2 GiB of text, or 2,147,483,647 elements, in one batch, for which Arrow's offsets are too small."
      )
    }
    let offsets = ColumnarBuffer(capacity: 4 * (column.count + 1))
    for row in 0...column.count { offsets.append(Int32(truncatingIfNeeded: column.offsets.load(row) as Int64)) }
    try add(offsets)
  }

  private mutating func add(_ buffer: ColumnarBuffer) throws {
    var buffer = buffer
    if isCompressed, buffer.count > 0 {
      let compressed = ColumnarBuffer()
      compressed.append(Int64(buffer.count).littleEndian)
      try Zstandard.compress(buffer.bytes, level: 1, into: compressed)
      buffer = compressed
    }
    places += [Int64(length), Int64(buffer.count)]
    buffers.append(buffer)
    length += Self.padded(buffer.count)
  }
}
