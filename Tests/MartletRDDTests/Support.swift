import MartletCore
import MartletRDD
import Synchronization
import Testing

struct Boom: Error, Equatable {}

/// Counts the living elements of one test.
final class Living: Sendable {
  let count = Atomic<Int>(0)
  private let pause = Condition()

  /// Waits for other threads to release the elements that they have finished with.
  func isZeroSoon() -> Bool {
    let deadline = MonotonicTime.now + .seconds(120)
    while count.load(ordering: .acquiring) != 0 {
      if deadline < MonotonicTime.now { return false }
      pause.withLock { _ = pause.wait(until: MonotonicTime.now + .milliseconds(1)) }
    }
    return true
  }
}

/// Counts the calls of a closure.
final class Reads: Sendable {
  let count = Atomic<Int>(0)

  func note(_ value: Int) -> Int {
    count.add(1, ordering: .relaxed)
    return value
  }
}

/// An element whose release is counted.
final class Tracked: Sendable, Hashable, Comparable {
  let number: Int
  private let living: Living

  init(_ number: Int, _ living: Living) {
    self.number = number
    self.living = living
    living.count.add(1, ordering: .relaxed)
  }

  deinit { living.count.subtract(1, ordering: .releasing) }

  static func == (a: Tracked, b: Tracked) -> Bool { a.number == b.number }
  static func < (a: Tracked, b: Tracked) -> Bool { a.number < b.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Compares an operation with the same on an array, for no, one, few and many elements, in one, some and many
/// partitions, on 1 to 4 threads, with and without a cache, each twice.
func expectSame<Output: Equatable>(
  as reference: ([Int]) -> [Output], sourceLocation: SourceLocation = #_sourceLocation,
  _ operation: (RDD<Int>) throws -> [Output]
) throws {
  for threads in 1...4 {
    let sc = MartletContext(master: "local[\(threads)]", appName: "test")
    for numbers in [[], [7], Array(0..<10), (0..<2500).map { ($0 * 7919) % 2503 }] {
      for (slices, isCached) in [(1, false), (3, true), (9, false)] {
        let rdd = sc.parallelize(numbers, slices)
        if isCached { rdd.cache() }
        let expected = reference(numbers)
        for pass in 1...2 {
          let actual = try operation(rdd)
          #expect(
            actual == expected, "\(numbers.count) elements in \(slices) partitions on \(threads) threads, pass \(pass)",
            sourceLocation: sourceLocation)
        }
      }
    }
  }
}
