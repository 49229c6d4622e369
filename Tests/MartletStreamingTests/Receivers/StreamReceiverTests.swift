import MartletCore
import MartletTesting
import Synchronization
import TestSupport
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A receiver whose behavior is defined in the test.
private struct ScriptedSource: StreamReceiver {
  let script: @Sendable (StreamInput<Int>) async throws -> Void

  init(_ script: @escaping @Sendable (StreamInput<Int>) async throws -> Void) { self.script = script }

  func receive(into stream: StreamInput<Int>) async throws { try await script(stream) }
}

private struct Refusal: Error {}

/// Counts up from zero; an error follows after `limit` elements.
private struct Counting: AsyncSequence, Sendable {
  var first = 0
  var limit = Int.max
  let taken = Taken()

  final class Taken: Sendable {
    let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
  }

  func makeAsyncIterator() -> Iterator { Iterator(counting: self) }

  struct Iterator: AsyncIteratorProtocol {
    let counting: Counting

    mutating func next() async throws -> Int? {
      let number = counting.taken.count.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
      if number >= counting.limit { throw Refusal() }
      return counting.first + number
    }
  }
}

@Suite(.timeLimit(.minutes(30))) struct StreamReceiverTests {
  private func started<Element>(
    conf: MartletConf = MartletConf(), log: RecordedLog = RecordedLog(),
    _ stream: (StreamingContext) -> DStream<Element>
  ) throws -> (TestStreamingContext, StreamOutput<Element>) {
    let test = TestStreamingContext(MartletContext(conf: conf.setMaster("local[2]"), logger: log.logger))
    let output = test.output(of: stream(test.context))
    try test.start()
    return (test, output)
  }

  @Test func `the elements of a sequence come in order, and its end does not end the stream`() throws {
    let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
    let (test, output) = try started { $0.stream(of: numbers) }
    for n in 0..<100 { continuation.yield(n) }
    try test.runBatches { output.all.count == 100 }
    continuation.yield(100)
    continuation.finish()
    #expect(test.events.wait { $0.contains { $0.name == "receiverStopped" } })
    try test.runBatches(2)
    test.stop()
    #expect(output.all == Array(0...100))
    #expect(test.events.receiverErrors.isEmpty)
  }

  @Test func `a sequence that throws is reported, and the stream continues without it`() throws {
    let (test, output) = try started { $0.stream(of: Counting(limit: 3)) }
    #expect(test.events.wait { $0.contains { $0.name == "receiverStopped" } })
    try test.runBatches(2)
    test.stop()
    #expect(output.all == [0, 1, 2])
    #expect(
      test.events.receiverErrors.map(\.lastErrorMessage) == ["The sequence has ended with an error: Refusal()"])
    #expect(test.events.receiverErrors.map(\.name) == ["Counting"])
  }

  @Test func `after an error, the closure makes another sequence`() throws {
    let log = RecordedLog()
    let starts = Atomic<Int>(0)
    let (test, output) = try started(log: log) { ssc in
      ssc.stream { () async throws -> Counting in
        let start = starts.wrappingAdd(1, ordering: .relaxed).newValue
        if start == 1 { throw Refusal() }
        return Counting(first: start * 10, limit: 2)
      }
    }
    try test.runBatches { output.all.count >= 4 }
    test.stop()
    #expect(output.all.prefix(4) == [20, 21, 30, 31])
    #expect(log.messages.first == "warning Receiver 0, Counting: Refusal(). Trying again in 100 ms.")
  }

  @Test(arguments: [false, true])
  func `an empty sequence ends with the context`(gracefully: Bool) throws {
    let log = RecordedLog()
    let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
    let (test, output) = try started(log: log) { $0.stream(of: numbers) }
    try test.runBatch()
    test.stop(gracefully: gracefully)
    #expect(output.all == [] && log.messages == [])
    withExtendedLifetime(continuation) {}
  }

  @Test func `the context stops without a sequence that ignores cancellation, and reports so`() throws {
    /// Yields nothing, whatever happens.
    struct Deaf: AsyncSequence, Sendable {
      let begun: Signal
      let end: Signal
      func makeAsyncIterator() -> Iterator { Iterator(begun: begun, end: end) }
      struct Iterator: AsyncIteratorProtocol {
        let begun: Signal
        let end: Signal
        mutating func next() async -> Int? {
          begun.raise()
          end.wait()
          return nil
        }
      }
    }
    let log = RecordedLog()
    let (begun, end) = (Signal(), Signal())
    let conf = MartletConf().set(.receiverStopTimeout, to: .milliseconds(50))
    let (test, _) = try started(conf: conf, log: log) { $0.stream(of: Deaf(begun: begun, end: end)) }
    begun.wait()
    try test.runBatch()
    test.stop()
    #expect(log.messages.first?.contains("Receiver 0, Deaf, was asked to stop and has not ended in time") == true)
    end.raise()
  }

  @Test func `a sequence that is faster than the batches waits, and a graceful stop processes the elements taken`()
    throws
  {
    let conf = MartletConf().set(.receiverBufferBytes, to: 8000)
    let numbers = Counting()
    let (test, output) = try started(conf: conf) { $0.stream(of: numbers) }
    // 8000 bytes hold 1000 numbers; one more has been taken and waits.
    func hold() throws {
      let deadline = MonotonicTime.now + .seconds(60)
      while numbers.taken.value < output.all.count + 1001, MonotonicTime.now < deadline {}
    }
    for _ in 0..<5 {
      try hold()
      #expect(numbers.taken.value <= output.all.count + 1001)
      try test.runBatch()
    }
    #expect(output.batches.allSatisfy { $0.count <= 1001 })
    test.stop(gracefully: true)
    #expect(output.all == Array(0..<numbers.taken.value))
  }

  @Test func `a receiver that is a structure stores until its task is cancelled`() throws {
    let (test, output) = try started { ssc in
      ssc.receiverStream(
        ScriptedSource { stream in
          var n = 0
          while !Task.isCancelled {
            await stream.store(n)
            n += 1
          }
        })
    }
    try test.runBatches { output.all.count >= 100 }
    test.stop()
    #expect(output.all == Array(0..<output.all.count))
    #expect(test.events.events.last?.name == "receiverStopped")
  }

  @Test func `tasks of a receiver that wait for space do not block Swift's own threads`() async throws {
    let conf = MartletConf().set(.receiverBufferBytes, to: 80)
    let stored = Counting.Taken()
    let (test, output) = try started(conf: conf) { ssc in
      ssc.receiverStream(
        ScriptedSource { stream in
          await withTaskGroup { group in
            for task in 0..<80 {
              // One half on the receiver's thread, the other on Swift's own.
              group.addTask(executorPreference: task < 40 ? nil : globalConcurrentExecutor) {
                for n in 0..<4 {
                  await stream.store(task * 4 + n)
                  stored.count.add(1, ordering: .sequentiallyConsistent)
                }
              }
            }
          }
        })
    }
    // This test also runs on one of those threads.
    await wait(for: "A full queue") { stored.value >= 10 }
    await Task.detached {}.value
    // Other tests may block those threads for a while: this one releases its own between batches.
    while output.all.count < 320 {
      try test.runBatch()
      await Task.yield()
    }
    await test.context.stop()
    #expect(output.all.sorted() == Array(0..<320))
  }

  @Test func `a receiver that throws is reported and called again, and one that returns has ended`() throws {
    let starts = Atomic<Int>(0)
    let (test, output) = try started { ssc in
      ssc.receiverStream(
        ScriptedSource { stream in
          let start = starts.wrappingAdd(1, ordering: .relaxed).newValue
          stream.reportError("start \(start)")
          #expect(await stream.store(contentsOf: [start, start]))
          if start < 3 { throw Refusal() }
        })
    }
    #expect(test.events.wait { $0.contains { $0.name == "receiverStopped" } })
    try test.runBatches(2)
    test.stop()
    #expect(output.all == [1, 1, 2, 2, 3, 3])
    #expect(
      test.events.receiverErrors.map(\.lastErrorMessage) == ["start 1", "Refusal()", "start 2", "Refusal()", "start 3"])
  }

  @Test func `the elements of a sequence are in the log, and are processed once after a restart`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(at time: Int, _ first: Int) throws -> (TestStreamingContext, StreamOutput<Int>) {
        let test = recoverable(folder.path, at: Time(milliseconds: time))
        let (numbers, continuation) = AsyncStream.makeStream(of: Int.self)
        for n in first..<first + 10 { continuation.yield(n) }
        let output = test.output(of: test.context.stream(of: numbers))
        try test.start()
        return (test, output)
      }
      let (first, before) = try start(at: 0, 0)
      try first.runBatches { before.all.count == 10 }
      folder.takeImage("processed")
      first.stop()
      let image = try #require(folder.takeImages().first)
      try folder.restore(image.path)
      let (second, after) = try start(at: 1_000_000, 10)
      try second.runBatches { after.all.count >= 10 }
      second.stop()
      #expect(after.all == Array(10..<20), "processed elements do not come again, and new ones come once")
    }
  }

  @Test func `records in a receiver's log come once after a restart, although no batch had them`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let isStored = Signal()
      func start(at time: Int, _ records: [Int]) throws -> (TestStreamingContext, StreamOutput<Int>) {
        let test = recoverable(folder.path, at: Time(milliseconds: time))
        let source = ScriptedSource { stream in
          #expect(await stream.store(contentsOf: records))
          isStored.raise()
        }
        let output = test.output(of: test.context.receiverStream(source))
        try test.start()
        return (test, output)
      }
      let (first, before) = try start(at: 0, [1, 2, 3])
      isStored.wait()
      folder.takeImage("stored")
      first.stop()
      #expect(before.all == [])
      let image = try #require(folder.takeImages().first)
      try folder.restore(image.path)
      let (second, after) = try start(at: 1_000_000, [4])
      try second.runBatches { after.all.count >= 4 }
      second.stop()
      #expect(after.all == [1, 2, 3, 4])
    }
  }
}
