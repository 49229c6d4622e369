import Synchronization

/// The largest number of keys in tables of an operator, so that later tables need not grow step by step.
package final class TableSizeHint: Sendable {
  private let largest = Atomic<Int>(0)
  private let largestBefore = Atomic<Int>(0)

  package init() {}

  /// The largest number of keys in a table of this batch or the previous one.
  package var value: Int { max(largest.load(ordering: .relaxed), largestBefore.load(ordering: .relaxed)) }

  package func note(_ count: Int) { largest.max(count, ordering: .relaxed) }

  /// Begins a batch: the current one becomes the previous one.
  package func beginBatch() {
    largestBefore.store(largest.exchange(0, ordering: .relaxed), ordering: .relaxed)
  }
}

/// The sizes of the tables of an aggregation by key, across batches.
@usableFromInline
package struct CombineSizes: Sendable {
  let beforeShuffle = TableSizeHint()
  let last = TableSizeHint()

  @usableFromInline
  package init() {}

  /// Begins a batch. Must be called before its RDD is created.
  package func beginBatch() {
    beforeShuffle.beginBatch()
    last.beginBatch()
  }
}
