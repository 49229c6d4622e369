import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletStreaming

/// The data of completed batches that is retained, and that is released.
@Suite(.timeLimit(.minutes(30))) struct KeptBatchTests {
  /// A received record: an object that is alive while it is retained.
  private final class Record: Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
    /// True for the one in ten that passes the filter.
    var isWanted: Bool { number % 10 == 3 }
  }

  private final class Received: Sendable {
    private struct Weak: @unchecked Sendable {
      // Sendable: set once.
      weak var record: Record?
    }
    private let all = Mutex<[Weak]>([])

    func make(_ numbers: Range<Int>) -> [Record] {
      let made = numbers.map(Record.init)
      all.withLock { $0 += made.map { Weak(record: $0) } }
      return made
    }

    var alive: Int { all.withLock { $0.count { $0.record != nil } } }
    var count: Int { all.withLock { $0.count } }
  }

  /// The records that the test's stream itself retains: its last batch can be read again, and the one before is
  /// forgotten with the next.
  private static let keptByTheInput = 200

  /// The way in which an output operation uses its RDDs.
  private enum Use: String, CaseIterable, Sendable {
    case collects, takesTheFirst, doesNothing
  }

  /// Runs batches of 100 records through `operation` and checks, after each, which of them are still in memory.
  ///
  /// - Parameter waiting: the maximum number of records that have not been requested.
  private func run(
    _ use: Use, batches: Int = 12, waiting: Int = 0, _ operation: (DStream<Int>) -> DStream<Int>
  ) throws -> [[Int]] {
    let test = TestStreamingContext()
    defer { test.stop() }
    let received = Received()
    let records = test.stream(of: Record.self)
    let wanted = records.filter { $0.isWanted }.map { $0.number }
    let results = Mutex<[[Int]]>([])
    operation(wanted).foreachRDD { (rdd: RDD<Int>) in
      switch use {
      case .collects:
        let all = try rdd.collect().sorted()
        results.withLock { $0.append(all) }
      case .takesTheFirst: _ = try rdd.take(1)
      case .doesNothing: break
      }
    }
    try test.start()
    for n in 0..<batches {
      records.push(received.make(n * 100..<(n + 1) * 100))
      try test.runBatch()
      #expect(received.alive <= waiting + Self.keptByTheInput, "\(use), batch \(n)")
    }
    #expect(received.count == batches * 100)
    return results.withLock { $0 }
  }

  private func wanted(_ batches: ClosedRange<Int>) -> [Int] {
    batches.flatMap { n in (0..<10).map { n * 100 + $0 * 10 + 3 } }
  }

  @Test(arguments: Use.allCases)
  private func `a window keeps filtered elements, and no received records`(_ use: Use) throws {
    let windows = try run(use) { $0.window(.seconds(5)) }
    if use == .collects { #expect(windows == (0..<12).map { wanted(max(0, $0 - 4)...$0) }) }
    _ = try run(use) { $0.persist(.memoryAndDisk).window(.seconds(5)) }
    _ = try run(use) { $0.persist(.memoryOnly).window(.seconds(5)) }
    _ = try run(use) { $0.persist(.diskOnly).window(.seconds(5)) }
    _ = try run(use) { $0.map { ($0 % 7, $0) }.reduceByKey(+).map { $0.1 }.window(.seconds(5)) }
    _ = try run(use) { $0.window(.seconds(5)).window(.seconds(3)) }
  }

  @Test(arguments: Use.allCases)
  private func `batches between two windows are computed at their time`(_ use: Use) throws {
    let windows = try run(use) { $0.window(.seconds(6), .seconds(3)) }
    if use == .collects { #expect(windows == [2, 5, 8, 11].map { wanted(max(0, $0 - 5)...$0) }) }
    // One batch in three is in no window.
    _ = try run(use, waiting: 100) { $0.window(.seconds(2), .seconds(3)) }
    _ = try run(use) { $0.window(.seconds(4), .seconds(2)).window(.seconds(8), .seconds(4)) }
  }

  @Test(arguments: Use.allCases)
  private func `windows of sums keep no records`(_ use: Use) throws {
    for slide in [1, 3] {
      let sums = try run(use) {
        $0.map { ($0 % 10, $0) }.reduceByKeyAndWindow(+, .seconds(6), .seconds(slide)).map { $0.1 }
      }
      if use == .collects {
        let ends = Array(stride(from: slide - 1, to: 12, by: slide))
        #expect(sums == ends.map { [wanted(max(0, $0 - 5)...$0).reduce(0, +)] })
      }
      _ = try run(use) {
        $0.map { ($0 % 10, $0) }.reduceByKeyAndWindow(+, -, .seconds(6), .seconds(slide)).map { $0.1 }
      }
      _ = try run(use) { $0.map { ($0 % 10, $0) }.groupByKeyAndWindow(.seconds(6), .seconds(slide)).map { $0.0 } }
      _ = try run(use) { $0.countByWindow(.seconds(6), .seconds(slide)) }
      _ = try run(use) { $0.reduceByWindow(+, .seconds(6), .seconds(slide)) }
      _ = try run(use) {
        $0.map { ($0 % 10, $0) }.reduceByKeyAndWindow(+, .seconds(3)).map { $0.1 }.window(.seconds(4), .seconds(2))
      }
    }
  }

  @Test(arguments: Use.allCases)
  private func `windows over states keep no records`(_ use: Use) throws {
    _ = try run(use) {
      $0.map { ($0 % 10, $0) }.updateStateByKey { values, sum in (sum ?? 0) + values.reduce(0, +) }.map { $0.1 }
        .window(.seconds(5))
    }
    _ = try run(use) {
      $0.map { ($0 % 10, $0) }.mapWithState(
        StateSpec.function { (key: Int, value: Int?, state: State<Int>) in
          try state.update((state.getOption() ?? 0) + (value ?? 0))
          return key
        }
      ).window(.seconds(5), .seconds(2))
    }
  }

  @Test func `each element is computed once, whatever the output operations read`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream(of: Int.self, numPartitions: 4)
    let computed = Mutex<[Int: Int]>([:])
    let mapped = numbers.map { number in
      computed.withLock { $0[number, default: 0] += 1 }
      return number
    }
    mapped.foreachRDD { (rdd: RDD<Int>) in _ = try rdd.take(1) }
    let windows = test.output(of: mapped.window(.seconds(4), .seconds(2)))
    mapped.window(.seconds(3)).foreachRDD { (rdd: RDD<Int>) in _ = try rdd.take(1) }
    try test.start()
    for n in 0..<8 {
      numbers.push(Array(n * 10..<(n + 1) * 10))
      try test.runBatch()
    }
    #expect(windows.batches.last == Array(40..<80))
    #expect(computed.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<80).map { ($0, 1) }))
  }

  /// Runs batches of texts through a window, with this much memory for retained elements.
  private func windowOfTexts(
    memory: Int, in folder: String, _ output: (DStream<Text>) -> DStream<Text> = { $0 }
  ) throws -> (windows: [[Text]], most: Int) {
    let conf = MartletConf().setMaster("local[2]").set(MartletConf.Key.memoryBytes, "\(memory)")
      .set(MartletConf.Key.localDirectory, folder)
    let test = TestStreamingContext(conf: conf)
    defer { test.stop() }
    let numbers = test.stream(of: Int.self)
    let texts = output(numbers.map { Text("a text of more than fifteen bytes: \($0)") })
    let windows = test.output(of: texts.window(.seconds(5)))
    try test.start()
    var most = 0
    for n in 0..<10 {
      numbers.push(Array(n * 100..<(n + 1) * 100))
      try test.runBatch()
      most = max(most, test.context.sparkContext.storageMemory.used)
    }
    return (windows.batches, most)
  }

  private func expectedWindows() -> [[Text]] {
    (0..<10).map { end in
      (max(0, end - 4) * 100..<(end + 1) * 100).map { Text("a text of more than fifteen bytes: \($0)") }
    }
  }

  @Test(arguments: [1 << 30, 20_000, 0])
  func `elements of a window count, and go to disk beyond the memory`(memory: Int) throws {
    try withTemporaryFolder { folder in
      let (windows, most) = try windowOfTexts(memory: memory, in: folder)
      #expect(windows == expectedWindows())
      #expect(most <= memory && (memory == 0 || most > 5000))
      // Six batches of about 5,600 bytes, at most.
      #expect(most < 40_000)
    }
  }

  @Test func `caching and uncaching in an output operation loses nothing that a window needs`() throws {
    try withTemporaryFolder { folder in
      let (windows, _) = try windowOfTexts(memory: 20_000, in: folder) { texts in
        texts.foreachRDD { (rdd: RDD<Text>) in
          _ = try rdd.cache().count()
          rdd.unpersist()
        }
        return texts
      }
      #expect(windows == expectedWindows())
    }
  }

  @Test func `without space in memory and on disk the batch fails, with a remedy`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/no-folder"
      _ = try SystemFile.create(path)
      let failure = #expect(throws: BatchFailure.self) { try windowOfTexts(memory: 20_000, in: path) }
      #expect("\(try #require(failure))".contains(MartletConf.Key.localDirectory))
    }
  }

  @Test func `a table that every batch has is kept once`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let sc = test.context.sparkContext
    let table = sc.parallelize(Array(0..<1000), 2).map { $0 }
    let windows = test.output(of: test.context.constantStream(table).window(.seconds(5)))
    try test.start()
    try test.runBatches(8)
    #expect(windows.batches.last?.count == 5000)
    #expect(sc.storageMemory.used == 8000)
  }

  @Test func `nothing is kept of an empty batch`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream(of: Int.self)
    let windows = test.output(of: numbers.filter { $0 > 0 }.window(.seconds(5)))
    try test.start()
    try test.runBatches(3)
    #expect(windows.batches == [[], [], []])
    #expect(test.context.sparkContext.storageMemory.used == 0)
  }

  @Test func `memory is released when the window has moved on, and when the context ends`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let sc = test.context.sparkContext
    let numbers = test.stream(of: Int.self)
    let windows = test.output(of: numbers.map { $0 }.window(.seconds(3)))
    try test.start()
    numbers.push(Array(0..<1000))
    try test.runBatch()
    #expect(sc.storageMemory.used == 8000)
    try test.runBatches(4)
    #expect(windows.batches.map(\.count) == [1000, 1000, 1000, 0, 0])
    #expect(sc.storageMemory.used == 0)
  }
}
