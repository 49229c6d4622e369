import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct LineBlockTests {
  /// The lines that come out when `pieces` come in one after the other, and the reports.
  private func receive(
    _ pieces: [String], maximum: Int = 1 << 20, blockSize: Int = 1 << 20, cutsAfterEach: Bool = false
  ) throws -> (lines: [Text], events: [LineBlockBuilder.Event]) {
    let queue = BlockQueue<Text>(limit: 1 << 30)
    let builder = LineBlockBuilder(queue, maximumLineLength: maximum, blockSize: blockSize)
    queue.setOpenBlock { builder.cut() }
    var blocks: [ReceivedBlock<Text>] = []
    var events: [LineBlockBuilder.Event] = []
    for piece in pieces {
      var bytes = Array(piece.utf8)[...]
      while !bytes.isEmpty {
        let room = builder.room()
        let count = min(room.count, bytes.count)
        _ = room.update(fromContentsOf: bytes.prefix(count))
        bytes = bytes.dropFirst(count)
        if let event = builder.received(count) { events.append(event) }
      }
      if cutsAfterEach { blocks += queue.takeAll() }
    }
    builder.finishLastLine()
    blocks += queue.takeAll()
    var lines: [Text] = []
    for block in blocks {
      var read = 0
      for make in block.readers(3) {
        let part = try make().readAll().takeArray()
        read += part.count
        lines += part
      }
      #expect(read == block.records)
    }
    return (lines, events)
  }

  @Test(arguments: [1, 2, 3, 7, 64, 1000], [false, true])
  func `lines do not depend on their division into packets`(size: Int, cutsAfterEach: Bool) throws {
    let long = String(repeating: "x", count: 50)
    let just = String(repeating: "y", count: 20)
    let text = "a\n\nbc\n\(long)\nd\n\(just)\n\(long)\n\(long)\ne\n\(just)z\nlast"
    let expected: [Text] = ["a", "", "bc", "d", Text(just), "e", "last"]
    let bytes = Array(text.utf8)
    let pieces = stride(from: 0, to: bytes.count, by: size).map { start in
      String(decoding: bytes[start..<min(bytes.count, start + size)], as: UTF8.self)
    }
    let (lines, events) = try receive(pieces, maximum: 20, cutsAfterEach: cutsAfterEach)
    #expect(lines == expected)
    #expect(!events.isEmpty)
  }

  @Test func `a line longer than a block grows the block`() throws {
    let long = String(repeating: "x", count: 100_000)
    let (lines, events) = try receive(["a\n\(long)", "\(long)\nb\n"], blockSize: 4096)
    #expect(lines == ["a", Text(long + long), "b"])
    #expect(events.isEmpty)
  }

  @Test func `many lines fill many blocks`() throws {
    let expected = (0..<20_000).map { Text("line \($0)") }
    let text = expected.map { "\($0)\n" }.joined()
    #expect(try receive([text], blockSize: 4096).lines == expected)
  }

  @Test func `an overlong line at the very end is left out`() throws {
    let (lines, events) = try receive(["a\n" + String(repeating: "x", count: 50)], maximum: 20)
    #expect(lines == ["a"])
    #expect(events == [.overlongLine(bytes: 50)])
  }

  @Test func `a dropped half line does not come back`() throws {
    let queue = BlockQueue<Text>(limit: 1 << 20)
    let builder = LineBlockBuilder(queue, maximumLineLength: 100)
    let text = Array("whole\nhalf".utf8)
    _ = builder.room().update(fromContentsOf: text)
    #expect(builder.received(text.count) == nil)
    #expect(builder.dropPartialLine() == 4)
    builder.finishLastLine()
    #expect(builder.cut()?.records == 1)
    #expect(builder.cut() == nil)
  }

  @Test func `blocks count until their batch is completed or they are freed`() {
    let queue = BlockQueue<Int>(limit: 80)
    queue.store(contentsOf: Array(0..<10))
    var blocks = queue.takeAll()
    #expect(blocks.map(\.records) == [10])
    blocks[0].giveBackRoom()
    blocks[0].giveBackRoom()
    #expect(queue.waitUntilRoom())
    blocks = []
    #expect(queue.waitUntilRoom())
    queue.store(contentsOf: Array(0..<10))
    blocks = queue.takeAll()
    blocks = []
    #expect(queue.waitUntilRoom())
    queue.close()
    queue.store(1)
    #expect(queue.isEmpty)
  }
}
