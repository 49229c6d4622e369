import MartletCore
import MartletRDD
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite(.timeLimit(.minutes(30))) struct LastingRDDTests {
  private final class Token: Sendable {}

  private struct Weak: @unchecked Sendable {
    // Sendable: set once.
    weak var object: AnyObject?
  }

  /// An RDD of four partitions of texts, the number of computations, and a check that it is still alive.
  private func texts(
    _ sc: MartletContext, _ slices: Int = 4, first: Int = 0
  ) -> (rdd: RDD<Text>, computed: @Sendable () -> Int, isAlive: @Sendable () -> Bool) {
    let token = Token()
    let weak = Weak(object: token)
    let counter = Counter()
    let rdd = sc.parallelize(first..<first + 10_000, slices).mapPartitions { [token] numbers in
      counter.add()
      return withExtendedLifetime(token) { numbers.map { Text("a text of more than fifteen bytes: \($0)") } }
    }
    return (rdd, { counter.value }, { weak.object != nil })
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func add() { count.withLock { $0 += 1 } }
    var value: Int { count.withLock { $0 } }
  }

  /// A thread that has run a task releases it a moment after the job's end.
  private func expectGone(_ isAlive: () -> Bool, sourceLocation: SourceLocation = #_sourceLocation) {
    let deadline = ContinuousClock.now + .seconds(120)
    while isAlive() {
      guard ContinuousClock.now < deadline else {
        Issue.record("The parent is still there.", sourceLocation: sourceLocation)
        return
      }
      sched_yield()
    }
  }

  private func lasting(
    _ sc: MartletContext, first: Int = 0, slices: Int = 4, isOnDisk: Bool = false
  ) -> (rdd: LastingRDD<Text>, computed: @Sendable () -> Int, isAlive: @Sendable () -> Bool) {
    let (parent, computed, isAlive) = texts(sc, slices, first: first)
    return (LastingRDD(parent, LastingSpace(sc), isOnDisk: isOnDisk), computed, isAlive)
  }

  private func expected(_ first: Int = 0) -> [Text] {
    (first..<first + 10_000).map { Text("a text of more than fifteen bytes: \($0)") }
  }

  @Test func `a job computes only what it needs, the rest follows later, and then the parent is released`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder)
      let (rdd, computed, isAlive) = lasting(sc)
      #expect(try rdd.take(2) == Array(expected().prefix(2)))
      #expect(computed() == 1 && isAlive() && !rdd.isComplete)
      try rdd.complete()
      #expect(computed() == 4 && rdd.isComplete)
      expectGone(isAlive)
      #expect(try rdd.collect() == expected() && computed() == 4)
      #expect(rdd.parents.isEmpty && rdd.partitionCount == 4)
    }
  }

  @Test(arguments: [(memory: 1 << 30, onDisk: 0), (memory: 300_000, onDisk: 1), (memory: 0, onDisk: 4)])
  func `partitions without space in memory are on disk, and nothing is computed twice`(memory: Int, onDisk: Int) throws
  {
    try withTemporaryFolder { (folder) throws in
      // The task may hold all of it, so that the space in memory decides.
      let sc = spillingContext(folder, taskMemory: 1 << 30, memory: memory)
      let (rdd, computed, isAlive) = lasting(sc)
      for _ in 0..<3 { #expect(try rdd.collect() == expected()) }
      #expect(computed() == 4)
      expectGone(isAlive)
      #expect(rdd.partitionsOnDisk >= onDisk && (onDisk > 0 || rdd.partitionsOnDisk == 0))
      #expect(sc.storageMemory.used <= memory)
      #expect((sc.storageMemory.used > 0) == (rdd.partitionsOnDisk < 4))
    }
  }

  @Test func `partitions that make space for others go to disk, since they cannot be computed again`() throws {
    try withTemporaryFolder { (folder) throws in
      // Space for one of them.
      let sc = spillingContext(folder, taskMemory: 1 << 30, memory: 900_000)
      let all = (0..<4).map { lasting(sc, first: $0 * 10_000) }
      for (rdd, _, isAlive) in all {
        try rdd.complete()
        expectGone(isAlive)
        #expect(sc.storageMemory.used <= 900_000)
      }
      #expect(all[0].rdd.partitionsOnDisk == 4)
      // A cached one also makes space, and is dropped.
      let cached = texts(sc, first: 50_000).rdd.cache()
      #expect(try cached.count() == 10_000)
      for (n, (rdd, computed, _)) in all.enumerated() {
        #expect(try rdd.collect() == expected(n * 10_000))
        #expect(computed() == 4)
      }
    }
  }

  @Test func `a partition larger than the memory of a task goes to disk as it is computed`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder, taskMemory: 50_000)
      let (rdd, _, _) = lasting(sc)
      try rdd.complete()
      #expect(rdd.partitionsOnDisk == 4)
      #expect(try rdd.collect() == expected())
    }
  }

  @Test func `at the level diskOnly nothing stays in memory`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder)
      let (rdd, _, _) = lasting(sc, isOnDisk: true)
      try rdd.complete()
      #expect(rdd.partitionsOnDisk == 4 && sc.storageMemory.used == 0)
      #expect(try rdd.collect() == expected())
    }
  }

  @Test func `an unusable disk fails the job, and loses no existing partition`() throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/no-folder"
      _ = try SystemFile.create(path)
      let sc = spillingContext(path, taskMemory: 1 << 30, memory: 900_000)
      let (first, _, _) = lasting(sc)
      try first.complete()
      let used = sc.storageMemory.used
      let (second, computed, isAlive) = lasting(sc, first: 10_000)
      let error = #expect(throws: MartletError.self) { try second.complete() }
      #expect(try #require(error).message.contains(MartletConf.Key.localDirectory))
      #expect(isAlive() && computed() > 0)
      #expect(try first.collect() == expected())
      #expect(first.partitionsOnDisk == 0 && sc.storageMemory.used >= used && sc.storageMemory.used <= 900_000)
    }
  }

  @Test func `unwritable elements stay in memory, and count`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder, memory: 1000)
      let rdd = LastingRDD(sc.parallelize(0..<1000, 2).map { _ in Token() }, LastingSpace(sc))
      try rdd.complete()
      #expect(rdd.isComplete && rdd.partitionsOnDisk == 0 && sc.storageMemory.used == 8000)
      let other = lasting(sc).rdd
      try other.complete()
      #expect(other.partitionsOnDisk == 4 && sc.storageMemory.used == 8000)
      let first = try rdd.collect()
      #expect(try rdd.collect().elementsEqual(first) { $0 === $1 })
    }
  }

  @Test func `memory is released with the RDD`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = spillingContext(folder, taskMemory: 1 << 30)
      func use() throws {
        let (rdd, _, _) = lasting(sc)
        try rdd.complete()
        #expect(sc.storageMemory.used > 500_000)
        // The program's own cache of it is another one.
        rdd.cache()
        #expect(try rdd.count() == 10_000)
        rdd.unpersist()
        #expect(try rdd.count() == 10_000)
      }
      try use()
      #expect(sc.storageMemory.used == 0)
    }
  }
}
