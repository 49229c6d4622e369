#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@testable import MartletSources
@testable import MartletStreaming
import MartletTesting
import Synchronization
import TestSupport
import Testing

/// A graceful stop makes one last batch of the records since the last tick, whatever their source.
@Suite(.timeLimit(.minutes(30))) struct LastBatchTests {
  private func makeContext(settle: Int = 0, log: RecordedLog = RecordedLog()) -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set(.fileSettleTime, to: .milliseconds(settle))
    return TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
  }

  private func moveIn(_ text: String, _ name: String, _ folder: String) throws {
    try writeStreamInput("\(folder)/.\(name)", text)
    try #require(rename("\(folder)/.\(name)", "\(folder)/\(name)") == 0)
  }

  private func write(_ text: String, _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  @Test func `an RDD that was queued since the last batch is processed`() async throws {
    let test = makeContext()
    let queue = RDDQueue<Int>()
    let output = test.output(of: test.context.queueStream(queue))
    try test.start()
    try test.runBatch()
    queue.append(test.context.sparkContext.parallelize([42]))
    await test.context.stop(gracefully: true)
    #expect(output.batches == [[], [42]])
    #expect(output.times == [Time(milliseconds: 1000), Time(milliseconds: 2000)])
    #expect(queue.count == 0)
  }

  @Test func `of a queue that is read one at a time, the next RDD is the last`() async throws {
    let test = makeContext()
    let queue = RDDQueue<Int>((1...5).map { test.context.sparkContext.parallelize([$0]) })
    let output = test.output(of: test.context.queueStream(queue))
    try test.start()
    try test.runBatch()
    test.stop(gracefully: true)
    #expect(output.batches == [[1], [2]])
    #expect(queue.count == 3)
  }

  @Test func `a file that was moved in since the last batch is read`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext(settle: 200)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try moveIn("a\n", "1", folder)
      try test.runBatch()
      try moveIn("b\n", "2", folder)
      test.stop(gracefully: true)
      #expect(output.batches == [["a"], ["b"]])
    }
  }

  @Test func `a file that came after the time of a late last batch is read`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let gate = Gate()
      let lines = test.context.textFileStream(folder).transform { (lines: RDD<Text>) in
        gate.pass()
        return lines
      }
      let output = test.output(of: lines)
      try test.start()
      test.clock.advance(by: .seconds(5))
      gate.waitUntilReached()
      try moveIn("a\n", "1", folder)
      test.context.requestStop(gracefully: true)
      let scheduler = try #require(test.context.scheduling.withLock { $0.scheduler })
      while !scheduler.isStopping { sched_yield() }
      gate.open()
      test.stop(gracefully: true)
      #expect(output.batches == [[], ["a"]])
      #expect(test.context.progress.unfinished == nil)
    }
  }

  @Test func `files that exceed the limit of a batch are all in the last one, unless a checkpoint keeps them`() throws {
    for isKept in [false, true] {
      try withTemporaryFolder { root in
        let input = "\(root)/in"
        try #require(mkdir(input, 0o755) == 0)
        let conf = MartletConf().setMaster("local[2]").set(.maximumFilesPerBatch, to: 1)
        let test = TestStreamingContext(MartletContext(conf: conf, logger: RecordedLog().logger))
        if isKept { test.context.checkpoint("\(root)/checkpoint") }
        let output = test.output(of: test.context.textFileStream(input))
        try test.start()
        for name in ["1", "2", "3", "4"] { try moveIn("\(name)\n", name, input) }
        try test.runBatch()
        test.stop(gracefully: true)
        #expect(output.batches == (isKept ? [["1"], ["2"]] : [["1"], ["2", "3", "4"]]))
      }
    }
  }

  @Test func `a file that was written in place is read once it has remained unchanged`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext(settle: 200)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try test.runBatch()
      try write("b\n", "\(folder)/2")
      test.stop(gracefully: true)
      #expect(output.batches == [[], ["b"]])
    }
  }

  @Test func `all streams of a context wait for such files at the same time`() throws {
    try withTemporaryFolder { root in
      let test = makeContext(settle: 1000)
      let folders = (0..<20).map { "\(root)/\($0)" }
      for folder in folders { try #require(mkdir(folder, 0o755) == 0) }
      let outputs = folders.map { test.output(of: test.context.textFileStream($0)) }
      try test.start()
      try test.runBatch()
      for folder in folders { try write("b\n", "\(folder)/2") }
      let begin = ContinuousClock.now
      test.stop(gracefully: true)
      #expect(ContinuousClock.now - begin < .seconds(10))
      #expect(outputs.allSatisfy { $0.batches == [[], ["b"]] })
    }
  }

  @Test func `a file with a settle time longer than a stop waits is left, and the log says so`() throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(settle: 1_000_000, log: log)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try test.runBatch()
      try write("b\n", "\(folder)/2")
      test.stop(gracefully: true)
      #expect(output.batches == [[]])
      #expect(
        log.messages.contains { $0.contains("stops without reading the file '\(folder)/2', because it may still be") })
    }
  }

  @Test func `with a checkpoint, the last batch completes and its file is not read again`() throws {
    try withTemporaryFolder { root in
      let input = "\(root)/in"
      try #require(mkdir(input, 0o755) == 0)
      func program() -> (TestStreamingContext, StreamOutput<Text>) {
        let test = makeContext()
        test.context.checkpoint("\(root)/checkpoint")
        return (test, test.output(of: test.context.textFileStream(input)))
      }
      let (test, output) = program()
      try test.start()
      try test.runBatch()
      try moveIn("a\n", "1", input)
      test.stop(gracefully: true)
      #expect(output.batches == [[], ["a"]])
      let (again, rest) = program()
      again.clock.set(Time(milliseconds: 2000))
      try again.start()
      try moveIn("b\n", "2", input)
      again.clock.advance(by: .seconds(1))
      try again.context.waitUntilCompleted(Time(milliseconds: 3000))
      #expect(rest.batches == [["b"]])
      again.stop()
    }
  }

  @Test func `there is no last batch without records, nor after an ordinary stop`() throws {
    try withTemporaryFolder { folder in
      for gracefully in [true, false] {
        let test = makeContext()
        let queue = RDDQueue<Int>()
        let output = test.output(of: test.context.queueStream(queue))
        let lines = test.output(of: test.context.textFileStream(folder))
        try test.start()
        try test.runBatch()
        if !gracefully { queue.append(test.context.sparkContext.parallelize([1])) }
        test.stop(gracefully: gracefully)
        #expect(output.batches == [[]] && lines.batches == [[]])
      }
    }
  }
}
