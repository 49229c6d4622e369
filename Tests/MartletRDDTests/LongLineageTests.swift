import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct LongLineageTests {
  let sc = MartletContext(master: "local[3]", appName: "test")
  private let length = 100_000

  private func chain(_ start: RDD<Int>, _ count: Int, _ step: (RDD<Int>) -> RDD<Int>) -> RDD<Int> {
    var rdd = start
    for _ in 0..<count { rdd = step(rdd) }
    return rdd
  }

  @Test func `Very long chains are created and released`() {
    _ = chain(sc.parallelize([1, 2]), length) { $0.map { $0 + 1 } }
    _ = chain(sc.parallelize([1, 2]), length) { [sc] in $0.union(sc.parallelize([3])) }
    _ = chain(sc.parallelize([1, 2], 2), length) { [sc] in $0.zip(sc.parallelize([3, 4], 2)).map { $0.0 + $0.1 } }
    _ = chain(sc.parallelize([1, 2]), length / 4) { $0.map { ($0, 1) }.reduceByKey(+, 2).keys() }
  }

  @Test func `Very long chains of maps and filters are computed`() throws {
    let maps = chain(sc.parallelize([1, 2, 3], 2), length) { $0.map { $0 + 1 } }
    #expect(try maps.collect() == [length + 1, length + 2, length + 3])
    #expect(try maps.getNumPartitions() == 2)
    #expect(maps.debugDescription.split(separator: "\n").count == 1001)
    let filters = chain(sc.parallelize([1, 2, 3], 2), length) { $0.filter { $0 != 2 } }
    #expect(try filters.collect() == [1, 3])
    #expect(try filters.map { ($0, 1) }.reduceByKey(+).collect().count == 2)
  }

  @Test func `An error at the far end of a very long chain is reported`() {
    let maps = chain(sc.parallelize([1]).map { _ in throw Boom() }, length) { $0.map { $0 + 1 } }
    let failure = #expect(throws: OperatorFailure.self) { try maps.collect() }
    #expect(failure?.underlying as? Boom == Boom())
  }

  @Test func `A very long chain of unions is read as one union`() throws {
    let one = sc.parallelize([1], 1)
    let unions = chain(sc.parallelize([0], 1), 20_000) { $0.union(one) }
    #expect(try unions.count() == 20_001)
    #expect(try unions.first() == 0)
    #expect(try unions.map { $0 * 2 }.sum() == 40_000)
    let partitioner = HashPartitioner<Int>(numPartitions: 2)
    let pairs = sc.parallelize([(1, 1), (2, 1)], 1).partitionBy(partitioner)
    var table = pairs
    for _ in 0..<20_000 { table = table.union(pairs) }
    #expect(table.partitioner?.isEquivalent(to: partitioner) == true)
    #expect(try table.reduceByKey(+).values().collect() == [20_001, 20_001])
  }

  @Test func `A union reads the persisted parts of its unions`() throws {
    let reads = Reads()
    let inner = sc.parallelize([1, 2], 1).map { reads.note($0) }.union(sc.parallelize([3], 1)).cache()
    #expect(try inner.collect() == [1, 2, 3])
    let outer = inner.union(sc.parallelize([4], 1))
    #expect(try outer.collect() == [1, 2, 3, 4] && outer.collect() == [1, 2, 3, 4])
    #expect(reads.count.load(ordering: .relaxed) == 2)
  }

  @Test func `Actions on a growing chain do not become more expensive with its length`() throws {
    var rdd = sc.parallelize([1], 1)
    for step in 1...20_000 {
      rdd = rdd.map { $0 + 1 }.cache()
      if step % 10 == 0 { #expect(try rdd.collect() == [step + 1]) }
    }
    var tables = sc.parallelize([(0, 0)], 1)
    for step in 1...2000 {
      tables = tables.mapValues { $0 + 1 }.reduceByKey(+, 1 + step % 2)
      if step % 10 == 0 { #expect(try tables.first().1 == step) }
    }
  }

  @Test func `An RDD that occurs many times is prepared once`() throws {
    var rdd = sc.parallelize([1], 1)
    for _ in 0..<12 { rdd = rdd.union(rdd).map { $0 } }
    #expect(try rdd.count() == 4096)
    var joined = sc.parallelize([(1, 1)], 1).reduceByKey(+)
    for _ in 0..<40 { joined = joined.join(joined).mapValues { $0.0 }.cache() }
    #expect(try joined.collect().count == 1)
  }

  // MARK: Checkpoints

  @Test func `A local checkpoint releases the lineage, and computes it once`() throws {
    let reads = Reads()
    let living = Living()
    var source: RDD<Tracked>? = sc.parallelize((0..<10).map { Tracked($0, living) }, 3)
    let numbers = try #require(source).map { reads.note($0.number) }.localCheckpoint()
    source = nil
    #expect(!numbers.isCheckpointed && numbers.getCheckpointFile == nil)
    #expect(try numbers.sum() == 45 && numbers.collect() == Array(0..<10))
    #expect(numbers.isCheckpointed && numbers.parents.isEmpty)
    #expect(reads.count.load(ordering: .relaxed) == 10)
    #expect(living.isZeroSoon())
    #expect(try numbers.map { $0 + 1 }.sum() == 55)
    #expect(try numbers.cache().sum() == 45 && numbers.unpersist().sum() == 45)
  }

  @Test func `A checkpoint is written to files, and read from them`() throws {
    try withTemporaryFolder { folder in
      sc.setCheckpointDir("\(folder)/checkpoints")
      let reads = Reads()
      let pairs = sc.parallelize(0..<100, 4).map { (reads.note($0) % 10, "\($0)") }.groupByKey(3)
      try pairs.checkpoint()
      let count = pairs.mapValues { $0.count }
      #expect(try count.values().sum() == 100)
      #expect(pairs.isCheckpointed)
      let path = try #require(pairs.getCheckpointFile)
      #expect(path.hasPrefix("\(folder)/checkpoints/"))
      let files: RDD<(Int, [String])> = sc.objectFile(path)
      #expect(try files.getNumPartitions() == 3 && files.count() == 10)
      #expect(try pairs.partitioner != nil && pairs.lookup(3).first?.count == 10)
      #expect(try count.values().sum() == 100, "RDDs from before the checkpoint also read it")
      #expect(reads.count.load(ordering: .relaxed) == 100)
    }
  }

  @Test func `A repeatedly truncated chain continues without limit`() throws {
    var rdd = sc.parallelize([0, 0], 2)
    for step in 1...2000 {
      rdd = rdd.map { $0 + 1 }.union(sc.parallelize([step], 1)).filter { $0 % 1000 != 999 }.coalesce(2)
      if step % 50 == 0 {
        rdd.localCheckpoint()
        _ = try rdd.count()
        #expect(rdd.parents.isEmpty)
      }
    }
    #expect(rdd.debugDescription.split(separator: "\n").count == 1)
  }

  @Test func `A checkpoint without a folder, or of unwritable elements, is refused`() throws {
    let rdd = sc.parallelize([1])
    let refusal = #expect(throws: MartletError.self) { try rdd.checkpoint() }
    #expect(refusal?.message.contains("setCheckpointDir") == true)
    try withTemporaryFolder { folder in
      let objects = sc.parallelize([Tracked(1, Living())])
      try objects.checkpoint(folder)
      #expect(throws: MartletError.self) { try objects.count() }
      #expect(throws: MartletError.self) { try objects.map { $0.number }.count() }
    }
  }

  @Test func `A checkpoint that fails is retried by the next job`() throws {
    try withTemporaryFolder { folder in
      let reads = Reads()
      let rdd = sc.parallelize([1, 2], 1).map { number in
        if reads.note(reads.count.load(ordering: .relaxed)) == 0 { throw Boom() }
        return number
      }
      try rdd.checkpoint(folder)
      #expect(throws: OperatorFailure.self) { try rdd.count() }
      #expect(!rdd.isCheckpointed)
      #expect(try rdd.count() == 2 && rdd.isCheckpointed)
    }
  }
}
