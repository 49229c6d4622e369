package import MartletCore
import Synchronization

/// The division of an RDD's elements into parts for calls of a closure.
package enum PartDivision: Sendable {
  /// One part with all elements, in the order of the partitions.
  case whole
  /// Each partition is a part.
  case partitions
}

extension RDD {
  /// Runs `body` for each part, with the part's number and its elements, and waits for the results.
  ///
  /// The iterator ends early if an element cannot be computed: `body` must check `failure` when it ends.
  ///
  /// A part that is the whole RDD is computed before `body` is called, by all threads, and stored in memory and, beyond
  /// the memory of the tasks, on disk. Partitions that are parts are computed while `body` takes their elements.
  /// - Parameter includesEmpty: true if an RDD that is known to be empty has parts too. Other parts without elements
  ///   are always passed.
  package func foreachPart<Result: Sendable>(
    _ division: PartDivision, includesEmpty: Bool, _ site: OperatorSite,
    _ body: @escaping @Sendable (Int, PartitionIterator<Element>) async throws -> Result
  ) throws -> [Result] {
    switch division {
    case .whole: try foreachWhole(includesEmpty: includesEmpty, site, body)
    case .partitions:
      try context.runJob(self, site, skipsNothing: !includesEmpty) { reader in
        let elements = UnsharedElements(iterator: PartitionIterator(reader))
        let partition = TaskContext.current?.partitionID ?? 0
        return try runTaskBlocking { try await body(partition, elements.iterator) }
      }
    }
  }

  private func foreachWhole<Result: Sendable>(
    includesEmpty: Bool, _ site: OperatorSite,
    _ body: @escaping @Sendable (Int, PartitionIterator<Element>) async throws -> Result
  ) throws -> [Result] {
    let shared = Mutex<SpillSpace<Element>?>(nil)
    let partitions = try context.runJob(self, site, skipsNothing: true) { [self] reader in
      let space = try shared.withLock { shared in
        let space = try shared ?? SpillSpace(context, budget: budgetOfPartition())
        shared = space
        return space
      }
      return UnsharedReader(reader: try wholePartition(reader, space).reader)
    }
    if partitions.isEmpty && !includesEmpty { return [] }
    var left = partitions[...]
    let all = ConcatenatedReader(0..<partitions.count) { _ in left.popFirst()?.reader ?? ChunkReader() }
    let elements = UnsharedElements(iterator: PartitionIterator(all))
    return [try runBlocking { try await body(0, elements.iterator) }]
  }

  /// The bytes that a partition may use in memory while all of them are stored: in total the same as the tasks. Called
  /// in a task.
  private func budgetOfPartition() throws -> Int {
    let share = Swift.max(1, knownPartitionCount / Swift.max(1, context.pool.threads))
    return Swift.max(64 << 10, try context.settings.get().taskMemoryBytes / share)
  }
}

/// Passes a reader from the task that created it to the thread that waits for the task.
private struct UnsharedReader<Element>: @unchecked Sendable {
  // Sendable: the task has ended before the one thread that waits for it takes the reader.
  let reader: ChunkReader<Element>
}
