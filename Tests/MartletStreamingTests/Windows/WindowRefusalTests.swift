import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct WindowRefusalTests {
  private struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  /// The error of `start()` for a window over batches of one second.
  private func refusal<Output: Sendable>(_ operation: (DStream<Int>) -> DStream<Output>) throws -> String {
    let test = TestStreamingContext()
    defer { test.stop() }
    _ = test.output(of: operation(test.stream(of: Int.self, line: 7)))
    let error = #expect(throws: MartletError.self) { try test.start() }
    return error.map { $0.message } ?? ""
  }

  @Test func `a window that does not consist of whole batches is refused with the numbers`() throws {
    let text = try refusal { $0.window(.milliseconds(2500)) }
    let line = #line - 1
    #expect(
      text == """
        window at MartletStreamingTests/WindowRefusalTests.swift:\(line): a window of 2500 ms cannot be made of \
        whole batches. It must be a whole number of 1 s, the time by which the stream before it slides (testStream at \
        MartletStreamingTests/WindowRefusalTests.swift:7).
        """)
    #expect(try refusal { $0.window(.seconds(2), .milliseconds(1500)) }.contains("a slide of 1500 ms"))
  }

  @Test func `every operator refuses and names itself`() throws {
    let second = Duration.seconds(1), odd = Duration.milliseconds(1500)
    let refusals = [
      try refusal { $0.reduceByWindow(+, odd, second) },
      try refusal { $0.reduceByWindow(+, -, second, odd) },
      try refusal { $0.countByWindow(odd, second) },
      try refusal { $0.countByValueAndWindow(second, odd) },
      try refusal { $0.map { ($0, 1) }.groupByKeyAndWindow(odd) },
      try refusal { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, odd) },
      try refusal { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, -, second, odd) },
    ]
    let names = [
      "reduceByWindow", "reduceByWindow", "countByWindow", "countByValueAndWindow", "groupByKeyAndWindow",
      "reduceByKeyAndWindow", "reduceByKeyAndWindow",
    ]
    for (text, name) in zip(refusals, names) {
      #expect(text.hasPrefix("\(name) at MartletStreamingTests/WindowRefusalTests.swift:"))
      #expect(text.contains("of 1500 ms cannot be made of whole batches"))
    }
  }

  @Test func `a window over a window must fit that window's slide`() throws {
    let text = try refusal { $0.window(.seconds(2), .seconds(2)).countByWindow(.seconds(3), .seconds(2)) }
    #expect(text.contains("a window of 3 s cannot be made of whole batches. It must be a multiple of 2 s"))
  }

  @Test(arguments: [
    Duration.zero, .seconds(-1), .seconds(Int64.max), .seconds(Int64.min),
    Duration(secondsComponent: 0, attosecondsComponent: 1),
  ])
  func `invalid lengths are refused`(_ length: Duration) throws {
    #expect(try refusal { $0.window(length) }.contains("a window of "))
    #expect(try refusal { $0.window(.seconds(1), length) }.contains("a slide of "))
    #expect(try refusal { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, -, length) }.contains("a window of "))
  }

  @Test func `a number of partitions below 1 is refused`() throws {
    #expect(
      try refusal { $0.countByValueAndWindow(.seconds(1), .seconds(1), 0) }.contains("the number of partitions is 0;"))
    #expect(
      try refusal { $0.map { ($0, 1) }.reduceByKeyAndWindow(+, .seconds(1), nil, -1) }.contains(
        "the number of partitions is -1;"))
  }

  @Test func `windows with different slides are not combined by accident`() throws {
    let text = try refusal { $0.window(.seconds(2)).union($0.window(.seconds(2), .seconds(2))) }
    #expect(text.contains("that slide by 1 s") && text.contains("and by 2 s"))
  }

  // MARK: Closures that throw

  /// The failure of a window over batches of which the third causes an error.
  private func failure<Output: Sendable>(
    _ operation: (DStream<(String, Int)>) -> DStream<Output>
  ) throws -> OperatorFailure {
    let error = #expect(throws: BatchFailure.self) {
      try testOperation([[("a", 1)], [("a", 2)], [("a", 7)], [("a", 1)]], operation)
    }
    return try #require(error?.underlying as? OperatorFailure)
  }

  private func refuse(_ number: Int) throws -> Int {
    if number >= 7 { throw Refusal(description: "\(number) is too much") }
    return number
  }

  @Test func `a closure that throws is named with its line`() throws {
    let second = Duration.seconds(1)
    let failures = [
      (try failure { $0.reduceByKeyAndWindow({ try refuse($0 + $1) }, second * 2) }, #line),
      (try failure { $0.reduceByKeyAndWindow({ try refuse($0 + $1) }, -, second * 2) }, #line),
      (try failure { $0.reduceByKeyAndWindow(+, { $0 - (try refuse($1)) }, second) }, #line),
      (try failure { $0.reduceByKeyAndWindow(+, -, second) { try refuse($0.1) > 0 } }, #line),
      (try failure { $0.map(\.1).reduceByWindow({ try refuse($0 + $1) }, second * 2, second) }, #line),
      (try failure { $0.map(\.1).reduceByWindow({ try refuse($0 + $1) }, -, second * 2, second) }, #line),
    ]
    for (failure, line) in failures {
      #expect(failure.operatorName.hasPrefix("reduceBy"))
      #expect(failure.operatorName.hasSuffix("Window"))
      #expect(failure.callSite.file == "MartletStreamingTests/WindowRefusalTests.swift")
      #expect(failure.callSite.line == UInt(line))
      #expect(failure.partition != nil)
      #expect("\(failure.underlying)".hasSuffix("is too much"))
    }
  }
}
