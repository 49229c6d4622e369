import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct TupleKeyTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  /// The descriptions of the pairs, in an order that does not depend on the partitions.
  private func texts<Element>(_ rdd: RDD<Element>) throws -> [String] { try rdd.collect().map { "\($0)" }.sorted() }

  @Test func `tuples of two can be keys`() throws {
    let pairs = sc.parallelize([(("a", 1), 10), (("b", 1), 20), (("a", 1), 30), (("a", 2), 40)], 3)
    #expect(
      try texts(pairs.reduceByKey(+)) == ["((\"a\", 1), 40)", "((\"a\", 2), 40)", "((\"b\", 1), 20)"])
    #expect(
      try texts(pairs.groupByKey(2)) == ["((\"a\", 1), [10, 30])", "((\"a\", 2), [40])", "((\"b\", 1), [20])"])
    let others = sc.parallelize([(("a", 1), "x"), (("c", 1), "y")])
    #expect(try texts(pairs.join(others)) == ["((\"a\", 1), (10, \"x\"))", "((\"a\", 1), (30, \"x\"))"])
    #expect(try texts(pairs.leftOuterJoin(others).filter { $0.1.1 == nil }).count == 2)
    #expect(try pairs.countByKey() == [Pair("a", 1): 2, Pair("b", 1): 1, Pair("a", 2): 1])
    #expect(
      try texts(sc.range(0, 6).groupBy { ($0 % 2, $0 > 3) }) == [
        "((0, false), [0, 2])", "((0, true), [4])", "((1, false), [1, 3])", "((1, true), [5])",
      ])
  }

  @Test func `tuples of three can be keys`() throws {
    let pairs = sc.parallelize([(("a", 1, true), 10), (("a", 1, false), 20), (("a", 1, true), 30)], 3)
    #expect(try texts(pairs.reduceByKey(+)) == ["((\"a\", 1, false), 20)", "((\"a\", 1, true), 40)"])
    #expect(try texts(pairs.groupByKey(2)) == ["((\"a\", 1, false), [20])", "((\"a\", 1, true), [10, 30])"])
    let others = sc.parallelize([(("a", 1, false), "x")])
    #expect(try texts(pairs.join(others)) == ["((\"a\", 1, false), (20, \"x\"))"])
    #expect(try texts(pairs.leftOuterJoin(others).filter { $0.1.1 == nil }).count == 2)
    #expect(try pairs.countByKey() == [Pair("a", Pair(1, true)): 2, Pair("a", Pair(1, false)): 1])
    #expect(try texts(sc.range(0, 2).groupBy { ($0, $0 + 1, 7) }) == ["((0, 1, 7), [0])", "((1, 2, 7), [1])"])
  }

  @Test func `cogroup and the outer joins take tuples of two and three`() throws {
    let twos = sc.parallelize([(("a", 1), 10), (("b", 1), 20)])
    let otherTwos = sc.parallelize([(("a", 1), "x"), (("c", 1), "y")])
    #expect(
      try texts(twos.cogroup(otherTwos)) == [
        #"(("a", 1), ([10], ["x"]))"#, #"(("b", 1), ([20], []))"#, #"(("c", 1), ([], ["y"]))"#,
      ])
    #expect(
      try texts(twos.rightOuterJoin(otherTwos)) == [
        #"(("a", 1), (Optional(10), "x"))"#, #"(("c", 1), (nil, "y"))"#,
      ])
    #expect(
      try texts(twos.fullOuterJoin(otherTwos)) == [
        #"(("a", 1), (Optional(10), Optional("x")))"#, #"(("b", 1), (Optional(20), nil))"#,
        #"(("c", 1), (nil, Optional("y")))"#,
      ])
    let threes = sc.parallelize([(("a", 1, true), 10)])
    let otherThrees = sc.parallelize([(("a", 1, true), "x"), (("a", 1, false), "y")])
    #expect(
      try texts(threes.cogroup(otherThrees)) == [
        #"(("a", 1, false), ([], ["y"]))"#, #"(("a", 1, true), ([10], ["x"]))"#,
      ])
    #expect(try threes.rightOuterJoin(otherThrees).filter { $0.1.0 == nil }.map { $0.1.1 }.collect() == ["y"])
    #expect(try threes.fullOuterJoin(otherThrees, 3).filter { $0.1.0 == nil }.map { $0.1.1 }.collect() == ["y"])
  }

  @Test func `operations without tuples accept them as pairs, and return tuples`() throws {
    let twos = sc.parallelize([(("a", 1), 10), (("b", 1), 20), (("a", 1), 30)])
    #expect(
      try texts(twos.pairKeys().foldByKey(0, HashPartitioner(numPartitions: 2), +).tupleKeys())
        == [#"(("a", 1), 40)"#, #"(("b", 1), 20)"#])
    let threes = sc.parallelize([(("b", 1, 5), 10), (("a", 1, 5), 20)])
    #expect(try texts(threes.pairKeys()) == [#"(("a", (1, 5)), 20)"#, #"(("b", (1, 5)), 10)"#])
    #expect(
      try threes.pairKeys().sortByKey().tupleKeys().map { "\($0.0)" }.collect() == [#"("a", 1, 5)"#, #"("b", 1, 5)"#])
  }

  @Test func `an RDD that was reduced by a tuple is joined by it without a shuffle`() throws {
    let counts = sc.range(0, 100).map { (($0 % 5, $0 % 2), 1) }.reduceByKey(+, 4)
    #expect(counts.partitioner?.isEquivalent(to: HashPartitioner<Pair<Int, Int>>(numPartitions: 4)) == true)
    #expect(try counts.join(counts).getNumPartitions() == 4)
    #expect(try counts.join(counts).map { $0.1.0 + $0.1.1 }.collect() == Array(repeating: 20, count: 10))
    // The output of a shuffle is retained; without a shuffle, the closure runs again for each job.
    let counter = Reads()
    let joined = counts.mapValues { counter.note($0) }.join(counts)
    #expect(try joined.count() == 10)
    #expect(try joined.count() == 10)
    #expect(counter.count.load(ordering: .relaxed) == 20)
  }

  @Test func `an error of a closure for a tuple is reported with the operation`() throws {
    let error = #expect(throws: (any Error).self) {
      try sc.parallelize([(("a", 1), 10), (("a", 1), 1)], 1).reduceByKey { _, _ in throw Boom() }.collect()
    }
    #expect(error.map { "\($0)" }?.contains("reduceByKey") == true)
  }
}
