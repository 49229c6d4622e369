import Foundation
import MartletCore
import Synchronization
import Testing

@testable import MartletRDD

/// Closures that could commit a part of a partition in place of the whole.
@Suite(.timeLimit(.minutes(30))) struct WholePartitionTests {
  /// A sink that stores rows when they are committed, like a database.
  private final class Database: Sendable {
    private let committed = Mutex<[[Int]]>([])
    /// Called with the first row of each transaction.
    private let onFirstRow: @Sendable () throws -> Void

    init(onFirstRow: @escaping @Sendable () throws -> Void = {}) { self.onFirstRow = onFirstRow }

    var transactions: [[Int]] { committed.withLock { $0 } }

    /// The plain form that users write.
    func write(_ records: some Sequence<Int>) throws {
      var rows: [Int] = []
      for record in records {
        if rows.isEmpty { try onFirstRow() }
        rows.append(record)
      }
      commit(rows)
    }

    /// For users that write row by row.
    func add(_ row: Int, to rows: inout [Int]) {
      // If a hook threw, no caller could catch the error.
      if rows.isEmpty { #expect(throws: Never.self) { try onFirstRow() } }
      rows.append(row)
    }

    func commit(_ rows: [Int]) { committed.withLock { $0.append(rows) } }
  }

  /// A custom sequence that commits when its elements have ended.
  private struct Committing: Sequence, IteratorProtocol {
    let elements: PartitionIterator<Int>
    let database: Database
    var rows: [Int] = []

    mutating func next() -> Int? {
      if let element = elements.next() {
        database.add(element, to: &rows)
        return element
      }
      database.commit(rows)
      return nil
    }
  }

  /// The ways of writing each partition in one transaction.
  private static let sinks: [(name: String, run: @Sendable (RDD<Int>, Database) throws -> Void)] = [
    ("foreachPartition", { rdd, database in try rdd.foreachPartition { try database.write($0) } }),
    (
      "async foreachPartition",
      { rdd, database in
        try rdd.foreachPartition { records in
          await Task.yield()
          try database.write(records)
        }
      }
    ),
    (
      "mapPartitions",
      { rdd, database in
        _ = try rdd.mapPartitions { records in
          try database.write(records)
          return [1]
        }.collect()
      }
    ),
    (
      "mapPartitions to an empty result",
      { rdd, database in
        _ = try rdd.mapPartitions { (records: PartitionIterator<Int>) -> EmptyCollection<Int> in
          try database.write(records)
          return EmptyCollection()
        }.count()
      }
    ),
    (
      "mapPartitions to the used iterator",
      { rdd, database in
        _ = try rdd.mapPartitions { records in
          try database.write(records)
          return records.lazy.map { $0 }
        }.count()
      }
    ),
    (
      "mapPartitions to a custom sequence",
      { rdd, database in _ = try rdd.mapPartitions { Committing(elements: $0, database: database) }.count() }
    ),
    (
      "mapPartitions to a lazy sequence over a custom one",
      { rdd, database in
        _ = try rdd.mapPartitions { Committing(elements: $0, database: database).lazy.map { $0 } }.count()
      }
    ),
    (
      "mapPartitions to AnyIterator",
      { rdd, database in
        _ = try rdd.mapPartitions { records in
          var own = Committing(elements: records, database: database)
          return AnyIterator { own.next() }
        }.count()
      }
    ),
    (
      "mapPartitionsWithIndex",
      { rdd, database in
        _ = try rdd.mapPartitionsWithIndex { _, records in
          try database.write(records)
          return [1]
        }.count()
      }
    ),
    (
      "zipPartitions",
      { rdd, database in
        let fine = rdd.context.range(0, 10, numSlices: try rdd.getNumPartitions())
        _ = try fine.zipPartitions(rdd) { few, records in
          for _ in few {}
          try database.write(records)
          return [1]
        }.count()
      }
    ),
    (
      "zipPartitions of three",
      { rdd, database in
        let fine = rdd.context.range(0, 10, numSlices: try rdd.getNumPartitions())
        _ = try fine.zipPartitions(fine, rdd) { few, others, records in
          for _ in few {}
          for _ in others {}
          try database.write(records)
          return [1]
        }.count()
      }
    ),
  ]

  private static let count = 40_000

  @Test(arguments: sinks.indices, [0, 999, 1000, 1024, 19_999])
  func `no closure sees the end of a partition that could not be computed`(sink: Int, bad: Int) throws {
    let (name, run) = Self.sinks[sink]
    for threads in [1, 3] {
      let sc = MartletContext(master: "local[\(threads)]", appName: "test")
      let database = Database()
      let failing = sc.range(0, Self.count, numSlices: 2).map { (number: Int) -> Int in
        if number == 20_000 + bad { throw Boom() }
        return number
      }
      let failure = #expect(throws: OperatorFailure.self, "\(name)") { try run(failing, database) }
      #expect(failure?.operatorName == "map" && failure?.partition == 1 && failure?.underlying is Boom, "\(name)")
      // The other partition may be complete, or not have begun.
      let rows = database.transactions
      let isWhole = rows.isEmpty || rows == [Array(0..<20_000)]
      #expect(isWhole, "\(name): \(rows.map(\.count)) rows")
    }
  }

  @Test(arguments: sinks.indices)
  func `every element comes once and in order, also those on disk`(sink: Int) throws {
    let (name, run) = Self.sinks[sink]
    for taskMemory in [1024, 1 << 20] {
      try withTemporaryFolder { (folder) throws in
        let database = Database()
        try run(spillingContext(folder, taskMemory: taskMemory).range(0, Self.count, numSlices: 2), database)
        let rows = database.transactions.sorted { ($0.first ?? 0) < ($1.first ?? 0) }
        let isWhole = rows == [Array(0..<20_000), Array(20_000..<Self.count)]
        #expect(isWhole, "\(name): \(rows.map(\.count)) rows")
      }
    }
  }

  #if os(Linux)
    /// Truncates the files that this process has spilled to a folder, like a disk that loses data.
    private static func cutSpilledFiles(in folder: String) throws -> Int {
      var cut = 0
      for number in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
        // A file that is closed in the meantime is not one of them.
        let link = "/proc/self/fd/\(number)"
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else { continue }
        guard target.hasPrefix(folder + "/") else { continue }
        #expect(truncate(link, 0) == 0)
        cut += 1
      }
      return cut
    }

    @Test(arguments: sinks.indices)
    func `a closure whose elements cannot be read back from disk never continues`(sink: Int) throws {
      let (name, run) = Self.sinks[sink]
      try withTemporaryFolder { (folder) throws in
        let cut = Atomic<Int>(0)
        // The elements are on disk when the closure gets the first of them.
        let database = Database { cut.add(try Self.cutSpilledFiles(in: folder), ordering: .relaxed) }
        // If the closure's result hides the end, elements are not put on disk: one cannot be computed.
        let isComputedLate = name == "mapPartitions to the used iterator"
        let numbers = spillingContext(folder).range(0, Self.count, numSlices: 1).map { (number: Int) -> Int in
          if isComputedLate && number == 30_000 { throw Boom() }
          return number
        }
        #expect(throws: (any Error).self, "\(name)") { try run(numbers, database) }
        #expect(cut.load(ordering: .relaxed) == (isComputedLate ? 0 : 1), "\(name)")
        #expect(database.transactions.isEmpty, "\(name)")
      }
    }
  #endif

  @Test func `a lazy sequence over the elements is read while they are computed`() throws {
    let sc = MartletContext(master: "local[1]", appName: "test")
    let reads = Reads()
    let all = 1_000_000
    let numbers = sc.range(0, all, numSlices: 1).map { reads.note($0) }
    #expect(try numbers.mapPartitions { $0.lazy.map { $0 + 1 }.filter { $0 % 2 == 0 } }.take(2) == [2, 4])
    #expect(try numbers.mapPartitions { $0.prefix(3) }.collect() == [0, 1, 2])
    #expect(try numbers.mapPartitions { $0.lazy.flatMap { [$0, $0] } }.take(3) == [0, 0, 1])
    #expect(try numbers.mapPartitions { $0 }.first() == 0)
    #expect(try numbers.mapPartitions { $0.lazy.compactMap { $0 > 5 ? $0 : nil } }.first() == 6)
    #expect(reads.count.load(ordering: .relaxed) < all)
  }

  @Test func `a closure over a very long lineage may read the first elements, or many`() throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    var rdd = sc.range(0, 40_000, numSlices: 1)
    for _ in 0..<3000 { rdd = rdd.map { $0 + 1 } }
    let rest = try rdd.mapPartitions { numbers in
      for _ in 0..<20_000 { _ = numbers.next() }
      return numbers.lazy.map { $0 }
    }.count()
    #expect(rest == 20_000)
  }

  @Test func `a closure may read the first elements and return the others`() throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    for count in [0, 1, 5, 100_000] {
      let sums = try sc.range(0, count, numSlices: 1).mapPartitions { numbers in
        let first = numbers.next() ?? 0
        return numbers.lazy.map { $0 - first }
      }.collect()
      #expect(sums == Array((0..<count).dropFirst()))
    }
  }
}
