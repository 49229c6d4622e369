import MartletCore
import MartletRDD
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct StorageTests {
  private final class Computations: Sendable {
    let count = Atomic<Int>(0)
  }

  private func texts(_ sc: MartletContext, _ computations: Computations, _ slices: Int = 4) -> RDD<Text> {
    sc.parallelize(0..<10_000, slices).mapPartitions { numbers in
      computations.count.wrappingAdd(1, ordering: .relaxed)
      return numbers.map { Text("a text of more than fifteen bytes: \($0)") }
    }
  }

  @Test(arguments: [StorageLevel.memoryOnly, .memoryAndDisk, .diskOnly])
  func `persisted partitions are computed once`(level: StorageLevel) throws {
    try withTemporaryFolder { (folder) throws in
      let computations = Computations()
      let sc = spillingContext(folder)
      let kept = texts(sc, computations).persist(level)
      let first = try kept.collect()
      #expect(try kept.collect() == first && first.count == 10_000)
      #expect(computations.count.load(ordering: .relaxed) == 4)
      #expect((sc.storageMemory.used > 0) == (level != .diskOnly))
      kept.unpersist()
      #expect(sc.storageMemory.used == 0)
      #expect(try kept.collect() == first)
      #expect(computations.count.load(ordering: .relaxed) == 8)
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test func `partitions without space are written to disk at one level and recomputed at the other`() throws {
    try withTemporaryFolder { (folder) throws in
      for (level, expected) in [(StorageLevel.memoryAndDisk, 4), (.memoryOnly, 8)] {
        let computations = Computations()
        let kept = texts(spillingContext(folder, memory: 1000), computations).persist(level)
        let first = try kept.collect()
        #expect(try kept.collect() == first)
        #expect(computations.count.load(ordering: .relaxed) == expected)
      }
    }
  }

  @Test(arguments: [StorageLevel.memoryOnly, .memoryAndDisk])
  func `the least recently used partition makes space`(level: StorageLevel) throws {
    try withTemporaryFolder { (folder) throws in
      // Space for two of these, not for three.
      let sc = spillingContext(folder, memory: 1_500_000)
      let computations = [Computations(), Computations(), Computations()]
      let kept = computations.map { texts(sc, $0, 1).persist(level) }
      _ = try kept[0].count()
      _ = try kept[1].count()
      _ = try kept[0].count()
      _ = try kept[2].count()
      #expect(sc.storageMemory.used <= 1_500_000)
      _ = try kept[0].count()
      _ = try kept[2].count()
      let before = try kept[1].collect()
      #expect(before.count == 10_000)
      let counts = computations.map { $0.count.load(ordering: .relaxed) }
      #expect(counts == (level == .memoryOnly ? [1, 2, 1] : [1, 1, 1]))
    }
  }

  @Test func `partitions of one RDD do not take each other's space`() throws {
    try withTemporaryFolder { (folder) throws in
      // Space for some of the four partitions, not for all.
      let computations = Computations()
      let kept = texts(spillingContext(folder, memory: 500_000), computations).cache()
      var counts: [Int] = []
      for _ in 0..<3 {
        #expect(try kept.count() == 10_000)
        counts.append(computations.count.load(ordering: .relaxed))
      }
      // The first ones stay: each pass computes only the others.
      #expect(counts[0] == 4)
      #expect((5...7).contains(counts[1]) && counts[2] - counts[1] == counts[1] - counts[0], "\(counts)")
    }
  }

  @Test func `a dropped partition after a shuffle is completely recomputed`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder, memory: 200_000)
      let computations = Computations()
      let sums = sc.parallelize(0..<10_000, 3).map { ($0 % 100, 1) }.reduceByKey(+, 3)
      let kept = sums.mapPartitions { pairs in
        computations.count.wrappingAdd(1, ordering: .relaxed)
        return pairs
      }.cache()
      #expect(try kept.count() == 100)
      let other = sc.parallelize(0..<24_900, 1).cache()
      for _ in 0..<3 {
        // One job uses both, and in it the second takes the space of the first.
        let both = kept.map { $0.1 }.union(other.map { $0 }).union(kept.map { $0.1 })
        #expect(try both.count() == 25_100)
      }
      #expect(computations.count.load(ordering: .relaxed) > 3, "no partition was dropped")
    }
  }

  @Test func `cached texts do not retain their input`() throws {
    try withTemporaryFolder { (folder) throws in
      let line = String(repeating: "x", count: 99)
      let path = "\(folder)/lines"
      let file = try SystemFile.create(path)
      let text = String(repeating: line + "\n", count: 20_000)
      try Array(text.utf8).withUnsafeBytes { try file.write($0) }
      let sc = spillingContext(folder)
      let few = sc.textFile(path, minPartitions: 1).mapPartitions { lines in
        lines.enumerated().filter { $0.offset % 1000 == 0 }.map(\.element)
      }.cache()
      #expect(try few.count() == 20)
      // Not the result of `collect`, which itself copies such texts.
      let pinned = try few.mapPartitions { CollectionOfOne(pinnedBytes(Array($0))) }.first()
      #expect(pinned > 0 && pinned < 10_000)
    }
  }
}
