package import MartletCore

// Unsafe code. Invariant: as in `ByteReader`.

/// The header of one record of a log. It is followed by the payload and by zeros up to a multiple of 8 bytes.
///
/// ```
///  0  'M' 'L'   2  version   3  kind   4  checksum of the rest of the header (32 bits)
///  8  length of the payload   16  count   24  bytes of the segment on disk   32  checksum of the payload
/// ```
/// Both checksums cover the kind and the place of the frame: the epoch, the number of the segment, and the offset in
/// it. Bytes from another place, which a disk may show after a power failure, are never mistaken for a frame.
package struct LogFrame: Sendable, Equatable {
  /// The position of a frame.
  package struct Place: Sendable, Equatable {
    package var segment: SegmentName
    package var offset: Int

    package init(_ segment: SegmentName, _ offset: Int) {
      self.segment = segment
      self.offset = offset
    }
  }

  /// The first frame of a segment. All other kinds except the last belong to the writer of the log.
  package static let opening: UInt8 = 0
  /// The last frame of a segment, if the log continues in the next number.
  package static let sealed: UInt8 = 255

  package static let headerSize = 40
  package static let version: UInt8 = 1
  /// A longer payload is corrupt.
  static let maximumLength = 1 << 32

  package let kind: UInt8
  package let place: Place
  /// The length of the payload.
  package let length: Int
  /// The number of elements in the payload, for readers that must know it before they read them.
  package let count: Int
  /// The number of bytes of the segment that are certainly on disk: damage before this offset is not a torn end.
  package var synced: Int
  private let payloadChecksum: UInt64

  /// The number of bytes of the whole frame in the file.
  package var size: Int { Self.headerSize + (length + 7) & ~7 }

  package init(_ kind: UInt8, _ payload: UnsafeRawBufferPointer, count: Int = 0, synced: Int, at place: Place) {
    self.kind = kind
    self.place = place
    length = payload.count
    self.count = count
    self.synced = synced
    payloadChecksum = checksum(payload, seed: Self.seed(kind, place))
  }

  // MARK: Writing

  /// Appends a frame whose payload `body` writes.
  package static func append(
    _ kind: UInt8, count: Int = 0, synced: Int, at place: Place, to out: ByteBuffer,
    _ body: (ByteBuffer) throws -> Void
  ) rethrows {
    let start = out.count
    out.append(zeros: headerSize)
    try body(out)
    let payload = UnsafeRawBufferPointer(rebasing: out.bytes[(start + headerSize)...])
    let frame = LogFrame(kind, payload, count: count, synced: synced, at: place)
    frame.write(to: out, at: start)
    out.append(zeros: frame.size - headerSize - frame.length)
  }

  /// Overwrites the header at `position`.
  func write(to out: ByteBuffer, at position: Int) {
    let fields = fields
    let sum = UInt64(headerChecksum(of: fields))
    let first = UInt64(UInt8(ascii: "M")) | UInt64(UInt8(ascii: "L")) << 8 | UInt64(Self.version) << 16
    out.replace(at: position, with: first | UInt64(kind) << 24 | sum << 32)
    for (index, field) in fields.enumerated() { out.replace(at: position + 8 + 8 * index, with: field) }
  }

  // MARK: Reading

  /// Reads a header of exactly `headerSize` bytes.
  package init(_ bytes: UnsafeRawBufferPointer, at place: Place) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == UInt8(ascii: "M"), try reader.fixed(UInt8.self) == UInt8(ascii: "L") else {
      throw ByteReader.Malformed(reason: "a record does not begin at the expected place")
    }
    let version = try reader.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(
        reason: "its format has version \(version), but this program reads version \(Self.version)")
    }
    kind = try reader.fixed(UInt8.self)
    self.place = place
    let expected = try reader.fixed(UInt32.self)
    func number() throws -> Int {
      guard let number = Int(exactly: try reader.fixed(UInt64.self)) else {
        throw ByteReader.Malformed(reason: "a number in it is too large")
      }
      return number
    }
    length = try number()
    count = try number()
    synced = try number()
    payloadChecksum = try reader.fixed(UInt64.self)
    guard headerChecksum(of: fields) == expected else {
      throw ByteReader.Malformed(reason: "a checksum does not match")
    }
    guard length <= Self.maximumLength else { throw ByteReader.Malformed(reason: "a record is too long") }
  }

  /// The payload at the beginning of `body`. Throws unless it is the one that was written.
  func payload(in body: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    let payload = UnsafeRawBufferPointer(rebasing: body[..<length])
    guard checksum(payload, seed: Self.seed(kind, place)) == payloadChecksum, body[length...].allSatisfy({ $0 == 0 })
    else { throw ByteReader.Malformed(reason: "a checksum does not match") }
    return payload
  }

  // MARK: Checksums

  private var fields: [UInt64] { [UInt64(length), UInt64(count), UInt64(synced), payloadChecksum] }

  private func headerChecksum(of fields: [UInt64]) -> UInt32 {
    let sum = fields.map(\.littleEndian).withUnsafeBytes { checksum($0, seed: ~Self.seed(kind, place)) }
    return UInt32(truncatingIfNeeded: sum)
  }

  private static func seed(_ kind: UInt8, _ place: Place) -> UInt64 {
    let segment =
      UInt64(place.segment.epoch) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(place.segment.number) &* 0xC2B2_AE3D_27D4_EB4F
    return segment ^ UInt64(place.offset) ^ UInt64(kind) << 56
  }
}
