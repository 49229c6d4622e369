package import MartletCore
import MartletLog

/// The part of a receiver's log that has been assigned to batches.
package struct ReceiverProgress: Sendable, Equatable {
  /// The run that has this progress; 0 if there is none.
  package var epoch = 0
  /// The records of earlier runs that are not assigned to a batch: nothing else in their files counts any more.
  package var leftovers: [BlockStretch] = []
  /// The position up to which everything that the run has received is assigned to batches.
  package var given = Position()
  /// The rate limit of the receiver in records per second; `nil` if it is unknown.
  package var rate: Double?

  /// A position in the files of one run.
  package struct Position: Sendable, Equatable, Comparable {
    /// The number of the segment; 0 before the first.
    package var number = 0
    package var offset = 0

    package init(number: Int = 0, offset: Int = 0) {
      self.number = number
      self.offset = offset
    }

    package static func < (a: Position, b: Position) -> Bool { (a.number, a.offset) < (b.number, b.offset) }
  }

  package init() {}

  private static let version: UInt8 = 1

  package func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(Self.version)
    out.append(variable: UInt64(epoch))
    out.append(leftovers)
    out.append(variable: UInt64(given.number))
    out.append(variable: UInt64(given.offset))
    out.append(rate: rate)
    return out
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    try reader.expectVersion(Self.version, of: "the progress of a receiver")
    epoch = try reader.integer()
    leftovers = try reader.stretches()
    given = Position(number: try reader.integer(), offset: try reader.integer())
    rate = try reader.rate()
    try reader.expectEnd()
  }
}

extension ByteBuffer {
  func append(rate: Double?) { append(fixed: (rate ?? -1).bitPattern) }
}

extension ByteReader {
  mutating func rate() throws -> Double? {
    let rate = Double(bitPattern: try fixed(UInt64.self))
    return rate > 0 && rate.isFinite ? rate : nil
  }

  mutating func expectVersion(_ version: UInt8, of what: String) throws {
    let found = try fixed(UInt8.self)
    guard found == version else {
      throw Malformed(reason: "\(what) has version \(found), but this program reads version \(version)")
    }
  }
}
