package import MartletCore

/// A file of a receiver's log: `00000002-00000005.blocks` is the fifth of the second run.
package struct BlockSegment: Sendable, Hashable, Comparable {
  /// Which run has written it, from 1.
  package var epoch: Int
  /// From 1, for each run.
  package var number: Int

  package init(epoch: Int, number: Int) {
    self.epoch = epoch
    self.number = number
  }

  /// The segment whose file has this name.
  package init?(fileName: String) {
    guard fileName.hasSuffix(Self.suffix) else { return nil }
    let parts = fileName.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let epoch = Int(parts[0]), let number = Int(parts[1]) else { return nil }
    self.init(epoch: epoch, number: number)
    guard self.fileName == fileName else { return nil }
  }

  package var fileName: String { "\(eightDigits(epoch))-\(eightDigits(number))\(Self.suffix)" }

  package static func < (a: BlockSegment, b: BlockSegment) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }

  private static let suffix = ".blocks"
}

/// Whole frames, one after the other, in a file of a receiver's log.
package struct LogStretch: Sendable, Equatable {
  package var segment: BlockSegment
  package var from: Int
  package var to: Int
  package var records: Int

  package init(_ segment: BlockSegment, from: Int, to: Int, records: Int) {
    self.segment = segment
    self.from = from
    self.to = to
    self.records = records
  }

  /// Puts together what lies side by side.
  static func joined(_ stretches: [LogStretch]) -> [LogStretch] {
    var result: [LogStretch] = []
    for next in stretches {
      if let last = result.last, last.segment == next.segment, last.to == next.from {
        result[result.count - 1].to = next.to
        result[result.count - 1].records += next.records
      } else {
        result.append(next)
      }
    }
    return result
  }
}

/// How far a receiver's log has been given to batches.
package struct LogProgress: Sendable, Equatable {
  /// The run that says so; 0 if none has.
  package var epoch = 0
  /// What runs before it have received and no batch has been given: nothing else of their files counts any more.
  package var leftovers: [LogStretch] = []
  /// Up to here everything that the run has received has been given to batches.
  package var given = Position()
  /// Records per second that the receiver was allowed; `nil` if nothing is known.
  package var rate: Double?

  /// A place in the files of one run.
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

/// What a batch was given, as the checkpoint's log holds it.
package struct LogPlan: Equatable {
  package var stretches: [LogStretch]
  /// Records per second that the receiver was allowed then; `nil` if nothing is known.
  package var rate: Double?

  private static let version: UInt8 = 1

  init(_ stretches: [LogStretch], rate: Double?) {
    self.stretches = stretches
    self.rate = rate
  }

  func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(Self.version)
    out.append(stretches)
    out.append(rate: rate)
    return out
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    try reader.expectVersion(Self.version, of: "the plan of a receiver")
    stretches = try reader.stretches()
    rate = try reader.rate()
    try reader.expectEnd()
  }
}

extension ByteBuffer {
  fileprivate func append(rate: Double?) { append(fixed: (rate ?? -1).bitPattern) }

  fileprivate func append(_ stretches: [LogStretch]) {
    append(variable: UInt64(stretches.count))
    for stretch in stretches {
      for number in [
        stretch.segment.epoch, stretch.segment.number, stretch.from, stretch.to - stretch.from, stretch.records,
      ] {
        append(variable: UInt64(number))
      }
    }
  }
}

extension ByteReader {
  fileprivate mutating func expectVersion(_ version: UInt8, of what: String) throws {
    let found = try fixed(UInt8.self)
    guard found == version else {
      throw Malformed(reason: "\(what) has version \(found), this program knows \(version)")
    }
  }

  fileprivate mutating func rate() throws -> Double? {
    let rate = Double(bitPattern: try fixed(UInt64.self))
    return rate > 0 && rate.isFinite ? rate : nil
  }

  mutating func integer() throws -> Int {
    guard let number = Int(exactly: try variable()), number < 1 << 56 else {
      throw Malformed(reason: "a number in it is too large")
    }
    return number
  }

  fileprivate mutating func stretches() throws -> [LogStretch] {
    var stretches: [LogStretch] = []
    for _ in 0..<(try count(minimumSize: 5)) {
      let segment = BlockSegment(epoch: try integer(), number: try integer())
      let from = try integer()
      stretches.append(LogStretch(segment, from: from, to: from + (try integer()), records: try integer()))
    }
    return stretches
  }
}
