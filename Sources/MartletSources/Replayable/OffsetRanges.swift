package import MartletCore
import MartletStreaming

/// The ranges of a source that are assigned to batches, and the beginning of the next one.
struct OffsetRanges<Offset: Codable & Equatable & Sendable>: Sendable {
  /// The elements between two offsets, for one batch.
  struct Range: Sendable {
    var time: Time
    var start: Offset?
    var end: Offset
  }

  /// The state of a batch.
  enum Standing {
    case given(Range)
    case nothing
    /// Not requested yet.
    case new
  }

  /// The beginning of the next range.
  private(set) var position: Offset?
  /// True if a checkpoint has set the beginning.
  private(set) var isRestored = false
  /// The assigned ranges that may be requested again, by time.
  private var given: [Range] = []
  /// The number of ranges at the end of `given` that are not in the log yet.
  private var untaken = 0
  /// The last batch, with or without elements.
  private var last: Time?

  /// Begins at `offset`, before the first batch.
  mutating func begin(at offset: Offset?) { position = offset }

  func standing(at time: Time, plannedThrough: Time?) -> Standing {
    if let range = given.last(where: { $0.time <= time }), range.time == time { return .given(range) }
    return [last, plannedThrough].contains { $0.map { time <= $0 } ?? false } ? .nothing : .new
  }

  /// Assigns the elements up to `end` to the batch at `time`; returns `nil` if there are none.
  mutating func give(through end: Offset?, at time: Time, isKept: Bool) -> Range? {
    last = time
    guard let end, end != position else { return nil }
    let range = Range(time: time, start: position, end: end)
    position = end
    given.append(range)
    if isKept { untaken += 1 }
    return range
  }

  /// The ranges assigned since the last call.
  mutating func takeNew() -> ArraySlice<Range> {
    defer { untaken = 0 }
    return given.suffix(untaken)
  }

  mutating func restore(position offset: Offset?) {
    position = offset
    isRestored = true
  }

  mutating func restore(_ range: Range, isIncludedInPosition: Bool) {
    given.insert(range, at: given.firstIndex { $0.time > range.time } ?? given.endIndex)
    if !isIncludedInPosition { restore(position: range.end) }
  }

  /// Forgets the batches up to `time`; returns the end of the last of them, if there were any.
  mutating func forget(through time: Time) -> Offset? {
    let count = min(given.count - untaken, given.firstIndex { $0.time > time } ?? given.count)
    guard count > 0 else { return nil }
    defer { given.removeFirst(count) }
    return given[count - 1].end
  }
}

/// Offsets in the log of a checkpoint: those between which a batch has its elements, or the beginning of the next
/// batch.
package struct OffsetRecord {
  /// Distinguishes the bytes from those of other inputs.
  private static let version: UInt8 = 0x51

  /// The type of the offsets, for messages.
  package let type: String
  package let count: Int
  /// The form in which the offsets are encoded.
  private let form: String
  private let bytes: UnsafeRawBufferPointer

  /// Reads the output of `encode`, except for the offsets. The bytes must outlive the record.
  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == Self.version else {
      throw ByteReader.Malformed(reason: "the offsets of a source have a version that this program does not support")
    }
    type = try reader.string()
    form = try reader.string()
    // Bounded by the number of bytes left, because an offset may take no bytes.
    count = Int(try reader.fixed(UInt8.self))
    self.bytes = try reader.take(reader.left)
  }

  static func encode<Offset: Codable & Sendable>(_ offsets: [Offset]) throws -> ByteBuffer {
    let out = ByteBuffer()
    let codec = ElementCodec<Offset>.makeCodable()
    out.append(version)
    out.append(typeName(Offset.self))
    out.append(codec.form)
    out.append(UInt8(offsets.count))
    try offsets.withUnsafeBufferPointer { offsets in
      if let base = offsets.baseAddress { try codec.encode(base, offsets.count, into: out) }
    }
    return out
  }

  func offsets<Offset: Codable & Sendable>(of type: Offset.Type) throws -> [Offset] {
    if count == 0 { return [] }
    let offsets = ElementBuffer<Offset>(capacity: count)
    try ElementCodec<Offset>.makeCodable().decode(bytes, count, to: offsets.base)
    offsets.count = count
    return offsets.takeArray()
  }

  /// The offsets, as far as they can be decoded without their type.
  package func values() throws -> [DynamicValue] {
    guard let codec = DynamicCodec(form: form), codec.isReadable else { return [] }
    var reader = ByteReader(bytes)
    return try codec.read(count, &reader)
  }
}
