import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct PairOperatorTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  private func grouped(_ numbers: [Int]) -> [(key: Int, value: [Int])] {
    Dictionary(grouping: numbers) { $0 % 10 }.sorted { $0.key < $1.key }
  }

  /// Checks the sums by key of the numbers, for any aggregation.
  private func expectSums(
    sourceLocation: SourceLocation = #_sourceLocation, _ operation: (RDD<(Int, Int)>) -> RDD<(Int, Int)>
  ) throws {
    try expectSame(
      as: { grouped($0).map { [$0.key, $0.value.reduce(0, +)] } }, sourceLocation: sourceLocation
    ) { numbers in
      try operation(numbers.map { ($0 % 10, $0) }).collect().sorted { $0.0 < $1.0 }.map { [$0.0, $0.1] }
    }
  }

  @Test func `all aggregations by key agree`() throws {
    let partitioner = HashPartitioner<Int>(numPartitions: 4)
    try expectSums { $0.reduceByKey(+) }
    try expectSums { $0.reduceByKey(+, 5) }
    try expectSums { $0.reduceByKey(partitioner, +) }
    try expectSums { $0.foldByKey(0, +) }
    try expectSums { $0.foldByKey(0, partitioner, +) }
    try expectSums { $0.aggregateByKey(0, +, +) }
    try expectSums { $0.aggregateByKey(0, partitioner, +, +) }
    try expectSums { $0.aggregateByKey(into: 0, { $0 += $1 }, { $0 += $1 }, 2) }
    try expectSums { $0.combineByKey({ $0 }, +, +) }
    try expectSums { $0.combineByKey({ $0 }, +, +, 3, mapSideCombine: false) }
    try expectSums { $0.combineByKey({ $0 }, +, +, partitioner) }
    try expectSums { $0.groupByKey().mapValues { $0.reduce(0, +) } }
    try expectSums { $0.values().groupBy { $0 % 10 }.mapValues { $0.reduce(0, +) } }
    try expectSums { $0.cogroup($0.filter { _ in false }).mapValues { $0.0.reduce(0, +) } }
    try expectSums { $0.sortByKey().reduceByKey(+) }
  }

  @Test func `groupByKey keeps the values in the order of their partitions`() throws {
    try expectSame(as: { grouped($0).map(\.value) }) { numbers in
      try numbers.map { ($0 % 10, $0) }.groupByKey(4).collect().sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  @Test func `mapValues and flatMapValues keep keys and partitioner`() throws {
    let partitioned = sc.range(0, 100).map { ($0 % 10, $0) }.partitionBy(HashPartitioner(numPartitions: 3))
    let mapped = partitioned.mapValues { $0 + 1 }.flatMapValues { [$0, $0] }.filter { $0.0 > 3 }
    #expect(mapped.partitioner === partitioned.partitioner)
    #expect(try mapped.count() == 120)
    #expect(partitioned.map { $0 }.partitioner == nil)
    #expect(partitioned.mapPartitions(preservesPartitioning: true) { $0 }.partitioner != nil)
  }

  private let left = [(1, "a"), (2, "b"), (2, "c"), (3, "d")]
  private let right = [(2, 20), (3, 30), (3, 31), (4, 40)]

  private func described<Value>(_ rdd: RDD<(Int, Value)>) throws -> Set<String> {
    let all = try rdd.collect().map { "\($0)" }
    #expect(Set(all).count == all.count)
    return Set(all)
  }

  @Test(arguments: 1...4) func `joins keep the right keys`(slices: Int) throws {
    let left = sc.parallelize(left, slices)
    let right = sc.parallelize(right, 5 - slices)
    let inner: Set = ["(2, (\"b\", 20))", "(2, (\"c\", 20))", "(3, (\"d\", 30))", "(3, (\"d\", 31))"]
    #expect(try described(left.join(right)) == inner)
    #expect(try described(left.join(right, 7)) == inner)
    let leftOuter = try described(left.leftOuterJoin(right, HashPartitioner(numPartitions: 2)))
    #expect(leftOuter.count == 5 && leftOuter.contains("(1, (\"a\", nil))"))
    let rightOuter = try described(left.rightOuterJoin(right))
    #expect(rightOuter.count == 5 && rightOuter.contains("(4, (nil, 40))"))
    let full = try described(left.fullOuterJoin(right))
    #expect(
      full.count == 6 && full.contains("(1, (Optional(\"a\"), nil))") && full.contains("(4, (nil, Optional(40)))"))
    #expect(try described(left.subtractByKey(right)) == ["(1, \"a\")"])
    #expect(try described(right.subtractByKey(left)) == ["(4, 40)"])
  }

  @Test func `a join of many values for one key is complete`() throws {
    let many = sc.range(0, 3000).map { (0, $0) }
    #expect(try many.join(sc.range(0, 500).map { (0, $0) }).count() == 1_500_000)
    #expect(try many.join(sc.range(0, 500).map { (0, $0) }).take(2).map(\.1.1) == [0, 1])
    #expect(try many.leftOuterJoin(many.filter { _ in false }).count() == 3000)
    #expect(try many.filter { _ in false }.fullOuterJoin(many).count() == 3000)
  }

  @Test func `cogroup combines two, three and four RDDs`() throws {
    let a = sc.parallelize([(1, "a"), (2, "b"), (1, "c")], 2)
    let b = sc.parallelize([(1, 1.5)])
    let c = sc.parallelize([(3, true)])
    let d = sc.parallelize([(2, 9), (2, 8)], 2)
    func text<Value>(_ rdd: RDD<(Int, Value)>) throws -> [String] {
      try rdd.collect().sorted { $0.0 < $1.0 }.map { "\($0)" }
    }
    #expect(try text(a.cogroup(b)) == ["(1, ([\"a\", \"c\"], [1.5]))", "(2, ([\"b\"], []))"])
    #expect(try text(a.cogroup(b)) == text(a.groupWith(b)))
    #expect(try text(a.cogroup(b, c)).last == "(3, ([], [], [true]))")
    #expect(try text(a.cogroup(b, c, d))[1] == "(2, ([\"b\"], [], [], [9, 8]))")
    #expect(try text(a.cogroup(b, c, d, 2)) == text(a.groupWith(b, c, d)))
  }

  @Test func `RDDs with equal partitioning are joined without a shuffle`() throws {
    let counter = Reads()
    let left = sc.range(0, 100).map { ($0 % 10, $0) }.partitionBy(HashPartitioner(numPartitions: 4))
    let right = sc.range(0, 50).map { ($0 % 10, $0) }.partitionBy(HashPartitioner(numPartitions: 4))
    let joined = left.mapValues { value in counter.note(value) }.join(right)
    #expect(joined.partitioner?.isEquivalent(to: HashPartitioner<Int>(numPartitions: 4)) == true)
    // The output of a shuffle is retained; without a shuffle, the closure runs again for each job.
    #expect(try joined.count() == 500)
    #expect(try joined.count() == 500)
    #expect(counter.count.load(ordering: .relaxed) == 200)
    #expect(try left.reduceByKey(+).getNumPartitions() == 4)
    #expect(left.union(right).partitioner != nil)
    #expect(try left.union(right).reduceByKey(+).lookup(3) == [(3 + 93) * 5 + (3 + 43) * 5 / 2])
    #expect(left.partitionBy(HashPartitioner(numPartitions: 4)) === left)
  }

  @Test func `a custom partitioner is obeyed, and refused if it is wrong`() throws {
    final class ByParity: Partitioner<Int>, @unchecked Sendable {
      override func partition(of key: Int) throws -> Int {
        if key == 99 { throw Boom() }
        return key == 98 ? 7 : key % 2
      }
    }
    let byParity = ByParity(numPartitions: 2)
    let pairs = sc.range(0, 10).map { ($0, $0) }
    #expect(try pairs.partitionBy(byParity).keys().glom().collect() == [[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]])
    #expect(code { try sc.parallelize([(98, 0)]).partitionBy(byParity).count() } == .invalidArgument)
    #expect(throws: OperatorFailure.self) { try sc.parallelize([(99, 0)]).partitionBy(byParity).count() }
    #expect(throws: OperatorFailure.self) { try pairs.partitionBy(byParity).lookup(99) }
    #expect(try pairs.partitionBy(byParity).lookup(4) == [4])
  }

  @Test func `pairs can be keys of two parts`() throws {
    let visits = sc.parallelize([("a", 1), ("a", 1), ("b", 2)]).map { (Pair($0.0, $0.1), 1) }
    #expect(try visits.reduceByKey(+).collectAsMap() == [Pair("a", 1): 2, Pair("b", 2): 1])
  }
}
