import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct ActionTests {
  let sc = MartletContext(master: "local[3]", appName: "test")
  var empty: RDD<Int> { sc.parallelize([Int](), 3) }

  /// The result of an action, or nil if it reports that there are no elements.
  private func unlessEmpty<Result>(_ action: () throws -> Result) throws -> Result? {
    do { return try action() } catch let error as MartletError where error.code == .emptyCollection { return nil }
  }

  @Test func `reductions give the same as on arrays`() throws {
    try expectSame(as: { [$0.isEmpty ? nil : $0.reduce(0, +)] }) { numbers in
      [try unlessEmpty { try numbers.reduce(+) }]
    }
    try expectSame(as: { [$0.reduce(0, +)] }) { [try $0.fold(0, +)] }
    try expectSame(as: { [$0.reduce(0, +), $0.count] }) { numbers in
      let (sum, count) = try numbers.aggregate((0, 0)) {
        ($0.0 + $1, $0.1 + 1)
      } _: {
        ($0.0 + $1.0, $0.1 + $1.1)
      }
      return [sum, count]
    }
    try expectSame(as: { $0 }) {
      [
        try $0.aggregate(into: [Int]()) {
          $0.append($1)
        } _: {
          $0 += $1
        }
      ].flatMap { $0 }
    }
    try expectSame(as: { [$0.count, $0.reduce(0, +)] }) { [try $0.count(), try $0.sum()] }
    try expectSame(as: { [$0.max(), $0.min()] }) { numbers in
      [try unlessEmpty { try numbers.max() }, try unlessEmpty { try numbers.min() }]
    }
    try expectSame(as: { [$0.max { $0 % 100 < $1 % 100 }.map { $0 % 100 }] }) { numbers in
      [try unlessEmpty { try numbers.max { $0 % 100 < $1 % 100 } % 100 }]
    }
    try expectSame(as: { [$0.isEmpty] }) { [try $0.isEmpty()] }
  }

  @Test func `take computes no more partitions than it needs`() throws {
    for count in [0, 1, 5, 24, 25, 100] {
      try expectSame(as: { Array($0.prefix(count)) }) { try $0.take(count) }
    }
    let computed = Mutex<Set<Int>>([])
    let rdd = sc.range(0, 100, numSlices: 20).mapPartitionsWithIndex { index, numbers in
      computed.withLock { _ = $0.insert(index) }
      return numbers
    }
    #expect(try rdd.first() == 0)
    #expect(computed.withLock { $0 } == [0])
    #expect(try rdd.take(20).count == 20)
    #expect(computed.withLock { $0.count } == 5)
  }

  @Test func `top and takeOrdered are the ends of the sorted elements`() throws {
    for count in [0, 1, 7, 600, 5000] {
      try expectSame(as: { Array($0.sorted().prefix(count)) }) { try $0.takeOrdered(count) }
      try expectSame(as: { Array($0.sorted(by: >).prefix(count)) }) { try $0.top(count) }
    }
    try expectSame(as: { Array($0.sorted { $0 % 7 < $1 % 7 }.prefix(9)) }) { try $0.takeOrdered(9) { $0 % 7 } }
    try expectSame(as: { Array($0.sorted { $0 % 7 > $1 % 7 }.prefix(9)) }) { try $0.top(9, key: { $0 % 7 }) }
    try expectSame(as: { Array($0.sorted { $0 % 7 > $1 % 7 }.prefix(9)) }) { try $0.top(9) { $0 % 7 < $1 % 7 } }
    #expect(try sc.range(0, 10).takeOrdered(Int.max).count == 10)
  }

  @Test func `maps and counts by key and value`() throws {
    let pairs = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2)
    #expect(try pairs.collectAsMap() == ["a": 3, "b": 2])
    #expect(try pairs.countByKey() == ["a": 2, "b": 1])
    #expect(try pairs.keys().countByValue() == ["a": 2, "b": 1])
    #expect(try pairs.countByValue()[Pair("a", 3)] == 1)
    #expect(try pairs.reduceByKeyLocally(+) == ["a": 4, "b": 2])
    #expect(try pairs.lookup("a") == [1, 3])
    #expect(try pairs.groupByKey().lookup("a") == [[1, 3]])
    #expect(try pairs.lookup("c").isEmpty)
    #expect(try sc.emptyRDD(of: (Int, Int).self).countByKey().isEmpty)
  }

  @Test func `stats cover all elements`() throws {
    for slices in 1...5 {
      let stats = try sc.parallelize([1.0, 2, 3, 4], slices).stats()
      #expect(stats.count == 4 && stats.mean == 2.5 && stats.min == 1 && stats.max == 4 && stats.sum == 10)
      #expect(abs(stats.variance - 1.25) < 1e-12 && abs(stats.sampleVariance - 5.0 / 3) < 1e-12)
    }
    #expect(try sc.range(0, 5).mean() == 2)
    #expect(try empty.mean() == 0 && empty.stats().count == 0 && empty.stats().mean == 0)
    #expect(try sc.parallelize([0.5, 0.25]).sum() == 0.75)
    #expect(try sc.range(0, 5).variance() == 2)
    #expect(try abs(sc.range(0, 5).stdev() - 1.4142135) < 1e-6)
    for slices in 1...3 {
      let stats = try sc.parallelize([1, .nan, 3], slices).stats()
      #expect(stats.count == 3 && stats.min.isNaN && stats.max.isNaN && stats.sum.isNaN)
    }
  }

  @Test func `a sum that overflows is an error, not a crash`() throws {
    for slices in 1...2 {
      let failure = #expect(throws: OperatorFailure.self) { _ = try sc.parallelize([Int.max, 1], slices).sum() }
      #expect(failure?.underlying is ArithmeticOverflow)
    }
  }

  @Test func `actions on empty RDDs report so`() {
    #expect(code { try empty.first() } == .emptyCollection)
    #expect(code { try empty.reduce(+) } == .emptyCollection)
    #expect(code { try empty.max() } == .emptyCollection)
    #expect(code { try empty.min() } == .emptyCollection)
    #expect(code { try sc.emptyRDD(of: Int.self).first() } == .emptyCollection)
  }

  @Test func `invalid arguments are refused by the action`() throws {
    let numbers = sc.range(0, 10)
    let pairs = numbers.map { ($0, $0) }
    let refused: [() throws -> Int] = [
      { try numbers.coalesce(0).count() }, { try numbers.coalesce(-1, shuffle: true).count() },
      { try numbers.repartition(0).count() }, { try numbers.sample(withReplacement: false, fraction: -0.1).count() },
      { try numbers.sample(withReplacement: false, fraction: 1.1).count() },
      { try numbers.sample(withReplacement: true, fraction: -1).count() },
      { try numbers.sample(withReplacement: true, fraction: .nan).count() },
      { try numbers.randomSplit([1, -1])[0].count() }, { try numbers.randomSplit([0])[0].count() },
      { try numbers.top(-1).count }, { try numbers.takeOrdered(-1).count },
      { try numbers.takeSample(withReplacement: false, -1).count },
      { try pairs.reduceByKey(+, 0).map { $0.0 }.count() }, { try pairs.groupByKey(-3).count() },
      { try pairs.join(pairs, 0).count() }, { try pairs.cogroup(pairs, pairs, 0).count() },
      { try pairs.partitionBy(HashPartitioner(numPartitions: 0)).count() }, { try numbers.distinct(0).count() },
      { try pairs.sortByKey(numPartitions: 0).count() }, { try numbers.sortBy({ $0 }, numPartitions: -1).count() },
      { try pairs.subtractByKey(pairs, 0).count() }, { try numbers.intersection(numbers, 0).count() },
    ]
    for (index, body) in refused.enumerated() {
      let error = #expect(throws: MartletError.self, "number \(index)") { _ = try body() }
      #expect(error?.code == .invalidArgument, "number \(index)")
      #expect(error?.message.contains("ActionTests.swift:") == true, "number \(index)")
    }
  }

  @Test func `takeSample takes the requested number, each once without replacement`() throws {
    let numbers = sc.range(0, 1000, numSlices: 7)
    let sample = try numbers.takeSample(withReplacement: false, 100, seed: 5)
    #expect(sample.count == 100 && Set(sample).count == 100)
    #expect(try numbers.takeSample(withReplacement: false, 100, seed: 5) == sample)
    #expect(try numbers.takeSample(withReplacement: false, 2000, seed: 5).sorted() == Array(0..<1000))
    #expect(try numbers.takeSample(withReplacement: true, 2000, seed: 5).count == 2000)
    #expect(try numbers.takeSample(withReplacement: true, 0).isEmpty)
    #expect(try empty.takeSample(withReplacement: true, 3).isEmpty)
  }

  @Test func `toLocalIterator computes partition by partition`() async throws {
    let computed = Atomic<Int>(0)
    let rdd = sc.range(0, 5000, numSlices: 5).mapPartitions { numbers in
      computed.add(1, ordering: .relaxed)
      return numbers
    }
    let elements = rdd.toLocalIterator()
    #expect(try elements.next() == 0)
    #expect(computed.load(ordering: .relaxed) == 1)
    var rest: [Int] = []
    while let element = try elements.next() { rest.append(element) }
    #expect(rest == Array(1..<5000))
    var sum = 0
    for try await element in rdd.toLocalIterator() { sum += element }
    #expect(sum == 4999 * 2500)
  }

  @Test func `foreach and foreachPartition run for all elements, sync and async`() throws {
    let sum = Atomic<Int>(0)
    let add: @Sendable (Int) -> Void = { sum.add($0, ordering: .relaxed) }
    let numbers = sc.range(0, 3000, numSlices: 5)
    try numbers.foreach { add($0) }
    try numbers.foreachPartition { add($0.reduce(0, +)) }
    try numbers.foreach { number in
      await Task.yield()
      add(number)
    }
    try numbers.foreachPartition { numbers in
      await Task.yield()
      for number in numbers { add(number) }
    }
    #expect(sum.load(ordering: .relaxed) == 4 * 2999 * 1500)
    let failure = #expect(throws: OperatorFailure.self) {
      try numbers.foreach { number in
        await Task.yield()
        if number == 700 { throw Boom() }
      }
    }
    #expect(failure?.partition == 1 && failure?.operatorName == "foreach")
  }

  @Test func `any action in a task's closure is refused`() throws {
    let inner = sc.range(0, 10)
    let pairs = inner.map { ($0, $0) }
    let actions: [@Sendable () throws -> Void] = [
      { _ = try inner.collect() }, { _ = try inner.count() }, { _ = try inner.first() }, { _ = try inner.take(2) },
      { _ = try inner.take(0) }, { _ = try inner.top(2) }, { _ = try inner.takeOrdered(0) },
      { _ = try inner.reduce(+) }, { _ = try inner.fold(0, +) }, { _ = try inner.aggregate(0, +, +) },
      { _ = try inner.max() }, { _ = try inner.min() }, { _ = try inner.sum() }, { _ = try inner.mean() },
      { _ = try inner.stats() }, { try inner.foreach { _ in } }, { try inner.foreachPartition { _ in } },
      { try inner.foreach { _ in await Task.yield() } }, { _ = try inner.isEmpty() },
      { _ = try inner.toLocalIterator().next() }, { _ = try inner.takeSample(withReplacement: true, 1) },
      { _ = try inner.takeSample(withReplacement: false, 1) }, { _ = try inner.countByValue() },
      { _ = try pairs.countByKey() }, { _ = try pairs.collectAsMap() }, { _ = try pairs.lookup(1) },
      { _ = try pairs.partitionBy(HashPartitioner(numPartitions: 2)).lookup(1) },
      { _ = try pairs.reduceByKeyLocally(+) },
      { _ = try inner.getNumPartitions() }, { _ = try pairs.reduceByKey(+).sortByKey().collect() },
    ]
    for (index, action) in actions.enumerated() {
      #expect(code { try sc.range(0, 8).map { _ in try action() }.count() } == .nestedAction, "number \(index)")
      #expect(code { try sc.range(0, 8).foreach { _ in try action() } } == .nestedAction, "number \(index)")
      #expect(
        code {
          try sc.range(0, 8).foreach { _ in
            await Task.yield()
            try action()
          }
        } == .nestedAction, "number \(index), async")
    }
  }
}
