#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletTesting
import Synchronization
import Testing

import Martlet

@Suite(.timeLimit(.minutes(30))) struct OutputTests {
  private func makeContext() -> TestStreamingContext {
    TestStreamingContext(MartletContext(master: "local[2]", appName: "test"), batchInterval: .seconds(1))
  }

  @Test func `pprint shows ten elements, the time above them, and dots for the others`() throws {
    let test = makeContext()
    let pages = Mutex<[String]>([])
    let stream = test.stream([Array(1...12), [], [1], Array(1...10)])
    stream.map { (Text("n\($0)"), $0) }.pprint(to: { page in pages.withLock { $0.append(page) } })
    try test.start()
    try test.runBatches(4)
    test.stop()
    let rule = String(repeating: "-", count: 43)
    let time = Time(milliseconds: 1000).localDescription
    let shown = (1...10).map { "(\"n\($0)\", \($0))\n" }.joined()
    #expect(pages.withLock { $0[0] } == "\(rule)\nTime: \(time)\n\(rule)\n\(shown)...\n\n")
    #expect(pages.withLock { $0[1] } == "\(rule)\nTime: \(Time(milliseconds: 2000).localDescription)\n\(rule)\n\n")
    #expect(pages.withLock { $0[2] }.hasSuffix("(\"n1\", 1)\n\n"))
    // Nothing is left.
    #expect(pages.withLock { $0[3] }.hasSuffix("\(shown)\n"))
  }

  @Test func `every batch is saved as a folder named by its time`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let stream = test.stream([["a", "b"], []] as [[Text]])
      stream.saveAsTextFiles("\(folder)/out", "txt")
      stream.map { $0.utf8Count }.saveAsObjectFiles("\(folder)/sizes")
      try test.start()
      try test.runBatches(2)
      test.stop()
      let sc = MartletContext(master: "local[2]", appName: "read")
      #expect(try sc.textFile("\(folder)/out-1000.txt").collect() == ["a", "b"])
      #expect(try sc.textFile("\(folder)/out-2000.txt").collect() == [])
      #expect(access("\(folder)/out-2000.txt/_SUCCESS", F_OK) == 0)
      #expect(try sc.objectFile("\(folder)/sizes-1000", of: Int.self).collect() == [1, 1])
    }
  }

  @Test func `an existing folder fails the batch and remains unchanged`() throws {
    try withTemporaryFolder { folder in
      try #require(mkdir("\(folder)/out-1000", 0o755) == 0)
      let test = makeContext()
      test.stream([["a"]] as [[Text]]).saveAsTextFiles("\(folder)/out")
      try test.start()
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      #expect(error?.description.contains("\(folder)/out-1000") == true)
      test.stop()
      #expect(access("\(folder)/out-1000/_SUCCESS", F_OK) != 0)
    }
  }

  @Test func `saving refuses batches that are not whole milliseconds apart`() throws {
    let test = TestStreamingContext(
      MartletContext(master: "local[2]", appName: "test"), batchInterval: .microseconds(300))
    test.stream([["a"]] as [[Text]]).saveAsTextFiles("/nowhere/out")
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("0.3 ms") == true)
  }

  @Test func `records that a parser rejects are in a stream of their own, and are counted`() throws {
    struct NotANumber: Error {}
    let test = makeContext()
    let calls = Atomic<Int>(0)
    let parsed = test.stream([["1", "x", "3"], ["y"], []] as [[Text]]).parse { text -> Int in
      calls.add(1, ordering: .relaxed)
      guard let number = Int(text) else { throw NotANumber() }
      return number
    }
    let accepted = test.output(of: parsed.accepted)
    let rejected = test.output(of: parsed.rejected)
    try test.start()
    let times = try (0..<3).map { _ in try test.runBatch() }
    test.stop()
    #expect(times.map { accepted.batch(at: $0) } == [[1, 3], [], []])
    #expect(rejected.batch(at: times[0])?.map(\.record) == ["x"])
    #expect(rejected.batch(at: times[1])?.map(\.reason) == ["NotANumber()"])
    #expect(parsed.counts == (accepted: 2, rejected: 2))
    #expect(calls.load(ordering: .relaxed) == 4, "both streams share one pass over the records")
  }

  @Test func `parsed records are counted once, however often and far outputs read them`() throws {
    struct NotANumber: Error {}
    let batches = [Array(1...1000), [], Array(1...500)]
    let parse = { @Sendable (number: Int) throws -> Int in
      if number.isMultiple(of: 10) { throw NotANumber() }
      return number
    }
    let outputs: [(String, (ParsedStream<Int, Int>) -> Void)] = [
      ("two outputs", { for _ in 0..<2 { $0.accepted.foreachRDD { rdd in _ = try rdd.count() } } }),
      ("the beginning", { $0.accepted.pprint(1, to: { _ in }) }),
      ("the beginning of the rejected records", { $0.rejected.pprint(1, to: { _ in }) }),
      ("nothing", { $0.accepted.foreachRDD { _ in } }),
      ("a window", { $0.accepted.window(.seconds(2)).foreachRDD { rdd in _ = try rdd.count() } }),
    ]
    for (name, output) in outputs {
      let test = makeContext()
      let parsed = test.stream(batches, numPartitions: 4).parse(parse)
      output(parsed)
      try test.start()
      for _ in 0..<3 { try test.runBatch() }
      test.stop()
      #expect(parsed.counts == (accepted: 1350, rejected: 150), "\(name)")
    }
  }

  @Test func `async closures of foreachRDD and foreachPartition end before the batch does`() throws {
    let test = makeContext()
    let sums = Mutex<[Int]>([])
    test.stream([[1, 2, 3], [4]]).foreachRDD { rdd, _ in
      await Task.yield()
      try rdd.foreachPartition { elements in
        await Task.yield()
        let sum = elements.reduce(0, +)
        sums.withLock { $0.append(sum) }
      }
    }
    try test.start()
    try test.runBatch()
    #expect(sums.withLock { $0.reduce(0, +) } == 6)
    try test.runBatch()
    #expect(sums.withLock { $0.reduce(0, +) } == 10)
    test.stop()
  }

  @Test func `a report of delays comes after every batch and covers the last ones`() throws {
    let test = makeContext()
    let reports = Mutex<[String]>([])
    test.stream([[1]]).foreachRDD { [clock = test.clock] _, time in
      clock.advance(by: .milliseconds(time.milliseconds / 100))
    }
    test.context.addStreamingListener(
      StatsReportListener(numBatchInfos: 2) { report in reports.withLock { $0.append(report) } })
    try test.start()
    try test.runBatches(5)
    test.stop()
    let all = reports.withLock { $0 }
    try #require(all.count == 5)
    let range = all.map { report in
      let first = report.prefix { $0 != "\n" }
      return
        "\(first.prefix { $0 != "," }), \(first.split(separator: ",")[1].dropFirst()), \(first.split(separator: ",").last ?? "")"
    }
    #expect(
      range == [
        "Total delay: 1 batches, min 10.0 ms,  max 10.0 ms", "Total delay: 2 batches, min 10.0 ms,  max 20.0 ms",
        "Total delay: 2 batches, min 20.0 ms,  max 30.0 ms", "Total delay: 2 batches, min 30.0 ms,  max 40.0 ms",
        "Total delay: 2 batches, min 40.0 ms,  max 50.0 ms",
      ])
  }

  @Test func `two outputs that save in the same folders are refused, with the lines of both`() throws {
    let same: [((String, String?), (String, String?))] = [
      (("/tmp/x", nil), ("/tmp/x", nil)), (("/tmp/x", "a"), ("/tmp/x", "a")), (("/tmp/x", nil), ("/tmp//y/../x", "")),
      (("x", nil), ("./x", nil)),
    ]
    for (first, second) in same {
      let test = makeContext()
      let stream = test.stream([[1]])
      stream.saveAsTextFiles(first.0, first.1, file: "Program/main.swift", line: 11)
      stream.saveAsObjectFiles(second.0, second.1, file: "Program/main.swift", line: 12)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("saveAsTextFiles at Program/main.swift:11") == true)
      #expect(error?.message.contains("saveAsObjectFiles at Program/main.swift:12") == true)
    }
    try withTemporaryFolder { folder in
      let test = makeContext()
      let stream = test.stream([[1]])
      stream.saveAsTextFiles("\(folder)/x")
      stream.saveAsTextFiles("\(folder)/x", "a")
      stream.saveAsTextFiles("\(folder)/y")
      try test.start()
      try test.runBatch()
      test.stop()
    }
  }

  @Test func `foreachRDD takes the time first, as Python does, or last`() throws {
    let test = makeContext()
    let calls = Mutex<[String]>([])
    let stream = test.stream([[1, 2]])
    stream.foreachRDD { time, rdd in
      let count = try rdd.count()
      calls.withLock { $0.append("\(time.milliseconds) \(count)") }
    }
    stream.foreachRDD { time, rdd in
      await Task.yield()
      let count = try rdd.count()
      calls.withLock { $0.append("\(time.milliseconds) \(count) async") }
    }
    stream.foreachRDD { rdd, time in
      let count = try rdd.count()
      calls.withLock { $0.append("\(time.milliseconds) \(count) last") }
    }
    try test.start()
    try test.runBatch()
    test.stop()
    #expect(calls.withLock { $0 } == ["1000 2", "1000 2 async", "1000 2 last"])
  }

  @Test func `folders can be given a suffix by name`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let stream = test.stream([["a"]] as [[Text]])
      stream.saveAsTextFiles("\(folder)/out", suffix: "txt")
      stream.saveAsObjectFiles("\(folder)/objects", suffix: "bin")
      try test.start()
      try test.runBatch()
      test.stop()
      let sc = MartletContext(master: "local[1]", appName: "test")
      #expect(try sc.textFile("\(folder)/out-1000.txt").collect() == ["a"])
      #expect(try sc.objectFile("\(folder)/objects-1000.bin", of: Text.self).collect() == ["a"])
    }
  }
}
