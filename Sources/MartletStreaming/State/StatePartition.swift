import MartletCore
import MartletState
import Synchronization

/// The states of one partition of an operator's keys.
///
/// All access to the table is under the lock: the batches of the operator update it sequentially, but its RDDs may be
/// read on any thread.
final class StatePartition<Key: Hashable & Sendable, S: Sendable>: @unchecked Sendable {
  // Sendable: `lock` guards the variables.
  private let lock = Mutex(())
  private var table: StateTable<Key, S>
  private let timeout: Int64?
  /// The batch after which the table has its present states.
  private var version: Time?
  private var log: StateLog<Key, S>?
  /// The sub-table from which the cycle of snapshots continues.
  private var cursor = 0
  private var cycle = 0

  init(timeout: Int64?) {
    self.timeout = timeout
    table = StateTable(timeout: timeout)
  }

  var keyCount: Int { lock.withLock { _ in table.count } }

  /// Runs `body` to change the table for the batch at `time`.
  func update<Result>(
    _ time: Time, _ body: (inout StateTable<Key, S>) throws -> Result
  ) throws -> Result {
    try lock.withLock { _ in
      version = time
      table.begin(time.nanoseconds)
      return try body(&table)
    }
  }

  /// Copies entries after the batch at `time`; returns `false` if they have changed since.
  func copy(
    _ time: Time, from position: inout StatePosition, to target: ElementBuffer<(Key, S)>, _ capacity: Int,
    _ kernels: StateKernels<Key, S>
  ) -> Bool {
    lock.withLock { _ in
      guard version == time else { return false }
      while position.table < table.tableCount {
        let current = table[position.table]
        let size = min(capacity, current.count - position.entry)
        if size > 0 {
          kernels.copy(current.entries + position.entry, size, target.base)
          target.count = size
          position.entry += size
          return true
        }
        position = StatePosition(table: position.table + 1, entry: 0)
      }
      return true
    }
  }

  // MARK: Records

  func keepRecords(_ codec: StateCodec<Key, S>) {
    lock.withLock { _ in
      let log = StateLog(codec, StateComparison())
      self.log = log
      table.keepLog(log)
    }
  }

  /// Begins to write all keys again, as budgets allow.
  func beginCycle(_ number: Int) {
    lock.withLock { _ in
      cycle = number
      cursor = 0
    }
  }

  var isCycleComplete: Bool { lock.withLock { _ in cycle == 0 || cursor >= table.tableCount } }

  /// Returns the changes of the batch, and more snapshots.
  func takeRecords(
    _ partition: Int, _ codec: StateCodec<Key, S>, takeBudget: (Int) -> Bool
  ) throws -> [StateRecord] {
    try lock.withLock { _ in
      var records: [StateRecord] = []
      while let changes = log?.take() {
        records.append(
          StateRecord(
            kind: .changes, partition: partition, keysSet: changes.keysSet, keysRemoved: changes.keysRemoved,
            bytes: changes.bytes))
      }
      guard cycle > 0 else { return records }
      while let snapshot = try table.snapshot(cycle, from: &cursor, codec, takeBudget: takeBudget) {
        records.append(
          StateRecord(
            kind: .snapshot, partition: partition, keysSet: snapshot.keysSet, keysRemoved: 0, bytes: snapshot.bytes))
      }
      return records
    }
  }

  // MARK: Recovery

  /// Records that the table has the states after the batch at `time`.
  func note(_ time: Time) { lock.withLock { _ in version = time } }

  /// Applies records; returns `false`, with the last of them applied partially, if a key belongs to another partition.
  ///
  /// - Parameter expected: the approximate number of keys.
  func restore(
    _ records: [StateRecord], expecting expected: Int, _ codec: StateCodec<Key, S>,
    _ replay: (borrowing StateFrame<Key, S>, inout StateTable<Key, S>) throws -> Bool
  ) throws -> Bool {
    try lock.withLock { _ in
      table.dropLog()
      table.reserve(expected)
      defer { if let log { table.keepLog(log) } }
      for record in records {
        var frames = try StateReplay<Key, S>(record.bytes.bytes, codec)
        while let frame = try frames.next() {
          guard try replay(frame, &table) else { return false }
        }
      }
      return true
    }
  }
}

/// The position of a reader in a partition.
struct StatePosition {
  var table = 0
  var entry = 0
}
