import MartletCore
import MartletLog
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct CheckpointSegmentTests {
  /// A segment with three batches, one of them incomplete, every kind of record, and the marks of durable positions.
  private func segment() -> SegmentImage {
    let image = SegmentImage(1, 1)
    image.progress([])
    image.plan(1000, "a", synced: image.bytes.count)
    image.state(1000, "one")
    image.done(1000)
    image.plan(2000, "b", synced: image.positions[2] + 1)
    image.state(2000, "two")
    image.done(2000)
    image.plan(3000, "c", synced: image.positions[5] + 1)
    return image
  }

  @Test func `A complete segment is read record by record`() throws {
    let image = segment()
    let segment = try image.read()
    #expect(segment.records.count == image.positions.count - 1)
    #expect(segment.length == image.bytes.count)
    #expect(!segment.isSealed)
    image.seal()
    #expect(try image.read().isSealed)
  }

  @Test func `Wherever the end is torn off, the complete records before it count`() throws {
    let image = segment()
    let ends = Array(image.positions.dropFirst()) + [image.bytes.count]
    for length in ends[0]...image.bytes.count {
      let segment = try image.read(image.damaged(length: length))
      #expect(segment.length == ends.last { $0 <= length })
      #expect(segment.records.count == ends.count { $0 <= length } - 1)
    }
  }

  @Test func `A segment that is cut off within its header, or empty, is refused`() throws {
    let image = segment()
    for length in 0..<image.positions[1] {
      let error = #expect(throws: MartletError.self) { try image.read(image.damaged(length: length)) }
      #expect(error?.code == .corruptData)
      #expect(error?.message.contains("checkpoint/log-00000001-00000001") == true)
    }
  }

  @Test func `Every flipped bit is noticed`() throws {
    let image = segment()
    let whole = try image.read()
    // The last plan records the durable length of the log; after that position, damage is a normal result of a power
    // failure.
    let synced = image.positions[5] + 1
    for bit in 0..<image.bytes.count * 8 where bit / 8 % 40 < 8 || bit % 7 == 0 {
      let position = bit / 8
      let start = image.positions.last { $0 <= position } ?? 0
      let bytes = image.damaged(flippedBit: bit)
      #expect(throws: MartletError.self, "byte \(position)") { try image.read(bytes, length: image.bytes.count) }
      if start < synced {
        #expect(throws: MartletError.self, "byte \(position)") { try image.read(bytes) }
      } else {
        let segment = try image.read(bytes)
        #expect(segment.length == start)
        #expect(segment.records.count < whole.records.count)
      }
    }
  }

  @Test func `The plan of a complete batch was durable, so damage to it is not a torn end`() throws {
    let image = SegmentImage(1, 1)
    image.plan(1000, "a")
    image.done(1000, synced: image.bytes.count)
    let bytes = image.damaged(flippedBit: (image.positions[1] + 30) * 8)
    #expect(throws: MartletError.self) { try image.read(bytes) }
  }

  @Test func `A durable position before a record says nothing about the record itself`() throws {
    for more in [0, 1] {
      let image = SegmentImage(1, 1)
      image.plan(1000, "a")
      image.plan(2000, "b", synced: image.positions[1] + more)
      let bytes = image.damaged(flippedBit: (image.positions[1] + 30) * 8)
      if more == 0 {
        #expect(try image.read(bytes).records.isEmpty)
      } else {
        #expect(throws: MartletError.self) { try image.read(bytes) }
      }
    }
  }

  @Test func `A batch that an older segment planned may be complete without a durable plan of its own`() throws {
    let image = SegmentImage(2, 1, planned: 1000)
    image.plan(1000)
    image.done(1000)
    let bytes = image.damaged(flippedBit: (image.positions[1] + 30) * 8)
    #expect(try image.read(bytes).records.isEmpty)
  }

  @Test func `A segment that has become shorter is refused, with both lengths`() throws {
    let image = segment()
    let error = #expect(throws: MartletError.self) { try image.read(length: image.bytes.count + 1) }
    #expect(error?.message.contains("\(image.bytes.count + 1) were written") == true)
  }

  @Test func `The bytes of another segment are not accepted`() throws {
    let image = segment()
    #expect(throws: MartletError.self) {
      try CheckpointSegment(SegmentName(epoch: 1, number: 2), image.bytes, length: nil, path: "x")
    }
  }

  @Test func `A segment of another format is refused as such`() throws {
    let image = SegmentImage(1, 1)
    let bytes = image.damaged(flippedBit: 2 * 8 + 1)
    let error = #expect(throws: MartletError.self) { try image.read(bytes) }
    #expect(error?.message.contains("its format has version 3, but this program reads version 1") == true)
  }

  @Test func `A segment of a receiver's log is not accepted in a checkpoint`() throws {
    let name = SegmentName(epoch: 1, number: 1)
    let bytes = ByteBuffer()
    LogFrame.append(LogFrame.opening, synced: 0, at: LogFrame.Place(name, 0), to: bytes) {
      SegmentOpening.write(to: $0, BlockKind.vocabulary, before: []) { $0.append("text") }
    }
    let error = #expect(throws: MartletError.self) { try CheckpointSegment(name, bytes, length: nil, path: "x") }
    #expect(error?.message.contains("it belongs to the log of a receiver, not of a checkpoint") == true)
  }

  @Test func `All complete records of a damaged segment can be inspected`() throws {
    let image = segment()
    let whole = try image.read().records.count
    for number in 1..<image.positions.count {
      let bytes = image.damaged(flippedBit: (image.positions[number] + 26) * 8)
      let salvaged = try #require(CheckpointSegment.salvaged(image.name, bytes))
      #expect(salvaged.records.count == whole - 1)
    }
    #expect(CheckpointSegment.salvaged(image.name, image.damaged(flippedBit: 30 * 8)) == nil)
  }
}
