import MartletCore
import MartletRDD
import MartletState
import Synchronization

/// The state of one operator: its partitions, and the batches that will update them, in order.
final class KeyedState<Key: Hashable & Sendable, S: Sendable>: Sendable {
  let context: MartletContext
  let site: OperatorSite
  let partitioner: Partitioner<Key>
  let timeout: Int64?
  let kernels: StateKernels<Key, S>
  let codec: StateCodec<Key, S>?
  let partitions: [StatePartition<Key, S>]
  let records = StateRecordKeeper()
  private let initial: (@Sendable () throws -> RDD<(Key, S)>)?
  /// Held while a batch updates the state, one at a time.
  private let updating = Mutex(())
  private let progress = Mutex(Progress())

  private struct Progress {
    var pending: [PendingUpdate] = []
    var settled: Time?
    var registered: Time?
    /// The last batch before a restart.
    var restored: Time?
    var failure: (any Error)?
    /// True if there is a previous state.
    var hasStates = false
  }

  private struct PendingUpdate {
    var time: Time
    var rdd: any Lineage
    var run: @Sendable () throws -> Void
  }

  init(
    _ context: MartletContext, _ site: OperatorSite, _ partitioner: Partitioner<Key>, timeout: Int64?,
    _ kernels: StateKernels<Key, S>, initial: (@Sendable () throws -> RDD<(Key, S)>)?
  ) {
    self.context = context
    self.site = site
    self.partitioner = partitioner
    self.timeout = timeout
    self.kernels = kernels
    self.initial = initial
    codec = StateCodec()
    partitions = (0..<partitioner.numPartitions).map { _ in StatePartition(timeout: timeout) }
  }

  var keyCount: Int { partitions.reduce(0) { $0 + $1.keyCount } }

  /// True if there are states before the first batch.
  var hasInitialStates: Bool { initial != nil }

  /// True if there may be states: some were restored or are initial states, or batches have been registered.
  var mayHaveStates: Bool {
    initial != nil || progress.withLock { $0.hasStates || $0.registered != nil }
  }

  // MARK: Batches

  /// The last registered batch.
  var registered: Time? { progress.withLock { $0.registered } }

  /// Returns true if the batch at `time` was done before a restart.
  func wasBeforeRestart(_ time: Time) -> Bool { progress.withLock { $0.restored.map { time <= $0 } ?? false } }

  /// The RDD of a batch that has been registered but not settled yet.
  func pendingRDD(_ time: Time) -> (any Lineage)? {
    progress.withLock { $0.pending.first { $0.time == time }?.rdd }
  }

  /// Registers the work of the batch at `time`, which must be after all registered batches; returns `false` otherwise.
  func register(_ time: Time, _ rdd: any Lineage, _ run: @escaping @Sendable () throws -> Void) -> Bool {
    progress.withLock { progress in
      if let registered = progress.registered, time <= registered { return false }
      progress.registered = time
      progress.pending.append(PendingUpdate(time: time, rdd: rdd, run: run))
      return true
    }
  }

  func isSettled(_ time: Time) -> Bool { progress.withLock { $0.settled.map { $0 >= time } ?? false } }

  /// Updates the state for all registered batches up to that at `time`.
  func settle(through time: Time) throws {
    if isSettled(time) { return }
    try updating.withLock { _ in
      while true {
        let (next, failure) = progress.withLock { progress in
          (progress.pending.first { $0.time <= time }, progress.failure)
        }
        if let failure { throw failure }
        guard let next else { return }
        do {
          try next.run()
        } catch {
          // Some partitions may have been updated, so the state cannot be used any more.
          progress.withLock { $0.failure = error }
          throw error
        }
        progress.withLock { progress in
          progress.settled = next.time
          progress.pending.removeFirst()
        }
      }
    }
  }

