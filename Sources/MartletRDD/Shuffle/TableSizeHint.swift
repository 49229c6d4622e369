import Synchronization

/// The largest number of keys in tables of an operator, so that later tables need not grow step by step.
package final class TableSizeHint: Sendable {
  private let largest = Atomic<Int>(0)
  private let largestBefore = Atomic<Int>(0)

  package init() {}

  /// The most keys that a table of this round or of the one before has had.
  package var value: Int { max(largest.load(ordering: .relaxed), largestBefore.load(ordering: .relaxed)) }

  package func note(_ count: Int) { largest.max(count, ordering: .relaxed) }

  /// Begins a round: what was this one is the one before from now on.
  package func beginRound() {
    largestBefore.store(largest.exchange(0, ordering: .relaxed), ordering: .relaxed)
  }
}

/// The sizes of the tables of an aggregation by key that is made again and again, from round to round.
@usableFromInline
package struct CombineSizes: Sendable {
  let beforeShuffle = TableSizeHint()
  let last = TableSizeHint()

  @usableFromInline
  package init() {}

  /// Begins a round, before its RDD is made.
  package func beginRound() {
    beforeShuffle.beginRound()
    last.beginRound()
  }
}
