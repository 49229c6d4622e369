import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct MoreOperationTests {
  let sc = MartletContext(master: "local[3]", appName: "test")

  // MARK: zipPartitions

  @Test func `zipPartitions of three passes the partitions with the same number`() throws {
    let partitioner = HashPartitioner<Int>(numPartitions: 3)
    let pairs = sc.parallelize((0..<9).map { ($0, 1) }).partitionBy(partitioner)
    let zipped = pairs.zipPartitions(sc.range(0, 3, numSlices: 3), sc.parallelize(["a", "b", "c"], 3)) {
      pairs, numbers, texts in
      [(pairs.reduce(0) { $0 + $1.1 }, numbers.next() ?? -1, texts.next() ?? "")]
    }
    let rows = try zipped.collect()
    #expect(rows.map(\.1) == [0, 1, 2] && rows.map(\.2) == ["a", "b", "c"] && rows.reduce(0) { $0 + $1.0 } == 9)
    #expect(zipped.partitioner == nil)
    let kept = pairs.zipPartitions(pairs, pairs, preservesPartitioning: true) { first, _, _ in first }
    #expect(kept.partitioner?.isEquivalent(to: partitioner) == true)
    #expect(try kept.lookup(4) == [1])
    let refusal = #expect(throws: MartletError.self) {
      try pairs.zipPartitions(pairs, sc.range(0, 2, numSlices: 2)) { first, _, _ in first }.count()
    }
    #expect(refusal?.message.contains("3, 3 and 2 partitions") == true)
    #expect(throws: OperatorFailure.self) {
      try pairs.zipPartitions(pairs.map { _ in throw Boom() }, pairs) { (_, failing: PartitionIterator<Int>, _) in
        failing
      }.count()
    }
  }

  // MARK: Trees

  @Test(arguments: [1, 2, 3, 10]) func `treeReduce and treeAggregate give the same as reduce and aggregate`(
    depth: Int
  ) throws {
    for slices in [1, 2, 7, 100] {
      let texts = sc.parallelize((0..<100).map { "\($0)," }, slices)
      #expect(try texts.treeReduce(+, depth: depth) == texts.reduce(+))
      #expect(try texts.treeAggregate("", +, +, depth: depth) == texts.reduce(+))
      #expect(try texts.treeAggregate(0, { $0 + $1.count }, +, depth: depth) == 290)
    }
    #expect(try sc.emptyRDD(of: Int.self).treeAggregate(7, +, +, depth: depth) == 7)
    #expect(throws: MartletError.self) { try sc.emptyRDD(of: Int.self).treeReduce(+, depth: depth) }
  }

  @Test func `A tree without rounds is refused, and an error in a later round is reported`() throws {
    let numbers = sc.range(0, 100, numSlices: 50)
    #expect(throws: MartletError.self) { try numbers.treeReduce(+, depth: 0) }
    #expect(throws: MartletError.self) { try numbers.treeAggregate(0, +, +, depth: -1) }
    #expect(throws: OperatorFailure.self) {
      try numbers.treeAggregate(0, { $0 + $1 }, { _, _ in throw Boom() }, depth: 3)
    }
  }

  // MARK: Histograms

  @Test func `histogram counts the numbers between the bounds`() throws {
    let numbers = sc.parallelize([1.0, 2, 3, 4, 5.5, 7, .nan, -.infinity, .infinity, 10, -1], 3)
    #expect(try numbers.histogram([0.0, 2, 5, 10]) == [1, 3, 3])
    #expect(try numbers.histogram([-.infinity, 0, .infinity]) == [2, 8])
    #expect(try numbers.histogram([1.0, 4, 7], evenBuckets: true) == [3, 3])
    #expect(try sc.parallelize([1, 2, 3, 100], 2).histogram([1.0, 3, 50]) == [2, 1])
    #expect(try sc.emptyRDD(of: Double.self).histogram([0.0, 1]) == [0])
    for bounds in [[], [1.0], [1, 1], [2, 1], [1, .nan], [.nan, 1]] as [[Double]] {
      #expect(throws: MartletError.self) { try numbers.histogram(bounds) }
    }
  }

  @Test func `histogram finds buckets of equal width`() throws {
    let (buckets, counts) = try sc.parallelize((0...100).map { Double($0) }, 4).histogram(4)
    #expect(buckets == [0, 25, 50, 75, 100] && counts == [25, 25, 25, 26])
    let same = try sc.parallelize([3, 3, 3]).histogram(5)
    #expect(same.buckets == [3, 3] && same.counts == [3])
    let huge = Double.greatestFiniteMagnitude
    let far = try sc.parallelize([-huge, 0, huge]).histogram(2)
    #expect(far.buckets == [-huge, 0, huge] && far.counts == [1, 2])
    #expect(throws: MartletError.self) { try sc.parallelize([1.0, .nan]).histogram(2) }
    #expect(throws: MartletError.self) { try sc.parallelize([1.0, .infinity]).histogram(2) }
    #expect(throws: MartletError.self) { try sc.emptyRDD(of: Double.self).histogram(2) }
    #expect(throws: MartletError.self) { try sc.parallelize([1]).histogram(0) }
  }

  @Test func `Even buckets give the same counts as searched ones`() throws {
    let numbers = sc.parallelize((0..<3000).map { Double($0 * 7919 % 1201 - 100) / 10 }, 5)
    let bounds = (0...8).map { Double($0) * 12.5 }
    #expect(try numbers.histogram(bounds, evenBuckets: true) == numbers.histogram(bounds))
  }

  // MARK: Estimates

  @Test(arguments: [0, 1, 10, 100, 1000, 20_000]) func `countApproxDistinct is close to the exact number`(
    count: Int
  ) throws {
    let numbers = sc.parallelize((0..<max(count, 1) * 3).map { $0 % max(count, 1) }, 5).filter { _ in count > 0 }
    for relativeSD in [0.2, 0.05, 0.01] {
      // The numbers are always the same, and so is the result; it is within three deviations.
      let estimate = Double(try numbers.countApproxDistinct(relativeSD: relativeSD))
      #expect(
        abs(estimate - Double(count)) <= (3 * relativeSD * Double(count)).rounded(.up), "\(relativeSD): \(estimate)")
    }
    #expect(throws: MartletError.self) { try numbers.countApproxDistinct(relativeSD: 0) }
    #expect(throws: MartletError.self) { try numbers.countApproxDistinct(relativeSD: .nan) }
  }

  @Test func `countApproxDistinctByKey estimates the values of each key`() throws {
    let pairs = sc.parallelize((0..<6000).map { ($0 % 3, "\($0 % 3 == 0 ? $0 % 9 : $0)") }, 4)
    let counts = try pairs.countApproxDistinctByKey(relativeSD: 0.02, 2).collectAsMap()
    #expect(counts[0] == 3)
    for key in 1...2 { #expect((1880...2120).contains(counts[key] ?? 0), "\(counts)") }
    #expect(try sc.parallelize([(1, Double.nan), (1, -.nan)], 2).countApproxDistinctByKey().collect().map(\.1) == [1])
    #expect(throws: MartletError.self) { try pairs.countApproxDistinctByKey(relativeSD: 2).count() }
  }

  // MARK: filterByRange

  @Test func `filterByRange has the keys between the bounds, inclusive`() throws {
    let pairs = sc.parallelize((0..<20).map { ($0, "\($0)") }, 3)
    #expect(try pairs.filterByRange(3, 6).keys().collect() == [3, 4, 5, 6])
    #expect(try pairs.sortByKey(ascending: false).filterByRange(3, 4).keys().collect() == [4, 3])
    #expect(try pairs.filterByRange(6, 3).isEmpty())
    let doubles = sc.parallelize([1.0, .nan, 5, .infinity].map { ($0, 0) })
    #expect(try doubles.filterByRange(2, .infinity).keys().collect() == [5, .infinity])
    #expect(try doubles.filterByRange(2, .nan).count() == 3)
  }

  // MARK: Small differences

  @Test func `take of a negative number is empty`() throws {
    #expect(try sc.range(0, 10).take(-1).isEmpty)
  }

  @Test func `Shuffles have as many partitions as the largest parent, unless the setting says otherwise`() throws {
    let pairs = sc.parallelize((0..<100).map { ($0, 1) }, 10)
    let few = sc.parallelize((0..<100).map { ($0, 1) }, 2)
    let counts = try [
      pairs.reduceByKey(+).getNumPartitions(), pairs.groupByKey().getNumPartitions(),
      pairs.aggregateByKey(0, +, +).getNumPartitions(), few.join(pairs).getNumPartitions(),
      pairs.cogroup(few).getNumPartitions(), few.cogroup(few, pairs).getNumPartitions(),
      pairs.distinct().getNumPartitions(), pairs.keys().distinct().getNumPartitions(),
      pairs.keys().subtract(few.keys()).getNumPartitions(), few.keys().intersection(pairs.keys()).getNumPartitions(),
      pairs.groupBy { $0.0 % 2 }.getNumPartitions(), pairs.subtractByKey(few).getNumPartitions(),
      pairs.map { ($0.0, 2) }.filter { $0.0 > 3 }.reduceByKey(+).getNumPartitions(),
      few.union(pairs).coalesce(10).reduceByKey(+).getNumPartitions(),
      pairs.sortByKey().reduceByKey(+).getNumPartitions(),
    ]
    #expect(counts == Array(repeating: 10, count: counts.count))
    #expect(try few.union(pairs).reduceByKey(+).getNumPartitions() == 12)
    #expect(try few.cartesian(few).map { ($0.0.0, 1) }.reduceByKey(+).getNumPartitions() == 4)
    let partitioned = pairs.reduceByKey(+, 4)
    #expect(try partitioned.mapValues { $0 }.join(pairs).getNumPartitions() == 4, "its keys are already partitioned")
    #expect(try pairs.reduceByKey(+, 1).join(pairs).getNumPartitions() == 10, "a tenth of the partitions is too few")
    #expect(try sc.emptyRDD(of: (Int, Int).self).reduceByKey(+).getNumPartitions() == 1)
    let set = MartletContext(conf: MartletConf().setMaster("local[2]").set(MartletConf.Key.defaultParallelism, "7"))
    #expect(try set.parallelize([(1, 1)], 10).reduceByKey(+).getNumPartitions() == 7)
    try withTemporaryFolder { folder in
      try pairs.saveAsTextFile("\(folder)/out")
      #expect(try sc.textFile("\(folder)/out").map { ($0, 1) }.reduceByKey(+).getNumPartitions() == 10)
    }
  }

  @Test func `Partitions of very different sizes are sorted into partitions of nearly equal size`() throws {
    let counts = [40_000, 60, 60, 60]
    let numbers = sc.parallelize(0..<4, 4).flatMap { number in
      (0..<counts[number]).map { (UInt64($0 * 4 + number) &* 0x9E37_79B9_7F4A_7C15) >> 20 }
    }
    let sorted = numbers.sortBy({ $0 }, numPartitions: 4)
    let sizes = try sorted.glom().collect().map { $0.count }
    #expect(sizes.count == 4 && sizes.allSatisfy { (4000...20_000).contains($0) }, "\(sizes)")
    #expect(try sorted.collect() == numbers.collect().sorted())
  }
}
