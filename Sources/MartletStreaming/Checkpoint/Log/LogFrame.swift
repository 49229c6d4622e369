package import MartletCore

// Unsafe code. Invariant: as in `ByteReader`; a payload is looked at only while the segment's bytes are there.

/// One record in a segment of a checkpoint's log: a header of 24 bytes, then the payload.
///
/// ```
///  0  'M' 'L'   2  version   3  kind   4  zero   8  length of the payload   16  checksum
/// ```
/// The checksum covers the payload, the kind, and where the frame stands: the epoch, the number of the segment and the
/// position in it. Bytes of another place, such as a disk may show after a power failure, are never taken for a frame.
package struct LogFrame {
  package static let headerSize = 24
  package static let version: UInt8 = 1
  /// A payload beyond this is corrupt.
  static let maximumLength = 1 << 32

  package let kind: LogRecord.Kind
  package let payload: UnsafeRawBufferPointer
  /// Where the frame ends in its segment.
  package let end: Int

  /// Appends a frame whose payload `body` writes. It will stand at `position` in the segment.
  package static func append(
    _ kind: LogRecord.Kind, in segment: SegmentName, at position: Int, to out: ByteBuffer,
    _ body: (ByteBuffer) throws -> Void
  ) rethrows {
    let start = out.count
    for byte in [UInt8(ascii: "M"), UInt8(ascii: "L"), version, kind.rawValue] { out.append(byte) }
    out.append(fixed: UInt32(0))
    out.append(fixed: UInt64(0))
    out.append(fixed: UInt64(0))
    try body(out)
    let payload = UnsafeRawBufferPointer(rebasing: out.bytes[(start + headerSize)...])
    out.replace(at: start + 8, with: UInt64(payload.count))
    out.replace(at: start + 16, with: checksum(payload, seed: seed(kind, segment, position)))
  }

  /// The frame at `position` of a segment, or why there is none.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, at position: Int, in segment: SegmentName
  ) throws -> LogFrame {
    var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
    guard try reader.fixed(UInt8.self) == UInt8(ascii: "M"), try reader.fixed(UInt8.self) == UInt8(ascii: "L") else {
      throw ByteReader.Malformed(reason: "a record does not begin where it should")
    }
    let version = try reader.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(reason: "its format has version \(version), this program knows \(Self.version)")
    }
    guard let kind = LogRecord.Kind(rawValue: try reader.fixed(UInt8.self)) else {
      throw ByteReader.Malformed(reason: "the kind of a record is unknown")
    }
    _ = try reader.fixed(UInt32.self)
    let length = try reader.fixed(UInt64.self)
    guard length <= UInt64(maximumLength) else { throw ByteReader.Malformed(reason: "a record is too long") }
    let expected = try reader.fixed(UInt64.self)
    let payload = try reader.take(Int(length))
    guard checksum(payload, seed: seed(kind, segment, position)) == expected else {
      throw ByteReader.Malformed(reason: "a checksum does not fit")
    }
    return LogFrame(kind: kind, payload: payload, end: position + headerSize + Int(length))
  }

  private static func seed(_ kind: LogRecord.Kind, _ segment: SegmentName, _ position: Int) -> UInt64 {
    let place = UInt64(segment.epoch) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(segment.number) &* 0xC2B2_AE3D_27D4_EB4F
    return place ^ UInt64(position) ^ UInt64(kind.rawValue) << 56
  }
}

/// A file of the log: `log-00000002-00000005` is the fifth of the second owner.
package struct SegmentName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Which owner of the checkpoint has written it, from 1.
  package var epoch: Int
  /// From 1, for each epoch.
  package var number: Int

  package init(epoch: Int, number: Int) {
    self.epoch = epoch
    self.number = number
  }

  /// The segment whose file has this name.
  package init?(fileName: String) {
    let parts = fileName.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "log", let epoch = Int(parts[1]), let number = Int(parts[2]) else { return nil }
    self.init(epoch: epoch, number: number)
    guard description == fileName else { return nil }
  }

  package static func < (a: SegmentName, b: SegmentName) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }

  package var description: String { "log-\(eightDigits(epoch))-\(eightDigits(number))" }
}

/// `number` with zeros before it, so that names sort as numbers do.
package func eightDigits(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
}
