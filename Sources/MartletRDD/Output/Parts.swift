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
  /// Runs `body` for each part, with the part's number and its elements, and waits for it.
  ///
  /// The iterator ends early if an element cannot be computed: `body` has to look at `failure` when it ends.
  ///
  /// A part that is the whole RDD is computed before `body` is called, by all threads, and kept in memory and, beyond the
  /// memory of the tasks, on disk. Partitions that are parts are computed while `body` takes their elements.
  package func foreachPart(
    _ division: PartDivision, _ site: OperatorSite,
    _ body: @escaping @Sendable (Int, PartitionIterator<Element>) async throws -> Void
  ) throws {
    switch division {
    case .whole: try foreachWhole(site, body)
    case .partitions:
      _ = try context.runJob(self, site, skipsNothing: true) { reader in
        let elements = UnsharedElements(iterator: PartitionIterator(reader))
        let partition = TaskContext.current?.partitionID ?? 0
        do { try runTaskBlocking { try await body(partition, elements.iterator) } } catch {
          throw site.failure(ofClosure: error)
        }
      }
    }
  }

  private func foreachWhole(
    _ site: OperatorSite, _ body: @escaping @Sendable (Int, PartitionIterator<Element>) async throws -> Void
  ) throws {
    let shared = Mutex<SpillSpace<Element>?>(nil)
    let partitions = try context.runJob(self, site, skipsNothing: true) { [self] reader in
      let space = try shared.withLock { shared in
        let space = try shared ?? SpillSpace(context, budget: budgetOfPartition())
        shared = space
        return space
      }
      return UnsharedReader(reader: try wholePartition(reader, space).reader)
    }
    guard !partitions.isEmpty else { return }
    var left = partitions[...]
    let all = ConcatenatedReader(0..<partitions.count) { _ in left.popFirst()?.reader ?? ChunkReader() }
    let elements = UnsharedElements(iterator: PartitionIterator(all))
    do { try runBlocking { try await body(0, elements.iterator) } } catch { throw site.failure(ofClosure: error) }
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
