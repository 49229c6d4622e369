// Unsafe code. Invariant: as in `ByteReader`.

/// A run of elements in a file: a header of 24 bytes, then the payload.
///
/// ```
///  0  'M' 'R'   2  version   3  kind   4  count (32 bits)   8  length of the payload   16  checksum of all the rest
/// ```
package struct FrameHeader {
  /// The content of a frame.
  package enum Kind: UInt8, Sendable {
    /// The form of the codec, at the beginning of a file.
    case form = 0
    /// Elements.
    case elements = 1
    /// No content: a file without this frame at its end has been cut off.
    case end = 2
  }

  package static let size = 24
  package static let version: UInt8 = 1
  /// A longer payload is corrupt.
  package static let maximumLength = 1 << 32

  package let kind: Kind
  package let count: Int
  package let length: Int
  private let checksum: UInt64

  /// Reads a header of exactly `size` bytes.
  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == UInt8(ascii: "M"), try reader.fixed(UInt8.self) == UInt8(ascii: "R") else {
      throw ByteReader.Malformed(reason: "a frame does not begin at the expected place")
    }
    let version = try reader.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(
        reason: "its format has version \(version), but this program reads version \(Self.version)")
    }
    guard let kind = Kind(rawValue: try reader.fixed(UInt8.self)) else {
      throw ByteReader.Malformed(reason: "the kind of a frame is unknown")
    }
    self.kind = kind
    count = Int(try reader.fixed(UInt32.self))
    let length = try reader.fixed(UInt64.self)
    guard length <= UInt64(Self.maximumLength) else {
      throw ByteReader.Malformed(reason: "the length of a frame is too large")
    }
    self.length = Int(length)
    checksum = try reader.fixed(UInt64.self)
  }

  /// Throws unless `payload` is the one that was written with this header.
  package func verify(_ payload: UnsafeRawBufferPointer) throws {
    guard MartletCore.checksum(payload, seed: Self.seed(kind, count: count)) == checksum else {
      throw ByteReader.Malformed(reason: "a checksum does not match")
    }
  }

  /// Appends a frame whose payload `body` writes.
  package static func append(
    _ kind: Kind, count: Int, to out: ByteBuffer, _ body: (ByteBuffer) throws -> Void = { _ in }
  ) throws {
    let start = out.count
    for byte in [UInt8(ascii: "M"), UInt8(ascii: "R"), version, kind.rawValue] { out.append(byte) }
    out.append(fixed: UInt32(count))
    out.append(fixed: UInt64(0))
    out.append(fixed: UInt64(0))
    try body(out)
    let payload = UnsafeRawBufferPointer(rebasing: out.bytes[(start + size)...])
    guard payload.count <= maximumLength else {
      throw MartletError(
        .invalidArgument, "\(count) elements take \(payload.count) bytes; a run of elements can take \(maximumLength).")
    }
    out.replace(at: start + 8, with: UInt64(payload.count))
    out.replace(at: start + 16, with: MartletCore.checksum(payload, seed: seed(kind, count: count)))
  }

  /// The checksum of the header's own fields; the length needs none.
  private static func seed(_ kind: Kind, count: Int) -> UInt64 {
    UInt64(kind.rawValue) << 56 | UInt64(version) << 48 | UInt64(truncatingIfNeeded: count)
  }
}

extension ElementCodec {
  /// Appends `count` elements as one frame. They remain their owner's.
  package func appendFrame(_ base: UnsafePointer<Element>, _ count: Int, to out: ByteBuffer) throws {
    try FrameHeader.append(.elements, count: count, to: out) { try encode(base, count, into: $0) }
  }

  /// Appends `count` elements as frames, and passes `out` to `write` whenever it has about a megabyte.
  package func appendFrames(
    _ base: UnsafePointer<Element>, _ count: Int, to out: ByteBuffer, write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard count > 0 else { return }
    let fullSize = 1 << 20
    // Large elements: fewer in a frame.
    let size = MemoryLayout<Element>.stride + pointedBytes(base, count) / count
    let frameCount = max(1, min(chunkCapacity, fullSize / max(1, size)))
    var done = 0
    while done < count {
      let next = min(frameCount, count - done)
      try appendFrame(base + done, next, to: out)
      done += next
      if out.count >= fullSize {
        try write(out.bytes)
        out.removeAll()
      }
    }
  }

  /// The elements of a frame, once its payload has been read.
  package func readFrame(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into target: ElementBuffer<Element>
  ) throws {
    try header.verify(payload)
    // No codec needs less than a byte for an element that has a size.
    guard header.count <= payload.count || MemoryLayout<Element>.size == 0 else {
      throw ByteReader.Malformed(reason: "a count in it is too large")
    }
    target.reserve(header.count)
    try decode(payload, header.count, to: target.base)
    target.count = header.count
  }
}
