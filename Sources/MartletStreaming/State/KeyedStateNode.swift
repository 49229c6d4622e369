import MartletCore
import MartletRDD
import MartletState

/// A stream that owns a `KeyedState`, which implements its requirements for the checkpoint.
protocol KeyedStateNode<Key, S>: StatefulNode {
  associatedtype Key: Hashable & Sendable
  associatedtype S: Sendable

  var keyed: KeyedState<Key, S> { get }
  /// Makes the RDD of the stream for `time`, which registers the batch.
  func makeRDD(_ time: Time) throws
}

extension KeyedStateNode {
  package func registerBatch(_ time: Time) throws {
    if let last = keyed.registered, last >= time { return }
    try makeRDD(time)
  }

  /// Registers the batches between the last one that the state has registered and that at `time`.
  func registerEarlierBatches(before time: Time) throws {
    guard let last = keyed.registered else { return }
    for earlier in (last + slideDuration).until(time, slideDuration) { try registerBatch(earlier) }
  }

  package var stateForm: StateForm {
    StateForm(
      operation: site.name, key: StateCodec<Key, S>.form(of: Key.self), state: StateCodec<Key, S>.form(of: S.self),
      keyType: typeName(Key.self), stateType: typeName(S.self))
  }

  package var hasInitialStates: Bool { keyed.hasInitialStates }

  package func settle(_ time: Time) throws {
    try registerBatch(time)
    try keyed.settle(through: time)
  }

  package func keepRecords() {
    guard let codec = keyed.codec else { return }
    keyed.records.keep()
    for partition in keyed.partitions { partition.keepRecords(codec) }
  }

  package func takeRecords(_ time: Time) -> [StateRecord] { keyed.records.take(time) }

  package func allowSnapshots(bytes: Int) { keyed.records.allow(bytes: bytes) }

  package func beginSnapshotCycle() {
    let number = keyed.records.nextCycle()
    for partition in keyed.partitions { partition.beginCycle(number) }
  }

  package var isSnapshotCycleComplete: Bool { keyed.partitions.allSatisfy(\.isCycleComplete) }

  package func restore(_ records: [StateRecord], through time: Time) throws {
    try keyed.restore(records, through: time)
  }

  package func begin(after time: Time) { keyed.begin(after: time) }

  package func expectReadable(_ records: [StateRecord]) throws {
    guard let codec = keyed.codec, !records.isEmpty else { return }
    let tasks = min(records.count, context.sparkContext.pool.threads)
    _ = try context.sparkContext.runTasks(0..<tasks, site) { task in
      for number in stride(from: task, to: records.count, by: tasks) {
        var frames = try StateReplay<Key, S>(records[number].bytes.bytes, codec)
        while let _ = try frames.next() {}
      }
    }
  }

  package var keyCount: Int { keyed.keyCount }

  package var entryBytes: Int { keyed.keyCount * MemoryLayout<(Key, S)>.stride }
}
