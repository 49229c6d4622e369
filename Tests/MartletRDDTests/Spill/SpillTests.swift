import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct SpillTests {
  private func words(_ sc: MartletContext) -> RDD<(Text, Int)> {
    sc.parallelize(0..<6000, 5).map { (Text("a word that is long, number \($0 * 7919 % 1009)"), $0) }
  }

  /// Runs `body` in a context without and in contexts with a memory limit; the results must be the same.
  private func expectSame<Result: Equatable>(_ body: (MartletContext) throws -> Result) throws {
    let expected = try body(roomyContext())
    try withTemporaryFolder { (folder) throws in
      for memory in [1024, 40_000] {
        let sc = spillingContext(folder, taskMemory: memory)
        #expect(try body(sc) == expected)
        #expect(try Folder.names(folder) == [])
      }
    }
    // Otherwise the limit may suffice, and nothing is compared.
    let error = #expect(throws: MartletError.self, "nothing was spilled") {
      try body(spillingContext("/proc/nowhere", taskMemory: 1024))
    }
    #expect(error?.code == .inputOutput && error?.message.contains("/proc/nowhere") == true)
  }

  @Test func `sums by key are the same with little memory`() throws {
    try expectSame { sc in
      Dictionary(uniqueKeysWithValues: try words(sc).reduceByKey(+, 4).collect())
    }
  }

  @Test func `every key occurs once and in its partition`() throws {
    try withTemporaryFolder { (folder) throws in
      let parts = try words(spillingContext(folder)).reduceByKey(+, 4).map { $0.0 }.glom().collect()
      let expected = try words(roomyContext()).reduceByKey(+, 4).map { $0.0 }.glom().collect()
      #expect(parts.map(\.count) == expected.map(\.count))
      #expect(parts.map { Set($0) } == expected.map { Set($0) })
    }
  }

  @Test func `shuffled pairs keep their order`() throws {
    try expectSame { sc in
      try words(sc).partitionBy(HashPartitioner(numPartitions: 3)).map { Pair($0.0, $0.1) }.glom().collect()
    }
    try expectSame { sc in try words(sc).repartition(1).map { $0.1 }.collect() }
    try expectSame { sc in try words(sc).repartition(4).map { $0.1 }.glom().collect() }
  }

  @Test func `groups have the same values in the same order`() throws {
    try expectSame { sc in
      Dictionary(uniqueKeysWithValues: try words(sc).groupByKey(3).collect())
    }
  }

  @Test func `joins and cogroups are the same`() throws {
    try expectSame { sc in
      let left = words(sc).filter { $0.1 < 2000 }
      let right = words(sc).filter { $0.1 % 9 == 0 }
      let groups = left.coGrouped(right, coGroupKernels(), nil, OperatorSite("cogroup", #fileID, #line))
      return Dictionary(uniqueKeysWithValues: try groups.map { ($0.0, Pair($0.1.0, $0.1.1)) }.collect())
    }
    try expectSame { sc in
      let left = words(sc).filter { $0.1 < 1100 }
      return try Set(left.join(left, 3).map { Pair($0.0, Pair($0.1.0, $0.1.1)) }.collect())
    }
  }

  @Test func `combining into another type is the same, with and without combining before the shuffle`() throws {
    for combines in [true, false] {
      try expectSame { sc in
        let lists = words(sc).combineByKey(
          { [$0] }, { $0 + [$1] }, { $0 + $1 }, 3, mapSideCombine: combines)
        return Dictionary(uniqueKeysWithValues: try lists.mapValues { $0.sorted() }.collect())
      }
    }
  }

  @Test func `aggregations without a shuffle are the same`() throws {
    try expectSame { sc in
      let placed = words(sc).partitionBy(HashPartitioner(numPartitions: 3))
      let sums = placed.reduceByKey(+, 3)
      return Dictionary(uniqueKeysWithValues: try sums.collect())
    }
  }

  @Test func `Codable values, and nested tuples, are also spilled`() throws {
    struct Visit: Codable, Hashable, Sendable {
      var page: String
      var seconds: Int?
    }
    try expectSame { sc in
      let visits = words(sc).map { ($0.1 % 100, (Visit(page: "p\($0.1)", seconds: $0.1), $0.0)) }
      return try visits.partitionBy(HashPartitioner(numPartitions: 2)).map { Pair($0.0, Pair($0.1.0, $0.1.1)) }
        .collect()
    }
  }

  @Test func `sorted pairs are the same, equal keys in their order`() throws {
    try expectSame { sc in
      try words(sc).map { ($0.1 % 17, $0.0) }.sortByKey(ascending: false, numPartitions: 3).map { Pair($0.0, $0.1) }
        .glom().collect()
    }
    try expectSame { sc in try words(sc).map { $0.0 }.sortBy { String($0) }.collect() }
  }

  @Test func `objects stay in memory`() throws {
    final class Box: Sendable {
      let number: Int
      init(_ number: Int) { self.number = number }
    }
    try withTemporaryFolder { (folder) throws in
      let boxes = spillingContext(folder).parallelize(0..<10_000, 3).map { ($0 % 10, Box($0)) }
      let count = try boxes.partitionBy(HashPartitioner(numPartitions: 2)).map { $0.1.number }.collect().count
      #expect(count == 10_000)
      #expect(try boxes.map { ($0.0, [$0.1]) }.reduceByKey(+).collect().count == 10)
    }
  }

  @Test func `a folder that cannot be written fails the job with its name`() throws {
    let sc = spillingContext("/proc/nowhere")
    let error = #expect(throws: MartletError.self) { try words(sc).reduceByKey(+).collect() }
    #expect(error?.code == .inputOutput && error?.message.contains("/proc/nowhere") == true)
    #expect(error?.message.contains("martlet.local.dir") == true)
    // Small jobs need no folder.
    #expect(try sc.parallelize(0..<4).map { ($0, 1) }.reduceByKey(+).count() == 4)
  }

  @Test func `a closure that throws in the middle of a spill fails the job and leaves nothing`() throws {
    struct Failure: Error {}
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder)
      #expect(throws: OperatorFailure.self) {
        try words(sc).map { pair in
          if pair.1 == 5900 { throw Failure() }
          return pair
        }.reduceByKey(+).collect()
      }
      #expect(throws: OperatorFailure.self) {
        try words(sc).map { ($0.0, [$0.1]) }.reduceByKey { a, b in
          if a.count > 4 { throw Failure() }
          return a + b
        }.collect()
      }
      #expect(try Folder.names(folder) == [])
    }
  }
}
