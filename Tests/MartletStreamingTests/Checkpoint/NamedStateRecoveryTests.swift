import MartletCore
import MartletTesting
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

/// Restarts of programs whose operators and inputs have been given names, or have lost them.
@Suite(.timeLimit(.minutes(30))) struct NamedStateRecoveryTests {
  @Test func `Over restarts, state follows the operator that has been given a name, and no other`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      @Sendable func add(_ values: [Int], _ sum: Int?) -> Int? { (sum ?? 0) + values.reduce(0, +) }
      func run(_ number: Int, name: String?, twin: Bool) throws {
        let test = recoverable(folder.path, at: Time(milliseconds: number * 1000))
        let lines = test.context.textFileStream("\(folder.path)/in").map { ($0, 1) }
        // State of state: its id changes with the name, and so it must move, too.
        func save(_ totals: DStream<(Text, Int)>, _ name: String) {
          totals.map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder.path)/out/\(name)")
        }
        let totals = lines.updateStateByKey(add)
        if let name { totals.name(name) }
        save(totals, "totals")
        save(totals.updateStateByKey(add), "sums")
        if twin { save(lines.mapValues { $0 * 100 }.updateStateByKey(add), "twin") }
        try test.start()
        try folder.add("file-\(number)", "a\n")
        try test.runBatch()
        test.stop()
      }
      try run(0, name: nil, twin: false)
      let error = #expect(throws: MartletError.self) { try run(1, name: "totals", twin: true) }
      #expect(error?.message.contains("nothing tells which") == true)
      try run(1, name: "totals", twin: false)
      try run(2, name: "totals", twin: false)
      try run(3, name: "totals", twin: true)
      try run(4, name: "totals", twin: true)
      #expect(
        try folder.output().mapValues { $0.sorted() } == [
          "totals-1000": ["a 1"], "totals-2000": ["a 2"], "totals-3000": ["a 3"], "totals-4000": ["a 4"],
          "totals-5000": ["a 5"],
          "sums-1000": ["a 1"], "sums-2000": ["a 3"], "sums-3000": ["a 6"], "sums-4000": ["a 10"],
          "sums-5000": ["a 15"],
          "twin-4000": ["a 100"], "twin-5000": ["a 200"],
        ])
    }
  }

  /// Which streams without state have names, at the first and at the second run.
  struct Naming: Sendable, CustomTestStringConvertible {
    var source: [String?] = [nil, nil]
    var stateless: [String?] = [nil, nil]
    var state: [String?] = [nil, nil]

    var testDescription: String { "source \(source), stateless \(stateless), state \(state)" }
  }

  @Test(arguments: [
    Naming(source: [nil, "lines"]), Naming(source: ["lines", nil]), Naming(stateless: [nil, "words"]),
    Naming(stateless: ["words", nil]), Naming(source: ["lines", "rows"], state: ["totals", "totals"]),
    Naming(source: [nil, "lines"], stateless: [nil, "words"], state: [nil, "totals"]),
    Naming(source: [nil, "lines"], state: ["totals", "totals"]),
    Naming(source: ["lines", nil], state: [nil, "totals"]),
  ])
  func `Names of sources and stateless streams can be given and taken, and nothing is lost`(_ naming: Naming) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(_ run: Int, at time: Int, fails: Bool = false) throws -> TestStreamingContext {
        struct Interrupted: Error {}
        func named<Element>(_ stream: DStream<Element>, _ names: [String?]) -> DStream<Element> {
          names[run].map { stream.name($0) } ?? stream
        }
        let test = recoverable(folder.path, at: Time(milliseconds: time))
        let lines = named(test.context.textFileStream("\(folder.path)/in"), naming.source)
        let pairs = named(lines.map { ($0, 1) }, naming.stateless)
        let totals = named(pairs.updateStateByKey { values, sum in (sum ?? 0) + values.reduce(0, +) }, naming.state)
        totals.map { "\($0.0) \($0.1)" }.saveAsTextFiles("\(folder.path)/out/totals")
        totals.foreachRDD { _ in if fails { throw Interrupted() } }
        try test.start()
        return test
      }
      let first = try start(0, at: 0)
      try folder.add("1", "a\n")
      try first.runBatch()
      first.stop()
      // A batch that is not done must get its records again.
      let failing = try start(0, at: 1000, fails: true)
      try folder.add("2", "a\n")
      #expect(throws: BatchFailure.self) { try failing.runBatch() }
      failing.stop()
      // What comes while the program is down is new to it, and what it has read is not.
      try folder.add("3", "a\n")
      for time in [2000, 3000] {
        let next = try start(1, at: time)
        try next.runBatch()
        next.stop()
      }
      #expect(
        try folder.output() == [
          "totals-1000": ["a 1"], "totals-2000": ["a 2"], "totals-3000": ["a 3"], "totals-4000": ["a 3"],
        ])
    }
  }

  @Test func `A receiver that is given a name goes on with its log`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let names: [String?] = [nil, "numbers", "numbers", nil]
      for (run, name) in names.enumerated() {
        let test = recoverable(folder.path, at: Time(milliseconds: run * 1000))
        let receiver = HandReceiver<Int>()
        let numbers = test.context.receiverStream(receiver)
        if let name { numbers.name(name) }
        numbers.map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/batch")
        try test.start()
        #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
        try test.runBatch()
        // In the log, and in no batch.
        #expect(receiver.store(contentsOf: [run]))
        test.stop()
      }
      #expect(
        try folder.output()
          == ["batch-1000": [], "batch-2000": ["0"], "batch-3000": ["1"], "batch-4000": ["2"]])
    }
  }
}
