import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletRDD
@testable import MartletSources
@testable import MartletStreaming

/// Received blocks that are needed for longer than their batch.
@Suite(.timeLimit(.minutes(30))) struct KeptBlockTests {
  private final class StoringReceiver<Element: Sendable>: Receiver<Element>, @unchecked Sendable {
    // Sendable: its members are constant.
    private let run: @Sendable (StoringReceiver<Element>) -> Void
    init(_ run: @escaping @Sendable (StoringReceiver<Element>) -> Void) { self.run = run }
    override func onStart() throws { run(self) }
  }

  private func conf(_ folder: String, buffer: Int, memory: Int) -> MartletConf {
    MartletConf().setMaster("local[3]").set(StreamingContext.receiverBufferKey, "\(buffer)")
      .set(MartletConf.Key.memoryBytes, "\(memory)").set(MartletConf.Key.localDirectory, folder)
  }

  private func lines(_ numbers: Range<Int>) -> ReceivedBlock<Text>? {
    let queue = BlockQueue<Text>(limit: .max)
    let builder = LineBlockBuilder(queue, maximumLineLength: 1 << 20)
    let bytes = Array(numbers.map { "line number \($0) of the block\n" }.joined().utf8)
    _ = builder.room().update(fromContentsOf: bytes)
    _ = builder.received(bytes.count)
    return builder.cut()
  }

  private func read<Element>(_ readers: [@Sendable () -> ChunkReader<Element>]) throws -> [Element] {
    try readers.flatMap { try $0().readAll().takeArray() }
  }

  @Test func `lines are the same, in memory and on disk`() throws {
    try withTemporaryFolder { folder in
      let sc = MartletContext(conf: conf(folder, buffer: 1, memory: 1 << 30))
      let expected = (0..<1000).map { Text("line number \($0) of the block") }
      let block = try #require(lines(0..<1000))
      // Parts that were split before it was moved, and after.
      let before = block.readers(3)
      #expect(before.count == 3)
      #expect(try read(before) == expected)
      let memory = StorageMemory(limit: block.bytes)
      #expect(block.outliveBatch(memory, BlockSpace(sc)))
      #expect(memory.used == block.bytes)
      #expect(try read(before) == expected)
      block.evict(0)
      guard case .spilledLines = block.content else { return #expect(Bool(false), "it is still in memory") }
      #expect(try read(before) == expected)
      #expect(try read(block.readers(3)) == expected)
    }
  }

  @Test func `blocks without space in memory go to disk, the least recently used first`() throws {
    try withTemporaryFolder { folder in
      let sc = MartletContext(conf: conf(folder, buffer: 1, memory: 1 << 30))
      let blocks = try (0..<4).map { try #require(lines($0 * 1000..<$0 * 1000 + 1000)) }
      let memory = StorageMemory(limit: blocks[0].bytes * 5 / 2)
      let space = BlockSpace(sc)
      for block in blocks { #expect(block.outliveBatch(memory, space)) }
      let isSpilled = blocks.map { if case .spilledLines = $0.content { true } else { false } }
      #expect(isSpilled == [true, true, false, false])
      #expect(memory.used <= blocks[0].bytes * 5 / 2)
      #expect(
        try blocks.flatMap { try read($0.readers(2)) } == (0..<4000).map { Text("line number \($0) of the block") })
    }
  }

  @Test func `elements also go to disk, if possible`() throws {
    try withTemporaryFolder { folder in
      let sc = MartletContext(conf: conf(folder, buffer: 1, memory: 1 << 30))
      let nothing = StorageMemory(limit: 0)
      let queue = BlockQueue<[String]>(limit: .max)
      for n in 0..<100 { queue.store(["\(n)", "of a hundred"]) }
      let block = try #require(queue.takeAll().first)
      let before = block.readers(3)
      #expect(block.outliveBatch(nothing, BlockSpace(sc)))
      #expect(queue.heldBytes == 0 && nothing.used == 0)
      #expect(try read(before) == (0..<100).map { ["\($0)", "of a hundred"] })

      let unwritable = BlockQueue<@Sendable () -> Int>(limit: .max)
      unwritable.store { 7 }
      let closure = try #require(unwritable.takeAll().first)
      #expect(!closure.outliveBatch(nothing, BlockSpace(sc)))
      // It keeps its space: the receiver must wait.
      #expect(unwritable.heldBytes > 0)
      #expect(try read(closure.readers(1)).map { $0() } == [7])
    }
  }

  @Test func `the space of blocks is released with them`() throws {
    try withTemporaryFolder { folder in
      let sc = MartletContext(conf: conf(folder, buffer: 1, memory: 1 << 30))
      let memory = StorageMemory(limit: 1 << 30)
      func use() throws {
        let block = try #require(lines(0..<1000))
        #expect(block.outliveBatch(memory, BlockSpace(sc)))
        #expect(memory.used == block.bytes)
      }
      try use()
      #expect(memory.used == 0)
    }
  }

  @Test(arguments: [1 << 30, 4000, 0])
  func `a window over received records holds more than the receiver may`(memory: Int) throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext(conf: conf(folder, buffer: 800, memory: memory))
      defer { test.stop() }
      let receiver = StoringReceiver<Int> { receiver in
        var n = 0
        while !receiver.isStopped {
          receiver.store(n)
          n += 1
        }
      }
      let windows = test.output(of: test.context.receiverStream(receiver).window(.seconds(100_000), .seconds(3)))
      let used = Mutex(0)
      let sc = test.context.sparkContext
      try test.start()
      try test.runBatches {
        used.withLock { $0 = max($0, sc.storageMemory.used) }
        return (windows.batches.last?.count ?? 0) >= 2000
      }
      let last = try #require(windows.batches.last)
      #expect(last == Array(0..<last.count))
      #expect(used.withLock { $0 } <= memory)
      if memory == 1 << 30 { #expect(used.withLock { $0 } >= 2000 * 8) }
    }
  }

  @Test func `lines that a window keeps are the same from memory and from disk`() throws {
    try withTemporaryFolder { folder in
      let server = LoopbackServer()
      let test = TestStreamingContext(conf: conf(folder, buffer: 1 << 20, memory: 3000))
      defer { test.stop() }
      let lines = test.context.socketTextStream("127.0.0.1", server.port)
      let received = test.output(of: lines)
      let windows = test.output(of: lines.window(.seconds(100_000)))
      try test.start()
      let peer = server.accept()
      for n in 0..<20 {
        peer.send((n * 50..<(n + 1) * 50).map { "this is line \($0)\n" }.joined())
        try test.runBatches { received.all.count == (n + 1) * 50 }
        #expect(test.context.sparkContext.storageMemory.used <= 3000)
      }
      #expect(windows.batches.last == (0..<1000).map { Text("this is line \($0)") })
    }
  }

  @Test func `records that cannot go to disk block the receiver until the window has moved on`() throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext(conf: conf(folder, buffer: 800, memory: 0))
      defer { test.stop() }
      let receiver = StoringReceiver<@Sendable () -> Int> { receiver in
        var n = 0
        while !receiver.isStopped {
          let number = n
          receiver.store { number }
          n += 1
        }
      }
      let stream = test.context.receiverStream(receiver)
      let received = test.output(of: stream.map { $0() })
      let windows = test.output(of: stream.window(.seconds(3)).map { $0() })
      try test.start()
      try test.runBatches { received.all.count >= 500 }
      #expect(received.all == Array(0..<received.all.count))
      // Each takes 16 bytes, in addition to its captures.
      #expect(windows.batches.allSatisfy { $0.count <= 60 })
    }
  }

  @Test func `remember keeps received records, in memory and on disk, for slices`() throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext(conf: conf(folder, buffer: 800, memory: 4000))
      defer { test.stop() }
      test.context.remember(.seconds(100_000))
      let receiver = StoringReceiver<Int> { receiver in
        var n = 0
        while !receiver.isStopped {
          receiver.store(n)
          n += 1
        }
      }
      let numbers = test.context.receiverStream(receiver)
      let even = numbers.filter { $0 % 2 == 0 }
      let output = test.output(of: even.map { $0 })
      try test.start()
      try test.runBatches { output.all.count >= 1000 }
      #expect(test.context.sparkContext.storageMemory.used <= 4000)
      let first = Time(milliseconds: 0), last = test.clock.now
      let sliced = try even.slice(first, last).flatMap { try $0.collect() }
      #expect(sliced == output.all)
      let received = try numbers.slice(first, last).flatMap { try $0.collect() }
      #expect(received == Array(0..<received.count) && received.count >= 1999)
    }
  }
}
