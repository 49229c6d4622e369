package import MartletCore

// Unsafe code. Invariant: as in `ByteReader`.

/// A run of records in a file of a receiver's log: a header of 40 bytes, the payload, and zeros up to a multiple of 8.
///
/// ```
///  0  'M' 'B'   2  version   3  kind   4  checksum of the rest of the header (32 bits)
///  8  length of the payload   16  records   24  how much of the file was on the disk   32  checksum of the payload
/// ```
/// Both checksums cover where the frame stands: the run, the number of the file and the position in it. Bytes of another
/// place, such as a disk may show after a power failure, are never taken for a frame.
package struct BlockFrame: Sendable, Equatable {
  package enum Kind: UInt8, Sendable {
    /// The beginning of a file.
    case opening = 1
    /// Lines of text as they came, each with its line feed.
    case lines = 2
    /// Elements as their codec writes them.
    case elements = 3
  }

  package static let headerSize = 40
  package static let version: UInt8 = 1
  /// A payload beyond this is corrupt.
  static let maximumLength = 1 << 32

  package let kind: Kind
  package let length: Int
  package let records: Int
  /// So much of the file was on the disk for certain when the frame was written: what is damaged before that is no end
  /// that was torn.
  package let syncedThrough: Int
  private let payloadChecksum: UInt64

  /// The frame's bytes in the file.
  package var size: Int { Self.headerSize + (length + 7) & ~7 }

  package init(
    _ kind: Kind, _ payload: UnsafeRawBufferPointer, records: Int, syncedThrough: Int, in segment: BlockSegment,
    at position: Int
  ) {
    self.kind = kind
    length = payload.count
    self.records = records
    self.syncedThrough = syncedThrough
    payloadChecksum = checksum(payload, seed: Self.seed(kind, segment, position))
  }

  /// Appends the header.
  package func write(to out: ByteBuffer, in segment: BlockSegment, at position: Int) {
    let start = out.count
    for byte in [UInt8(ascii: "M"), UInt8(ascii: "B"), Self.version, kind.rawValue] { out.append(byte) }
    out.append(fixed: UInt32(0))
    for number in [UInt64(length), UInt64(records), UInt64(syncedThrough), payloadChecksum] {
      out.append(fixed: number)
    }
    let rest = UnsafeRawBufferPointer(rebasing: out.bytes[(start + 8)...])
    out.replace(at: start + 4, with: Self.headerChecksum(rest, kind, segment, position))
  }

  /// Reads a header of exactly `headerSize` bytes.
  package init(_ bytes: UnsafeRawBufferPointer, in segment: BlockSegment, at position: Int) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == UInt8(ascii: "M"), try reader.fixed(UInt8.self) == UInt8(ascii: "B") else {
      throw ByteReader.Malformed(reason: "a block does not begin where it should")
    }
    let version = try reader.fixed(UInt8.self)
    guard version == Self.version else {
      throw ByteReader.Malformed(reason: "its format has version \(version), this program knows \(Self.version)")
    }
    guard let kind = Kind(rawValue: try reader.fixed(UInt8.self)) else {
      throw ByteReader.Malformed(reason: "the kind of a block is unknown")
    }
    let expected = try reader.fixed(UInt32.self)
    let rest = UnsafeRawBufferPointer(rebasing: bytes[8..<Self.headerSize])
    guard Self.headerChecksum(rest, kind, segment, position) == expected else {
      throw ByteReader.Malformed(reason: "a checksum does not fit")
    }
    self.kind = kind
    func number() throws -> Int {
      guard let number = Int(exactly: try reader.fixed(UInt64.self)) else {
        throw ByteReader.Malformed(reason: "a number in it is too large")
      }
      return number
    }
    length = try number()
    records = try number()
    syncedThrough = try number()
    payloadChecksum = try reader.fixed(UInt64.self)
    guard length <= Self.maximumLength else { throw ByteReader.Malformed(reason: "a block is too long") }
  }

  /// Throws unless `payload` is what was written.
  package func verify(_ payload: UnsafeRawBufferPointer, in segment: BlockSegment, at position: Int) throws {
    guard checksum(payload, seed: Self.seed(kind, segment, position)) == payloadChecksum else {
      throw ByteReader.Malformed(reason: "a checksum does not fit")
    }
  }

  private static func headerChecksum(
    _ rest: UnsafeRawBufferPointer, _ kind: Kind, _ segment: BlockSegment, _ position: Int
  ) -> UInt32 {
    UInt32(truncatingIfNeeded: checksum(rest, seed: ~seed(kind, segment, position)))
  }

  private static func seed(_ kind: Kind, _ segment: BlockSegment, _ position: Int) -> UInt64 {
    let place = UInt64(segment.epoch) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(segment.number) &* 0xC2B2_AE3D_27D4_EB4F
    return place ^ UInt64(position) ^ UInt64(kind.rawValue) << 56
  }
}

/// What the first frame of a file says.
package struct SegmentOpening: Sendable, Equatable {
  /// What the elements are, in the words of their codec.
  package var form: String
  /// The file before this one and how much of it counts; its number is 0 if there is none. A file that could not be
  /// written to its end may hold more, which is in this one again.
  package var previous: LogProgress.Position

  package init(form: String, previous: LogProgress.Position) {
    self.form = form
    self.previous = previous
  }

  func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(form)
    out.append(variable: UInt64(previous.number))
    out.append(variable: UInt64(previous.offset))
    return out
  }

  init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    form = try reader.string()
    previous = LogProgress.Position(number: try reader.integer(), offset: try reader.integer())
    // A later release may say more.
  }
}