  /// Updates every partition for the batch at `time`; called by the work of a batch.
  func update<Value: Sendable, Output>(
    _ time: Time, _ input: RDD<(Key, Value)>?, _ scatter: @escaping ScatterKernel<Key, Value>,
    touchesAll: Bool, _ task: @escaping StateTask<Key, Value, S, Output>
  ) throws -> [ElementBuffer<Output>] {
    let pairs = input.map { $0.partitioned(partitioner, scatter, site) }
    try pairs?.makeReady()
    try loadInitialStates(time)
    let expiresBefore = timeout.map { time.nanoseconds - $0 }
    let outputs = try context.runTasks(
      partitions.indices, site, isTrivial: !touchesAll && (pairs?.isKnownEmpty ?? true), depth: pairs?.readerDepth ?? 1
    ) { [self] number in
      let output = ElementBuffer<Output>()
      let reader = try pairs?.reader(number)
      try partitions[number].update(time) { table in
        try task(reader, StateBatch(time: time, partition: number, expiresBefore: expiresBefore), &table, output)
      }
      return output
    }
    return outputs
  }

  /// Sets states of keys that the work of a batch has found to belong to other partitions.
  func put(_ time: Time, _ misplaced: [ElementBuffer<(Key, S)>]) throws {
    for states in misplaced where states.count > 0 {
      let chunk = states.takeAll()
      for i in 0..<chunk.count {
        let pair = (chunk.base + i).move()
        let number = try partitioner.partition(of: pair.0)
        guard partitions.indices.contains(number) else {
          (chunk.base + i + 1).deinitialize(count: chunk.count - i - 1)
          throw MartletError(
            .invalidArgument,
            "The partitioner \(type(of: partitioner)) returned partition \(number) of \(partitions.count).")
        }
        try partitions[number].update(time) { table in
          try table.put(pair.0, pair.1)
          try table.end()
        }
      }
    }
  }

  /// Encodes the changes of the batch, if records are needed.
  func encodeRecords(_ time: Time) throws {
    guard records.isKeeping, let codec else { return }
    let made = try context.runTasks(partitions.indices, site) { [self] number in
      try partitions[number].takeRecords(number, codec, takeBudget: records.takeBudget)
    }
    records.add(made.flatMap { $0 }, time)
  }

  private func loadInitialStates(_ time: Time) throws {
    let isFirst = progress.withLock { progress in
      defer { progress.hasStates = true }
      return !progress.hasStates
    }
    guard isFirst, let initial else { return }
    let states = try initial().partitioned(partitioner, kernels.scatter, site)
    try states.makeReady()
    _ = try context.runTasks(partitions.indices, site) { [self] number in
      let reader = try states.reader(number)
      try partitions[number].update(time) { table in
        while let chunk = try reader.next() { try kernels.load(chunk.base, chunk.count, &table) }
      }
    }
  }

  // MARK: Recovery

  /// Continues after the batch at `time`, with no state up to then.
  func begin(after time: Time) { progress.withLock { $0.restored = time } }

  /// Records that the restored states are those after the batch at `time`, so that they can be read.
  func noteRecalled(_ time: Time) {
    for partition in partitions { partition.note(time) }
  }

  /// Applies records on top of those restored before.
  ///
  /// - Parameter time: the last batch before the restart.
  func restore(_ all: [StateRecord], through time: Time) throws {
    progress.withLock { progress in
      progress.hasStates = true
      progress.restored = time
    }
    guard !all.isEmpty else { return }
    guard let codec else {
      throw MartletError(.invalidState, "\(site.name) at \(site.callSite): its states cannot be decoded.")
    }
    // If each key has always been in its present partition, partitions need not wait for each other.
    let isSame = all.allSatisfy { partitions.indices.contains($0.partition) }
    if isSame {
      let whole = try context.runTasks(partitions.indices, site) { [self] number in
        let own = all.filter { $0.partition == number }
        return try partitions[number].restore(own, expecting: snapshotKeys(own), codec) { frame, table in
          try kernels.replay(frame, &table, partitioner, number, false)
        }
      }
      if whole.allSatisfy({ $0 }) { return }
    }
    // Records that have already been applied are harmless: the last one of each key counts.
    let expected = snapshotKeys(all) / partitions.count
    _ = try context.runTasks(partitions.indices, site) { [self] number in
      try partitions[number].restore(all, expecting: expected, codec) { frame, table in
        try kernels.replay(frame, &table, partitioner, number, true)
      }
    }
  }
}

/// The number of keys in snapshots among the records: at least the number of all keys, and at most twice that if a
/// cycle has begun since; none in a log that has not been cut yet.
private func snapshotKeys(_ records: [StateRecord]) -> Int {
  records.reduce(0) { $1.kind == .snapshot ? $0 + $1.keysSet : $0 }
}
