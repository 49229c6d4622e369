import MartletTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct WindowMemoryTests {
  /// Objects, held weakly.
  private final class Observed: Sendable {
    private struct Weak: @unchecked Sendable { weak var object: AnyObject? }
    private let objects = Mutex<[Weak]>([])

    func note(_ object: AnyObject) {
      objects.withLock { objects in
        if objects.count > 1000 { objects.removeAll { $0.object == nil } }
        objects.append(Weak(object: object))
      }
    }

    var alive: Int { objects.withLock { Set($0.compactMap { $0.object.map(ObjectIdentifier.init) }).count } }
  }

  private final class Token: Sendable {
    let number: Int
    init(_ number: Int) { self.number = number }
  }

  private enum Use: CaseIterable {
    case collected, firstTaken, ignored
  }

  /// Runs batches through a window of 20 and checks which objects stay alive: RDDs before the window and of it, and
  /// objects in the input.
  private func run(
    _ use: Use, batches: Int, _ window: (DStream<(Int, Int)>) -> DStream<(Int, Int)>
  ) throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    test.context.removeStreamingListener(test.events)
    let numbers = test.stream(of: Int.self)
    let inputs = Observed(), results = Observed(), tokens = Observed()
    let pairs = numbers.transform { rdd in
      inputs.note(rdd)
      return rdd.map { number -> Token in
        let token = Token(number)
        tokens.note(token)
        return token
      }
    }.map { ($0.number % 7, 1) }
    window(pairs).foreachRDD { (rdd: RDD<(Int, Int)>) in
      results.note(rdd)
      switch use {
      case .collected: _ = try rdd.collect()
      case .firstTaken: _ = try rdd.take(1)
      case .ignored: break
      }
    }
    try test.start()
    for n in 0..<batches {
      numbers.push(n % 3 == 0 ? [] : [n, n + 1])
      try test.runBatch()
      if n % 1000 == 999 {
        #expect(inputs.alive <= 40)
        #expect(results.alive <= 40)
        #expect(tokens.alive == 0)
      }
    }
  }

  @Test(arguments: [0, 1, 2])
  private func `windows release unneeded elements, however they are used`(_ use: Int) throws {
    let use = Use.allCases[use]
    try run(use, batches: 1000) { $0.reduceByKeyAndWindow(+, .seconds(20)) }
    try run(use, batches: use == .collected ? 10_000 : 1000) {
      $0.reduceByKeyAndWindow(+, -, .seconds(20)) { $0.1 > 0 }
    }
    try run(use, batches: 1000) { $0.window(.seconds(20)).reduceByKey(+) }
  }

  @Test func `an endless series of new keys leaves the inverse form with its values`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream(of: Int.self)
    let counts = test.output(of: numbers.map { ($0, 1) }.reduceByKeyAndWindow(+, -, .seconds(3)) { $0.1 > 0 })
    try test.start()
    for n in 0..<200 {
      numbers.push([n])
      try test.runBatch()
      #expect(counts.batches[n].count == min(n + 1, 3))
    }
  }

  @Test func `panes are kept for as long as a window needs them, and so are sums of panes`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let pairs = test.stream(Array(repeating: [("a", 1)], count: 300))
    let naive = pairs.reduceByKeyAndWindow(+, .seconds(64))
    let inverse = pairs.reduceByKeyAndWindow(+, -, .seconds(64))
    let first = test.output(of: naive), second = test.output(of: inverse)
    try test.start()
    try test.runBatches(300)
    #expect(first.batches.last?.first?.1 == 64)
    #expect(second.batches.last?.first?.1 == 64)
    let panes = try #require(naive as? MergedWindow<String, Int, Int>)
    // 64 panes, and the groups of 4 and 16 inside the window.
    #expect(panes.tableCount <= 64 + 16 + 4)
    let others = try #require(inverse as? InverseWindow<String, Int, Int>)
    #expect(others.tableCount == 64)
  }

  @Test func `inputs are released once a pane is added up`() throws {
    let test = TestStreamingContext()
    defer { test.stop() }
    let numbers = test.stream(of: Int.self)
    let inputs = Observed()
    let pairs = numbers.transform { rdd in
      inputs.note(rdd)
      return rdd.map { ($0, 1) }
    }
    let counts = test.output(of: pairs.reduceByKeyAndWindow(+, .seconds(100)))
    try test.start()
    for n in 0..<100 {
      numbers.push([n])
      try test.runBatch()
      #expect(inputs.alive <= 3)
    }
    #expect(counts.batches.last?.count == 100)
  }

  @Test func `a long window consists of few tables`() {
    #expect((1...7).allSatisfy { PaneGroup.highestLevel(panes: $0) == 0 })
    #expect(PaneGroup.highestLevel(panes: 8) == 1)
    #expect(PaneGroup.highestLevel(panes: 60) == 2)
    for panes in [1, 2, 3, 7, 8, 20, 60, 64, 1000] {
      let level = PaneGroup.highestLevel(panes: panes)
      var most = 0
      for start in 0..<300 {
        let groups = PaneGroup.groups(of: start..<start + panes, highestLevel: level)
        most = max(most, groups.count)
        #expect(groups.flatMap { Array($0.panes) } == Array(start..<start + panes))
      }
      #expect(most <= (panes < 8 ? panes : 6 * level + 7), "\(panes) panes")
    }
  }
}
