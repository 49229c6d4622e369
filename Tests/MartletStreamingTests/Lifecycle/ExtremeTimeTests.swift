import MartletCore
import MartletTesting
import Synchronization
import Testing

/// Durations that exceed the range, and empty durations, cause no crash.
@Suite(.timeLimit(.minutes(30))) struct ExtremeTimeTests {
  private let endless: [Duration] = [.seconds(Int64.max), .seconds(10_000_000_000), .seconds(100_000_000_000)]

  @Test func `the nanoseconds of a duration are limited to the range`() {
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
    #expect(Duration.nanoseconds(Int64.min).nanoseconds == .min)
    #expect((Duration.zero - .milliseconds(1500)).nanoseconds == -1_500_000_000)
    #expect((MonotonicTime(nanoseconds: 5) + .seconds(Int64.max)).nanoseconds == .max)
  }

  @Test func `times are limited to the range`() {
    let last = Time(milliseconds: .max)
    let first = Time(milliseconds: .min)
    #expect(last > Time(milliseconds: 9_000_000_000_000) && first < Time(milliseconds: -9_000_000_000_000))
    #expect(last + .seconds(1) == last && first - .seconds(Int64.max) == first)
    #expect(last - first == .nanoseconds(Int64.max))
    #expect(last.floor(.seconds(1), first) <= last && first.floor(.seconds(1)) == first)
    #expect(last.to(last, .seconds(1)) == [last] && last.until(last, .seconds(1)) == [])
    #expect(!last.localDescription.isEmpty && !first.localDescription.isEmpty)
  }

  @Test func `an empty interval has no multiples`() {
    let time = Time(milliseconds: 1500)
    for nothing in [Duration.zero, .nanoseconds(-1), .seconds(-1)] {
      #expect(time.floor(nothing) == time)
      #expect(time.until(Time(milliseconds: 2000), nothing) == [])
      #expect(time.to(Time(milliseconds: 2000), nothing) == [])
    }
    #expect(!time.isMultiple(of: .zero) && !Duration.seconds(1).isMultiple(of: .zero))
    #expect(time.isMultiple(of: .milliseconds(500)) && !time.isMultiple(of: .seconds(1)))
    #expect(Time(milliseconds: .min).isMultiple(of: .nanoseconds(-1)))
  }

  @Test func `an invalid batch interval is refused, whatever the stream's operations`() throws {
    for interval in [.zero, .nanoseconds(1), .seconds(-1)] + endless {
      let test = TestStreamingContext(batchInterval: interval)
      let stream = test.stream([[1]])
      stream.checkpoint(.seconds(1))
      stream.remember(.seconds(Int64.max))
      _ = test.context.receiverStream(Receiver<Int>())
      stream.saveAsTextFiles("/nowhere/x")
      _ = test.output(of: stream.map { ("k", $0) }.reduceByKeyAndWindow(+, .seconds(2), .seconds(1)))
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("The batch interval is") == true, "\(interval)")
    }
  }

  @Test func `endless durations are accepted for waiting, remembering and keeping`() async throws {
    for duration in endless {
      let test = TestStreamingContext()
      test.context.remember(duration)
      let stream = test.stream([[1], [2]])
      let states = stream.map { (1, $0) }.mapWithState(
        StateSpec.function { (_: Int, value: Int?, state: State<Int>) in
          try state.update((state.getOption() ?? 0) + (value ?? 0))
          return try state.get()
        }.timeout(duration))
      let output = test.output(of: states)
      try test.start()
      try test.runBatches(2)
      let waiting = Task { try await test.context.awaitTerminationOrTimeout(duration) }
      test.stop()
      #expect(try await waiting.value)
      #expect(output.batches == [[1], [3]])
    }
  }

  @Test(arguments: [Int.min, -1, 0]) func `pprint of a negative number prints nothing`(count: Int) throws {
    #expect(try page(count) == ["..."])
  }

  @Test func `pprint of the largest number prints everything`() throws { #expect(try page(.max) == ["1", "2", "3"]) }

  private func page(_ count: Int) throws -> [String] {
    let test = TestStreamingContext()
    let pages = Mutex("")
    test.stream([[1, 2, 3]]).pprint(count, to: { page in pages.withLock { $0 += page } })
    try test.start()
    try test.runBatch()
    test.stop()
    return pages.withLock { $0 }.split(separator: "\n").dropFirst(3).map(String.init)
  }
}
