import MartletCore
import MartletRDD
import Testing

/// Arguments at the limits of their types: the right result, or an error that names the operator and its line.
@Suite(.timeLimit(.minutes(30))) struct ExtremeNumberTests {
  private let sc = MartletContext(master: "local[2]", appName: "test")

  private typealias Call = (name: String, run: () throws -> Int)

  @Test func `a range may span all whole numbers`() throws {
    #expect(try sc.range(.min, .max, step: 1 << 62).collect() == [.min, .min / 2, 0, 1 << 62])
    #expect(try sc.range(.min, .max, step: .max).collect() == [.min, -1, .max - 1])
    #expect(try sc.range(.max, .min, step: .min).collect() == [.max, -1])
    #expect(try sc.range(10, 0, step: .min).collect() == [10])
    #expect(try sc.range(0, 10, step: .min).collect() == [])
    #expect(try sc.range(0, 10, step: .max).collect() == [0])
    #expect(try sc.range(.max, .min).collect() == [])
    #expect(try sc.range(.min, .min).collect() == [])
    #expect(try sc.range(.max - 1, .max, numSlices: 3).collect() == [.max - 1])
    #expect(try sc.range(.min, -1).take(2) == [.min, .min + 1])
    #expect(try sc.range(.max - 2, .max).zipWithIndex().map { $0.1 }.collect() == [0, 1])
    #expect(try sc.range(1, 0, step: -1, numSlices: 1 << 20).take(1) == [1])
  }

  @Test func `invalid numbers are refused by the action, with the operator and the line`() throws {
    let numbers = sc.range(0, 10)
    let pairs = numbers.map { ($0, $0) }
    var refused: [Call] = [
      ("range", { try sc.range(.min, .max).count() }), ("range", { try sc.range(.max, .min, step: -1).count() }),
      ("sample", { try numbers.sample(withReplacement: true, fraction: 1e300).count() }),
      ("sample", { try numbers.sample(withReplacement: true, fraction: .infinity).count() }),
      ("sampleByKey", { try pairs.sampleByKey(withReplacement: true, fractions: [1: 1e300]).count() }),
      ("sampleByKeyExact", { try pairs.sampleByKeyExact(withReplacement: true, fractions: [1: 1e300]).count() }),
      ("takeSample", { try numbers.takeSample(withReplacement: true, .max).count }),
      ("top", { try numbers.top(.min).count }),
      ("takeOrdered", { try numbers.takeOrdered(.min).count }),
      ("takeSample", { try numbers.takeSample(withReplacement: false, .min).count }),
    ]
    for count in [.min, -1, 0, maximumPartitions + 1, .max] {
      let calls: [Call] = [
        ("parallelize", { try sc.parallelize([1], count).count() }),
        ("range", { try sc.range(0, 5, numSlices: count).count() }),
        ("repartition", { try numbers.repartition(count).count() }),
        ("coalesce", { try numbers.coalesce(count, shuffle: true).count() }),
        ("sortBy", { try numbers.sortBy({ $0 }, numPartitions: count).count() }),
        ("sortByKey", { try pairs.sortByKey(numPartitions: count).count() }),
        ("reduceByKey", { try pairs.reduceByKey(+, count).count() }),
        ("groupByKey", { try pairs.groupByKey(count).count() }),
        ("groupBy", { try numbers.groupBy({ $0 }, count).count() }),
        ("distinct", { try numbers.distinct(count).count() }),
        ("aggregateByKey", { try pairs.aggregateByKey(0, +, +, count).count() }),
        ("foldByKey", { try pairs.foldByKey(0, +, count).count() }),
        ("join", { try pairs.join(pairs, count).count() }),
        ("leftOuterJoin", { try pairs.leftOuterJoin(pairs, count).count() }),
        ("fullOuterJoin", { try pairs.fullOuterJoin(pairs, count).count() }),
        ("cogroup", { try pairs.cogroup(pairs, count).count() }),
        ("subtractByKey", { try pairs.subtractByKey(pairs, count).count() }),
        ("subtract", { try numbers.subtract(numbers, count).count() }),
        ("intersection", { try numbers.intersection(numbers, count).count() }),
        ("partitionBy", { try pairs.partitionBy(HashPartitioner(numPartitions: count)).count() }),
      ]
      refused += calls
      if count < 1 { refused.append(("coalesce", { try numbers.coalesce(count).count() })) }
    }
    for (name, run) in refused {
      let error = #expect(throws: MartletError.self, "\(name)") { _ = try run() }
      #expect(error?.code == .invalidArgument, "\(name)")
      #expect(
        error?.message.hasPrefix("\(name) at MartletRDDTests/ExtremeNumberTests.swift:") == true, "\(error as Any)")
    }
  }

  @Test func `a request for more elements than there are is accepted`() throws {
    let numbers = sc.range(0, 10, numSlices: 4)
    #expect(try numbers.coalesce(.max).getNumPartitions() == 4)
    #expect(try numbers.take(.max).count == 10)
    #expect(try numbers.top(.max).count == 10)
    #expect(try numbers.takeSample(withReplacement: false, .max).count == 10)
    #expect(try sc.range(0, 1).sample(withReplacement: true, fraction: 1_000_000, seed: 1).count() > 990_000)
    try withTemporaryFolder { folder in
      try numbers.saveAsTextFile("\(folder)/out")
      for count in [.min, 0, .max] {
        #expect(try sc.textFile("\(folder)/out", minPartitions: count).count() == 10)
        #expect(try sc.wholeTextFiles("\(folder)/out", minPartitions: count).count() == 4)
      }
      #expect(throws: MartletError.self) { try sc.binaryRecords("\(folder)/out", recordLength: .max).count() }
      #expect(throws: MartletError.self) { try sc.binaryRecords("\(folder)/out", recordLength: .min).count() }
    }
  }

  @Test func `a job with too many partitions is refused, and one with a few of them runs`() throws {
    let many = sc.range(0, 1 << 20, numSlices: 1 << 20)
    let more = many.cartesian(many).cartesian(many).cartesian(many)
    #expect(try more.take(1).count == 1)
    let error = #expect(throws: MartletError.self) { try more.union(more).count() }
    #expect(error?.message.hasPrefix("count at MartletRDDTests/ExtremeNumberTests.swift:") == true)
    #expect(error?.message.contains("union at MartletRDDTests/ExtremeNumberTests.swift:") == true)
  }

  @Test func `invalid settings are refused, and the largest valid ones work`() throws {
    typealias Key = MartletConf.Key
    let largest = MartletConf().setMaster("local[2]").set(Key.memoryBytes, "\(Int.max)")
      .set(Key.taskMemoryBytes, "\(Int.max)").set(Key.maximumLineLength, "\(Int.max)")
    try withTemporaryFolder { folder in
      let sc = MartletContext(conf: largest)
      try sc.range(0, 1000).map { ($0 % 10, 1) }.reduceByKey(+).sortByKey().cache().saveAsTextFile("\(folder)/out")
      #expect(try sc.textFile("\(folder)/out").count() == 10)
    }
    for conf in [
      MartletConf().setMaster("local[\(Int.max)]"), MartletConf().set(Key.defaultParallelism, "\(Int.max)"),
      MartletConf().set(Key.defaultParallelism, "0"),
    ] {
      let error = #expect(throws: MartletError.self) { try MartletContext(conf: conf).parallelize([1]).count() }
      #expect(error?.code == .invalidConfiguration)
    }
  }

  @Test func `a partitioner that returns a missing partition is an error with the operator and the line`() {
    final class Broken: Partitioner<Int>, @unchecked Sendable {
      override func partition(of key: Int) -> Int { key }
    }
    let pairs = sc.range(0, 8).map { ($0, $0) }
    for key in [7, -1, .min, .max] {
      let error = #expect(throws: MartletError.self) {
        try pairs.mapValues { _ in 1 }.map { ($0.0 == 3 ? key : 0, 1) }.partitionBy(Broken(numPartitions: 2)).count()
      }
      #expect(error?.message.hasPrefix("partitionBy at MartletRDDTests/ExtremeNumberTests.swift:") == true)
      #expect(error?.message.contains("returned partition \(key)") == true)
    }
  }
}
