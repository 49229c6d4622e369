#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// The bound on the memory of all receivers of a context together.
@Suite(.timeLimit(.minutes(30))) struct ReceiverMemoryTests {
  /// Stores numbers until it is stopped.
  private final class Flood: Receiver<Int>, @unchecked Sendable {
    override func onStart() {
      while !isStopped { store(streamID) }
    }
  }

  private func queues(_ count: Int, limit: Int) -> [BlockQueue<Int>] {
    let memory = ReceiverMemory(limit: limit, receivers: count)
    return (0..<count).map { _ in
      let queue = BlockQueue<Int>(limit: .max)
      queue.share(memory)
      return queue
    }
  }

  /// Stores without end, on a thread of its own, until the queue is closed.
  private func flood(_ queue: BlockQueue<Int>) -> WorkerThread {
    WorkerThread(name: "test-flood") {
      while queue.waitUntilRoom() { queue.store(1) }
    }
  }

  private func wait(for what: String, _ condition: () -> Bool) {
    let deadline = ContinuousClock.now + .seconds(120)
    while !condition() {
      guard ContinuousClock.now < deadline else {
        Issue.record("\(what) has not come.")
        return
      }
      sched_yield()
    }
  }

  @Test func `one receiver may take memory that others do not need, and each keeps a share`() {
    // Shares of 1,000 bytes for each of 4, and 4,000 for all.
    let queues = queues(4, limit: 8000)
    let greedy = flood(queues[0])
    wait(for: "The greedy one's limit") { queues[0].heldBytes == 5000 }
    for queue in queues[1...] {
      for _ in 0..<125 { queue.store(2) }
      #expect(queue.heldBytes == 1000)
    }
    #expect(queues.map(\.heldBytes).reduce(0, +) == 8000)
    for queue in queues { queue.close() }
    greedy.join()
  }

  @Test func `a receiver that waits for another's memory continues when it is released`() {
    let queues = queues(2, limit: 4000)
    let greedy = flood(queues[0])
    wait(for: "The greedy one's limit") { queues[0].heldBytes == 3000 }
    let modest = flood(queues[1])
    wait(for: "The modest one's share") { queues[1].heldBytes == 1000 }
    // The first ends; its batch is complete.
    queues[0].close()
    greedy.join()
    for block in queues[0].takeAll() { block.giveBackRoom() }
    wait(for: "The rest for the modest one") { queues[1].heldBytes == 3000 }
    queues[1].close()
    modest.join()
  }

  @Test func `a block that exceeds the remaining memory counts, and everything is released`() {
    let queues = queues(2, limit: 4000)
    queues[0].store(contentsOf: Array(repeating: 1, count: 1000))
    #expect(queues[0].heldBytes == 8000)
    // No common memory is left, and the share is available.
    let other = flood(queues[1])
    wait(for: "The share") { queues[1].heldBytes == 1000 }
    for _ in 0..<3 {
      for block in queues[0].takeAll() { block.giveBackRoom() }
      wait(for: "The rest") { queues[1].heldBytes == 3000 }
      for block in queues[1].takeAll() { block.giveBackRoom() }
    }
    wait(for: "The rest") { queues[1].heldBytes == 3000 }
    queues[1].close()
    other.join()
  }

  @Test func `eight receivers together stay below one bound, and all of them continue`() throws {
    let limit = 80_000
    let conf = MartletConf().setMaster("local[9]").set(ReceiverSetting.memoryKey, "\(limit)")
    let test = TestStreamingContext(conf: conf)
    let streams = (0..<8).map { _ in test.context.receiverStream(Flood()) }
    let output = test.output(of: test.context.union(streams))
    try test.start()
    try test.runBatches {
      let all = output.all
      return (0..<8).allSatisfy { stream in all.count { $0 == stream } >= 3000 }
    }
    let most = try #require(output.batches.map(\.count).max())
    #expect(most * MemoryLayout<Int>.stride <= limit + 8 * MemoryLayout<Int>.stride)
    test.stop()
  }

  @Test func `by default they hold half of the context's memory, or the limit of one receiver`() throws {
    func limit(_ settings: [String: String]) throws -> Int {
      let conf = settings.reduce(MartletConf().setMaster("local[2]")) { $0.set($1.key, $1.value) }
      return try TestStreamingContext(conf: conf).context.receiverMemoryLimit()
    }
    #expect(try limit([MartletConf.Key.memoryBytes: "1000000000"]) == 500_000_000)
    #expect(try limit([MartletConf.Key.memoryBytes: "0"]) == 64 << 20)
    #expect(
      try limit([MartletConf.Key.memoryBytes: "0", StreamingContext.receiverBufferKey: "100000000"]) == 100_000_000)
    #expect(try limit([ReceiverSetting.memoryKey: "5"]) == 5)
  }

  @Test(arguments: [ReceiverSetting.memoryKey, ReceiverSetting.stopTimeoutKey])
  func `an invalid setting is refused at the start`(key: String) throws {
    let test = TestStreamingContext(conf: MartletConf().setMaster("local[2]").set(key, "-1"))
    _ = test.output(of: test.context.receiverStream(Flood()))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("The setting \(key) is '-1'") == true)
  }
}
