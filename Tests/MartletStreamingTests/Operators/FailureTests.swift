import MartletTesting
import TestSupport
import Testing

private struct Refusal: Error, CustomStringConvertible {
  let description: String
}

private func refuse(_ number: Int) throws -> Int {
  if number == 7 { throw Refusal(description: "7 is not welcome") }
  return number
}

private func refuseAny(_ numbers: RDD<Int>) throws -> RDD<Int> {
  for number in try numbers.collect() { _ = try refuse(number) }
  return numbers
}

@Suite(.timeLimit(.minutes(30))) struct FailureTests {
  /// Runs a batch without and one with the number that closures refuse, and returns the failure of the second.
  private func failure<Output: Sendable>(
    partitions: Int = 2, line: UInt = #line, sourceLocation: SourceLocation = #_sourceLocation,
    _ operation: (DStream<Int>) -> DStream<Output>
  ) throws -> BatchFailure {
    let failure = #expect(throws: BatchFailure.self, sourceLocation: sourceLocation) {
      try testOperation([[1, 2], [3, 7]], numPartitions: partitions, line: line, operation)
    }
    return try #require(failure)
  }

  /// Checks that the failure names the operator, the partition and the line of the program.
  private func names(_ failure: BatchFailure, _ operation: String, line: UInt, partition: Int? = nil) -> Bool {
    guard let inner = failure.underlying as? OperatorFailure else { return false }
    return inner.operatorName == operation && inner.callSite.line == line
      && inner.callSite.file == "MartletStreamingTests/FailureTests.swift"
      && (partition == nil || inner.partition == partition) && inner.partition != nil
      && "\(inner.underlying)" == "7 is not welcome"
  }

  @Test func `a throwing closure is reported with batch, output operation, operator, partition and line`() throws {
    let failure = try failure { $0.map { try refuse($0) } }
    let line = UInt(#line - 1)
    #expect(failure.batchTime == Time(milliseconds: 2000))
    #expect(failure.outputOperation == "testOutput at MartletStreamingTests/FailureTests.swift:\(line)")
    #expect(names(failure, "map", line: line, partition: 1))
    let text = """
      The batch of \(Time(milliseconds: 2000).localDescription) (2000 ms), output operation testOutput at \
      MartletStreamingTests/FailureTests.swift:\(line) failed: map at MartletStreamingTests/FailureTests.swift:\(line), \
      partition 1 failed: 7 is not welcome
      """
    #expect("\(failure)" == text)
  }

  @Test func `every operator names itself`() throws {
    #expect(names(try failure { $0.filter { try refuse($0) > 0 } }, "filter", line: #line))
    #expect(names(try failure { $0.flatMap { [try refuse($0)] } }, "flatMap", line: #line))
    #expect(names(try failure { $0.map { ($0, $0) }.mapValues { try refuse($0) } }, "mapValues", line: #line))
    #expect(names(try failure { $0.mapPartitions { try $0.map(refuse) } }, "mapPartitions", line: #line))
    #expect(names(try failure { $0.reduce { try refuse($0) + refuse($1) } }, "reduce", line: #line))
    #expect(
      names(
        try failure { $0.map { (0, $0) }.reduceByKey { try refuse($0) + refuse($1) } }, "reduceByKey", line: #line))
  }

  @Test func `an operator after a shuffle is not blamed for one before it`() throws {
    let failure = try failure { $0.map { try refuse($0) }.map { ($0, 1) }.reduceByKey(+).map { $0.0 } }
    #expect(names(failure, "map", line: #line - 1, partition: 1))
  }

  @Test func `a throwing closure of many partitions fails once and leaves nothing running`() throws {
    for _ in 0..<20 {
      #expect(names(try failure(partitions: 50) { $0.map { try refuse($0) } }, "map", line: #line, partition: 49))
    }
  }

  @Test func `a throwing transform closure names the batch and the operator`() throws {
    let operation = { (stream: DStream<Int>) in stream.transform { try refuseAny($0) } }
    let line = UInt(#line - 1)
    let failure = try failure(operation)
    #expect(failure.batchTime == Time(milliseconds: 2000))
    #expect(failure.outputOperation == nil)
    let inner = try #require(failure.underlying as? OperatorFailure)
    #expect(inner.operatorName == "transform")
    #expect(inner.callSite.line == line)
  }

  @Test func `a throwing output operation is named`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    test.stream([[1]]).foreachRDD { (rdd: RDD<Int>) in throw Refusal(description: "disk full") }
    try test.start()
    let failure = #expect(throws: BatchFailure.self) { try test.runBatch() }
    #expect(failure?.outputOperation == "foreachRDD at MartletStreamingTests/FailureTests.swift:\(#line - 3)")
    #expect(failure.map { "\($0.underlying)".contains("disk full") } == true)
    let completed = try #require(test.events.completedBatches.first)
    #expect(completed.outputOperationInfos[0].failureReason?.contains("disk full") == true)
  }

  @Test func `an action inside a task is refused`() throws {
    let failure = #expect(throws: BatchFailure.self) {
      try testOperation([[1]]) { stream in
        let table = stream.context.sparkContext.parallelize([1, 2])
        return stream.map { try table.count() + $0 }
      }
    }
    #expect(failure.map { "\($0)".contains("inside the closure of a task") } == true)
  }

  @Test func `a union of no streams is refused by name`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    _ = test.output(of: test.context.union([DStream<Int>]()))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(
      error?.message.hasPrefix("union at MartletStreamingTests/FailureTests.swift:\(#line - 2) got no streams") == true)
  }

  @Test func `streams with different slides cannot be combined by accident`() throws {
    let operations: [(name: String, (StreamingContext, DStream<Int>, DStream<Int>) -> DStream<Int>)] = [
      ("union", { $0.union([$1, $2]) }), ("transform", { $0.transform([$1, $2]) { rdds, _ in rdds[0] } }),
      ("transform", { $0.transform($1, $2) { a, _, _ in a } }),
      ("transform", { $0.transform($1, $1, $2) { a, _, _, _ in a } }),
      ("transformWith", { $1.transformWith($2) { a, _ in a } }),
    ]
    for (name, operation) in operations {
      let test = TestStreamingContext()
      defer { test.stop() }
      let numbers = test.stream([[1], [2]])
      _ = test.output(of: operation(test.context, numbers, numbers.window(.seconds(2), .seconds(2))))
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.hasPrefix("\(name) at MartletStreamingTests/FailureTests.swift") == true)
      #expect(error?.message.contains("that slide by 1 s") == true)
    }
  }

  @Test func `streams of two contexts cannot be combined`() {
    typealias Numbers = DStream<(Int, Int)>
    let operations: [(String, (StreamingContext, Numbers, Numbers) -> Void)] = [
      ("union", { $1.union($2).pprint() }), ("join", { $1.join($2).pprint() }),
      ("fullOuterJoin", { $1.fullOuterJoin($2).pprint() }),
      ("cogroup", { _, a, b in (a.cogroup(b) as DStream<(Int, ([Int], [Int]))>).pprint() }),
      ("transformWith", { $1.transformWith($2) { a, _ in a }.pprint() }),
      ("union", { $0.union([$1, $2]).pprint() }), ("union", { $0.union([$2]).pprint() }),
      ("transform", { $0.transform([$1, $2]) { rdds, _ in rdds[0] }.pprint() }),
    ]
    for (name, operation) in operations {
      for isOther in [false, true] {
        let (one, other) = (TestStreamingContext(), TestStreamingContext())
        let numbers = one.stream([[1]], file: "Program/main.swift", line: 21).map { ($0, $0) }
        let others = other.stream([[1]]).map({ ($0, $0) }, file: "Program/main.swift", line: 22)
        others.pprint()
        operation(one.context, numbers, others)
        let error = #expect(throws: MartletError.self) { try (isOther ? other : one).start() }
        #expect(error?.message.contains("\(name) at MartletStreamingTests/FailureTests.swift") == true, "\(name)")
        #expect(error?.message.contains("two contexts: map at Program/main.swift:22") == true, "\(name)")
      }
    }
  }

  @Test func `a late call is named with its own line`() throws {
    let late: [(String, (TestStreamingContext, DStream<Int>) -> Void)] = [
      ("persist", { $1.persist(file: "Program/main.swift", line: 31) }),
      ("persist", { $1.cache(file: "Program/main.swift", line: 31) }),
      ("name", { $1.name("x", file: "Program/main.swift", line: 31) }),
      ("checkpoint", { $1.checkpoint(.seconds(1), file: "Program/main.swift", line: 31) }),
      ("checkpoint", { test, _ in test.context.checkpoint("x", file: "Program/main.swift", line: 31) }),
    ]
    for (name, call) in late {
      let log = RecordedLog()
      let test = TestStreamingContext(MartletContext(master: "local[2]", logger: log.logger))
      let stream = test.stream([[1]])
      _ = test.output(of: stream)
      try test.start()
      call(test, stream)
      try test.runBatch()
      test.stop()
      #expect(
        log.messages.contains { $0.hasPrefix("error \(name) at Program/main.swift:31 was called after") }, "\(name)")
    }
  }

  @Test func `the rejected records of a parser can be read after the start`() throws {
    let test = TestStreamingContext()
    let parsed = test.stream([[1], [2]]).parse { $0 }
    let output = test.output(of: parsed.accepted)
    parsed.accepted.foreachRDD { (_: RDD<Int>) in _ = parsed.rejected }
    try test.start()
    _ = parsed.rejected
    try test.runBatches(2)
    test.stop()
    #expect(output.batches == [[1], [2]])
  }
}
