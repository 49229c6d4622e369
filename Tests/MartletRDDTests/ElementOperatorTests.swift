import MartletCore
import Synchronization
import Testing

@testable import MartletRDD

@Suite(.timeLimit(.minutes(30))) struct ElementOperatorTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  @Test func `map, filter and flatMap give the same as on arrays`() throws {
    try expectSame(as: { $0.map { $0 + 1 } }) { try $0.map { $0 + 1 }.collect() }
    try expectSame(as: { $0.filter { $0 % 3 == 0 } }) { try $0.filter { $0 % 3 == 0 }.collect() }
    try expectSame(as: { $0.flatMap { 0..<$0 % 4 } }) { try $0.flatMap { 0..<$0 % 4 }.collect() }
    try expectSame(as: { $0.map { "\($0)" } }) { try $0.keyBy { "\($0)" }.keys().collect() }
  }

  @Test func `compactMap keeps the results that are not nil`() throws {
    try expectSame(as: { $0.compactMap { $0 % 3 == 0 ? "\($0)" : nil } }) {
      try $0.compactMap { $0 % 3 == 0 ? "\($0)" : nil }.collect()
    }
    try expectSame(as: { _ in [Int]() }) { try $0.compactMap { _ in nil as Int? }.collect() }
    let texts: RDD<Text> = sc.parallelize(["1", "x", "3"], 2)
    #expect(try texts.compactMap { Int($0) }.reduce(+) == 4)
    let lengths: RDD<(Text, Int)> = texts.compactMap { text in
      guard let number = Int(text) else { return nil }
      return (text, number)
    }
    #expect(try lengths.collectAsMap() == ["1": 1, "3": 3])
  }

  @Test func `a closure of compactMap that throws leaves no element behind`() throws {
    let living = Living()
    let numbers = sc.range(0, 5000, numSlices: 2).map { Tracked($0, living) }
    let failure = #expect(throws: OperatorFailure.self) {
      try numbers.compactMap { tracked -> Tracked? in
        if tracked.number == 1500 { throw Boom() }
        return tracked.number % 2 == 0 ? tracked : nil
      }.count()
    }
    #expect(failure?.operatorName == "compactMap")
    #expect(living.isZeroSoon())
    #expect(try numbers.compactMap { $0.number % 2 == 0 ? $0 : nil }.count() == 2500)
    #expect(living.isZeroSoon())
  }

  @Test func `mapPartitions takes lazy and eager results, and closures that stop reading early`() throws {
    try expectSame(as: { $0.map { $0 * 2 } }) { try $0.mapPartitions { $0.lazy.map { $0 * 2 } }.collect() }
    try expectSame(as: { $0.map { $0 * 2 } }) { try $0.mapPartitions { $0.map { $0 * 2 } }.collect() }
    try expectSame(as: { [$0.reduce(0, +)] }) {
      [try $0.mapPartitions { [$0.reduce(0, +)] }.collect().reduce(0, +)]
    }
    #expect(try sc.range(0, 5000, numSlices: 2).mapPartitions { $0.prefix(1) }.collect() == [0, 2500])
    #expect(try sc.range(0, 5000, numSlices: 2).mapPartitions { _ in [1] }.collect() == [1, 1])
  }

  @Test func `mapPartitionsWithIndex knows the partition`() throws {
    let marked = sc.range(0, 6, numSlices: 3).mapPartitionsWithIndex { index, numbers in numbers.map { [index, $0] } }
    #expect(try marked.collect() == [[0, 0], [0, 1], [1, 2], [1, 3], [2, 4], [2, 5]])
  }

  @Test func `an error before mapPartitions is the task's failure, whatever the closure does`() throws {
    let bad = sc.range(0, 5000, numSlices: 2).map { if $0 == 3000 { throw Boom() } else { $0 } }
    for number in 0..<3 {
      let failure = #expect(throws: OperatorFailure.self) {
        _ = try bad.mapPartitions { numbers in
          switch number {
          case 0: return Array(numbers)
          case 1: return [numbers.reduce(0, +)]
          default:
            if Array(numbers).count == 2500 { return [] }
            throw MartletError(.corruptData, "the closure's own error is a consequence")
          }
        }.collect()
      }
      #expect(failure?.operatorName == "map")
      #expect(failure?.partition == 1)
    }
    #expect(throws: OperatorFailure.self) { try bad.mapPartitions { $0.lazy.map { $0 } }.count() }
    #expect(throws: OperatorFailure.self) { try bad.zipPartitions(bad) { a, _ in a }.count() }
    #expect(throws: OperatorFailure.self) { try bad.foreachPartition { for _ in $0 {} } }
  }

  @Test func `glom keeps empty partitions`() throws {
    #expect(try sc.parallelize([1, 2], 4).glom().collect() == [[], [1], [], [2]])
    #expect(try sc.emptyRDD(of: Int.self).glom().collect().isEmpty)
  }

  @Test func `union joins any number of RDDs in order`() throws {
    try expectSame(as: { $0 + $0 }) { try $0.union($0).collect() }
    let one = sc.range(0, 3)
    #expect(try sc.union(one, one, one).collect() == [0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(try sc.union([RDD<Int>]()).collect().isEmpty)
    #expect(try sc.union([one]).collect() == [0, 1, 2])
    // Of partitions, some of which are empty, that are known before the first job and after it.
    let uneven = sc.union(sc.parallelize([1, 2, 3], 5), sc.emptyRDD(of: Int.self), sc.parallelize([4], 1))
    #expect(try uneven.glom().collect() == [[], [1], [], [2], [3], [4]])
    #expect(try uneven.glom().collect() == [[], [1], [], [2], [3], [4]])
    #expect(try sc.union(sc.emptyRDD(of: Int.self), sc.emptyRDD(of: Int.self)).collect().isEmpty)
  }

  @Test func `the cost of many partitions is proportional to their number`() throws {
    // If each requested the whole output of a task, this would take minutes.
    #expect(try sc.parallelize([1], 1).repartition(50_000).map { $0 + 1 }.filter { $0 > 0 }.collect() == [2])
  }

  @Test func `a union can be extended repeatedly`() throws {
    // Each union asks those before it: if it did so for each partition, this would take minutes.
    var sum = sc.parallelize([0], 1)
    for n in 1..<1_000 { sum = sum.union(sc.parallelize([n], 1)) }
    #expect(try sum.getNumPartitions() == 1_000)
    #expect(try sum.collect() == Array(0..<1_000))
  }

  @Test func `the parents of persisted RDDs are prepared once, not for each of their partitions`() throws {
    final class Source: RDD<Int>, @unchecked Sendable {
      let preparations = Atomic<Int>(0)
      override var partitionCount: Int { 40 }
      override func prepare() throws { preparations.add(1, ordering: .relaxed) }
      override func compute(partition: Int) throws -> ChunkReader<Int> { ArrayReader([partition]) }
    }
    let source = Source(context: sc, site: OperatorSite("source", #fileID, #line))
    // As in windows over windows: each persists the union of two before it.
    var kept = source.map { $0 }.cache()
    for _ in 0..<5 { kept = kept.union(kept.map { $0 }).cache() }
    #expect(try kept.count() == 40 << 5)
    // Once on each way that leads there from the top.
    #expect(source.preparations.load(ordering: .relaxed) <= 1 << 5)
    #expect(try kept.map { $0 }.sum() == (40 * 39 / 2) << 5)
    #expect(source.preparations.load(ordering: .relaxed) <= 1 << 5)
  }

  @Test func `repartition spreads evenly, coalesce reads neighbours together`() throws {
    try expectSame(as: { $0.sorted() }) { try $0.repartition(4).collect().sorted() }
    try expectSame(as: { $0 }) { try $0.coalesce(2).collect() }
    try expectSame(as: { $0.sorted() }) { try $0.coalesce(5, shuffle: true).collect().sorted() }
    let numbers = sc.range(0, 1000, numSlices: 10)
    let sizes = try numbers.repartition(4).glom().map(\.count).collect()
    #expect(sizes.count == 4 && sizes.allSatisfy { abs($0 - 250) <= 10 }, "\(sizes)")
    #expect(try numbers.coalesce(3).getNumPartitions() == 3)
    #expect(try numbers.coalesce(30).getNumPartitions() == 10)
    #expect(try numbers.coalesce(30, shuffle: true).getNumPartitions() == 30)
    #expect(try numbers.repartition(7).collect() == numbers.repartition(7).collect())
  }

  @Test func `zipWithIndex numbers all elements, zipWithUniqueId gives no number twice`() throws {
    try expectSame(as: { Array($0.indices) }) { try $0.zipWithIndex().values().collect() }
    try expectSame(as: { $0 }) { try $0.zipWithIndex().keys().collect() }
    try expectSame(as: { [$0.count] }) { [Set(try $0.zipWithUniqueId().values().collect()).count] }
    #expect(try sc.parallelize(["a", "b", "c", "d"], 2).zipWithUniqueId().values().collect() == [0, 2, 1, 3])
    // Partitions of several chunks.
    let numbers = try sc.range(0, 9000, numSlices: 3).zipWithUniqueId().values().collect()
    #expect(numbers == (0..<3).flatMap { partition in (0..<3000).map { partition + 3 * $0 } })
  }

  @Test func `zip pairs in order and refuses different sizes`() throws {
    try expectSame(as: { $0.map { $0 + $0 * 2 } }) { numbers in
      try numbers.zip(numbers.map { $0 * 2 }).map { $0.0 + $0.1 }.collect()
    }
    let odd = sc.range(0, 5000, numSlices: 2).filter { $0 % 2 == 1 }
    #expect(code { try odd.zip(sc.range(0, 2500, numSlices: 3)).count() } == .invalidArgument)
    #expect(code { try odd.zip(sc.range(0, 2501, numSlices: 2)).count() } == .invalidArgument)
    let zipped = try odd.zip(sc.range(0, 2500, numSlices: 2)).collect()
    #expect(zipped.map(\.1) == Array(0..<2500) && zipped.map(\.0) == (0..<2500).map { $0 * 2 + 1 })
  }

  @Test func `zipPartitions passes both partitions`() throws {
    let sums = sc.range(0, 10, numSlices: 2).zipPartitions(sc.range(0, 4, numSlices: 2)) {
      [$0.reduce(0, +), $1.reduce(0, +)]
    }
    #expect(try sums.collect() == [10, 1, 35, 5])
  }

  @Test func `cartesian makes all pairs`() throws {
    let letters = sc.parallelize(["a", "b", "c"], 2)
    let pairs = try letters.cartesian(sc.range(0, 2500, numSlices: 3)).collect()
    #expect(pairs.count == 7500)
    #expect(Set(pairs.map { "\($0)" }).count == 7500)
    #expect(try letters.cartesian(sc.emptyRDD(of: Int.self)).count() == 0)
    #expect(try letters.filter { _ in false }.cartesian(letters).count() == 0)
  }

  @Test func `distinct, intersection and subtract work as with sets`() throws {
    try expectSame(as: { Array(Set($0.map { $0 % 10 })).sorted() }) {
      try $0.map { $0 % 10 }.distinct().collect().sorted()
    }
    try expectSame(as: { $0.filter { $0 < 5 }.sorted() }) { numbers in
      try numbers.union(numbers).intersection(numbers.filter { $0 < 5 }).collect().sorted()
    }
    try expectSame(as: { ($0 + $0).filter { $0 >= 5 }.sorted() }) { numbers in
      try numbers.union(numbers).subtract(numbers.filter { $0 < 5 }).collect().sorted()
    }
    let pairs = sc.parallelize([(1, "a"), (1, "a"), (2, "b")])
    #expect(try pairs.distinct().count() == 2)
    #expect(try pairs.intersection(sc.parallelize([(1, "a")])).collect().map(\.1) == ["a"])
    #expect(try pairs.subtract(sc.parallelize([(2, "b")])).count() == 2)
  }

  @Test func `samples depend only on the seed`() throws {
    let numbers = sc.range(0, 20000, numSlices: 5)
    for withReplacement in [false, true] {
      let sample = numbers.sample(withReplacement: withReplacement, fraction: 0.3, seed: 42)
      let first = try sample.collect()
      #expect(try sample.collect() == first)
      #expect(abs(first.count - 6000) < 400)
      #expect(try numbers.sample(withReplacement: withReplacement, fraction: 0.3, seed: 43).collect() != first)
      #expect(try numbers.sample(withReplacement: withReplacement, fraction: 0, seed: 1).count() == 0)
    }
    #expect(try numbers.sample(withReplacement: false, fraction: 1).count() == 20000)
    #expect(abs(try sc.range(0, 1000).sample(withReplacement: true, fraction: 50, seed: 1).count() - 50000) < 1500)
  }

  @Test func `sampleByKey takes a fraction for each key`() throws {
    let pairs = sc.range(0, 30000, numSlices: 5).map { ($0 % 3, $0) }
    for withReplacement in [false, true] {
      let sample = pairs.sampleByKey(withReplacement: withReplacement, fractions: [0: 0.1, 1: 0.5, 2: 0], seed: 42)
      let first = try sample.collect().map(\.1)
      #expect(try sample.collect().map(\.1) == first)
      let counts = try sample.countByKey()
      #expect(abs((counts[0] ?? 0) - 1000) < 150)
      #expect(abs((counts[1] ?? 0) - 5000) < 350)
      #expect(counts[2] == nil)
      #expect((Set(first).count < first.count) == withReplacement)
    }
    #expect(try pairs.sampleByKey(withReplacement: false, fractions: [0: 1, 1: 1, 2: 1]).count() == 30000)
  }

  @Test func `sampleByKey refuses invalid fractions and keys without one`() throws {
    let pairs = sc.parallelize([("a", 1), ("b", 2), ("b", 3)])
    for (withReplacement, fractions, part) in [
      (false, ["a": 1.0, "b": 1.5], "key b is 1.5"), (true, ["a": 1, "b": -1], "key b is -1"),
      (true, ["a": .nan, "b": 1], "key a is nan"), (false, ["a": 0.5], "no fraction for the key b"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try pairs.sampleByKey(withReplacement: withReplacement, fractions: fractions).collect()
      }
      #expect(error.map { "\($0)" }?.contains(part) == true)
      #expect(error.map { "\($0)" }?.contains("sampleByKey at") == true)
    }
  }

  @Test(arguments: [false, true])
  func `sampleByKeyExact has exactly the fraction of each key, rounded up`(withReplacement: Bool) throws {
    // Key k has k + 1 pairs in each thousand, over partitions that have very different parts of them.
    let pairs = sc.range(0, 9000, numSlices: 7).flatMap { n in (0..<4).filter { n % 1000 <= $0 }.map { ($0, n) } }
    let all = try pairs.collect()
    let totals = try pairs.countByKey()
    for (fraction, sizes) in [(0.0, [0, 0, 0, 0]), (0.34, [4, 7, 10, 13]), (1.0, [9, 18, 27, 36])] {
      let sample = pairs.sampleByKeyExact(
        withReplacement: withReplacement, fractions: [0: fraction, 1: fraction, 2: fraction, 3: fraction], seed: 5)
      let first = try sample.collect()
      #expect((0..<4).map { key in first.count { $0.0 == key } } == sizes, "of \(totals)")
      #expect(first.allSatisfy { pair in all.contains { $0 == pair } })
      #expect(try sample.collect().map(\.1) == first.map(\.1))
      if !withReplacement { #expect(Set(first.map { Pair($0.0, $0.1) }).count == first.count) }
    }
    if withReplacement {
      let twice = try pairs.sampleByKeyExact(withReplacement: true, fractions: [0: 0, 1: 0, 2: 0, 3: 40.5]).countByKey()
      #expect(twice == [3: 1458])
    }
  }

  @Test(arguments: [false, true])
  func `sampleByKeyExact selects each pair with the same probability`(withReplacement: Bool) throws {
    // Partitions of 1, 2, 3 and 4 pairs of a key, and of others between them.
    let sizes = [1, 2, 3, 4]
    let pairs = sc.parallelize(sizes, 4).flatMap { size in (0..<size).flatMap { [("a", size * 10 + $0), ("b", 0)] } }
    var counts: [Int: Int] = [:]
    let rounds = 4000
    for seed in 0..<rounds {
      let sample = try pairs.sampleByKeyExact(
        withReplacement: withReplacement, fractions: ["a": 0.4, "b": 0], seed: seed
      )
      .values().collect()
      #expect(sample.count == 4)
      for value in sample { counts[value, default: 0] += 1 }
    }
    // Each comes 1,600 times on average, with a standard deviation of 31 or, with replacement, of 38.
    #expect(counts.count == 10 && counts.values.allSatisfy { abs($0 - 1600) < 200 }, "\(counts)")
  }

  @Test func `sampleByKeyExact refuses RDDs that it cannot sample exactly`() throws {
    let pairs = sc.parallelize([("a", 1), ("b", 2), ("b", 3)])
    for (withReplacement, fractions, part) in [
      (false, ["a": 1.0, "b": 1.5], "key b is 1.5"), (true, ["a": 1, "b": -1], "key b is -1"),
      (true, ["a": .nan, "b": 1], "key a is nan"), (false, ["a": 0.5], "no fraction for the key b"),
      (true, ["a": 1e300, "b": 1], "key a is 1e+300"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try pairs.sampleByKeyExact(withReplacement: withReplacement, fractions: fractions).collect()
      }
      #expect(error.map { "\($0)" }?.contains(part) == true, "\(error.map { "\($0)" } ?? "")")
      #expect(error.map { "\($0)" }?.contains("sampleByKeyExact at") == true)
    }
    // More pairs, or fewer, the second time.
    for change in [1, -1] {
      let calls = Reads()
      let changing = sc.parallelize([0], 1).flatMap { n in
        let isFirst = calls.count.add(1, ordering: .relaxed).oldValue == 0
        return Array(repeating: ("a", n), count: isFirst ? 2 : 2 + change)
      }
      let error = #expect(throws: (any Error).self) {
        try changing.sampleByKeyExact(withReplacement: false, fractions: ["a": 0.5]).collect()
      }
      #expect(error.map { "\($0)" }?.contains("not the same as when they were counted") == true)
    }
  }

  @Test func `randomSplit loses and duplicates nothing`() throws {
    let numbers = sc.range(0, 10000, numSlices: 4)
    let parts = try numbers.randomSplit([1, 2, 1], seed: 7).map { try $0.collect() }
    #expect(parts.flatMap { $0 }.sorted() == Array(0..<10000))
    #expect(abs(parts[1].count - 5000) < 300)
  }

  @Test func `sortBy and sortByKey order all partitions and keep equal keys in their order`() throws {
    try expectSame(as: { $0.sorted() }) { try $0.sortBy { $0 }.collect() }
    try expectSame(as: { $0.sorted(by: >) }) { try $0.sortBy(ascending: false) { $0 }.collect() }
    try expectSame(as: { $0.sorted() }) { try $0.sortBy({ $0 }, numPartitions: 4).collect() }
    try expectSame(as: { $0.sorted { $0 % 7 < $1 % 7 } }) { try $0.sortBy { $0 % 7 }.collect() }
    try expectSame(as: { $0.sorted { $0 % 7 > $1 % 7 } }) {
      try $0.map { ($0 % 7, $0) }.sortByKey(ascending: false).values().collect()
    }
    let sizes = try sc.range(0, 10000, numSlices: 4).sortBy(ascending: false, numPartitions: 5) { $0 }.glom()
      .map(\.count).collect()
    #expect(sizes.count == 5 && sizes.allSatisfy { $0 > 1000 })
    // Equal keys cannot be divided: there are no empty partitions for the rest.
    let equal = sc.parallelize(Array(repeating: 7, count: 1000), 4).sortBy({ $0 }, numPartitions: 6)
    #expect(try equal.count() == 1000)
    #expect(try equal.getNumPartitions() <= 2)
  }

  @Test func `names are shown`() {
    let rdd = sc.range(0, 1).setName("numbers")
    #expect(rdd.name == "numbers")
    #expect(rdd.debugDescription.hasPrefix("'numbers': range"))
  }
}

/// The code of the error that the body throws.
func code<Result>(_ body: () throws -> Result) -> MartletError.Code? {
  do {
    _ = try body()
    return nil
  } catch {
    return (error as? MartletError)?.code
  }
}
