public import MartletCore
public import MartletRDD

/// The stream of `updateStateByKey`: every key with its state after each batch.
final class StateDStream<Key: Hashable & Sendable, Value: Sendable, S: Sendable>: DStream<(Key, S)>, KeyedStateNode,
  @unchecked Sendable
{
  let keyed: KeyedState<Key, S>
  private let parent: DStream<(Key, Value)>
  private let scatter: ScatterKernel<Key, Value>
  private let task: StateTask<Key, Value, S, (Key, S)>
  private let rememberPartitioner: Bool

  init(
    _ parent: DStream<(Key, Value)>, _ keyed: KeyedState<Key, S>, _ scatter: @escaping ScatterKernel<Key, Value>,
    _ task: @escaping StateTask<Key, Value, S, (Key, S)>, rememberPartitioner: Bool
  ) {
    self.parent = parent
    self.keyed = keyed
    self.scatter = scatter
    self.task = task
    self.rememberPartitioner = rememberPartitioner
    super.init(context: parent.context, site: keyed.site)
  }

  override var dependencies: [any StreamNode] { [parent] }

  func makeRDD(_ time: Time) throws { _ = try rdd(at: time) }

  override func compute(_ time: Time) throws -> RDD<(Key, S)>? {
    if keyed.wasBeforeRestart(time) { return nil }
    try registerEarlierBatches(before: time)
    if let known = keyed.pendingRDD(time) as? RDD<(Key, S)> { return known }
    let view = keyed.states(at: time, site, knowsPartitioner: rememberPartitioner)
    if let last = keyed.registered, last >= time { return view }
    let input = try parent.rdd(at: time)
    guard input != nil || keyed.mayHaveStates else { return nil }
    _ = keyed.register(time, view) { [keyed, scatter, task] in
      try keyed.put(time, keyed.update(time, input, scatter, touchesAll: true, task))
      try keyed.encodeRecords(time)
    }
    return view
  }
}

extension StateDStream: StateOutputNode {
  var stateOwner: any StatefulNode { self }

  func recallBatch(_ time: Time, _ results: [StateRecord]) throws {
    guard keyed.keyCount > 0 else { return }
    keyed.noteRecalled(time)
    try putBack(keyed.states(at: time, site, knowsPartitioner: rememberPartitioner), at: time)
  }
}

extension DStream {
  @usableFromInline
  package func stateUpdated<Key: Hashable, Value, S: Sendable>(
    _ task: @escaping StateTask<Key, Value, S, (Key, S)>, _ scatter: @escaping ScatterKernel<Key, Value>,
    _ kernels: StateKernels<Key, S>, _ partitioner: Partitioner<Key>?, rememberPartitioner: Bool = true,
    _ initialRDD: RDD<(Key, S)>?, _ site: OperatorSite
  ) -> DStream<(Key, S)> where Element == (Key, Value) {
    let partitioner =
      partitioner ?? HashPartitioner<Key>(numPartitions: context.sparkContext.defaultParallelism)
    let keyed = KeyedState(
      context.sparkContext, site, partitioner, timeout: nil, kernels,
      initial: initialRDD.map { rdd in { @Sendable in rdd } })
    return StateDStream(self, keyed, scatter, task, rememberPartitioner: rememberPartitioner)
  }

  /// A state for each key, retained across batches. Each batch contains all keys with their states.
  ///
  /// ```swift
  /// let totals = words.map { ($0, 1) }.updateStateByKey { (counts, total: Int?) in
  ///   (total ?? 0) + counts.reduce(0, +)
  /// }
  /// ```
  /// Once per batch, `update` is called for every key that has a state or new values, with the new values, in no
  /// particular order, and the state, if there is one. It returns the new state, or `nil` to remove the key. The cost
  /// of a batch therefore depends on the number of all keys; if most keys have no new values, `mapWithState` is faster.
  ///
  /// States are in memory. No checkpoint folder is required; without one they end with the program. With one, states
  /// that have changed are logged. States are compared by their parts, or by their encoding if they are `Equatable` and
  /// `Codable`, because `==` may ignore fields; others always count as changed. The RDD of a batch can be read until
  /// the next one changes the states, or as long as it is remembered.
  ///
  /// - Parameters:
  ///   - numPartitions: the number of partitions of the result; by default the default parallelism.
  ///   - initialRDD: the states before the first batch; if a key has two, the first one counts. Ignored when states
  ///     come from a checkpoint.
  @inlinable @inline(__always)
  public func updateStateByKey<Key: Hashable, Value, S: Sendable>(
    _ update: @escaping @Sendable ([Value], S?) throws -> S?, _ numPartitions: Int? = nil,
    initialRDD: RDD<(Key, S)>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, S)> where Element == (Key, Value) {
    let site = OperatorSite("updateStateByKey", file, line)
    return stateUpdated(
      updateStateTask { _, _, values, state in try update(values, state) }, scatterKernel(),
      StateKernels(keepsFirst: true),
      hashPartitioner(numPartitions, site), initialRDD, site)
  }

  /// The same as `updateStateByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func updateStateByKey<Key: Hashable, Value, S: Sendable>(
    _ update: @escaping @Sendable ([Value], S?) throws -> S?, _ partitioner: Partitioner<Key>,
    initialRDD: RDD<(Key, S)>? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, S)> where Element == (Key, Value) {
    stateUpdated(
      updateStateTask { _, _, values, state in try update(values, state) }, scatterKernel(),
      StateKernels(keepsFirst: true),
      partitioner, initialRDD, OperatorSite("updateStateByKey", file, line))
  }

  /// The same as `updateStateByKey`, with a closure that also gets the time of the batch and the key.
  ///
  /// - Parameter rememberPartitioner: true if later operations know how the keys are partitioned, so that they need not
  ///   shuffle.
  @inlinable @inline(__always)
  public func updateStateByKey<Key: Hashable, Value, S: Sendable>(
    _ update: @escaping @Sendable (Time, Key, [Value], S?) throws -> S?, _ partitioner: Partitioner<Key>? = nil,
    rememberPartitioner: Bool = true, initialRDD: RDD<(Key, S)>? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<(Key, S)> where Element == (Key, Value) {
    stateUpdated(
      updateStateTask(update), scatterKernel(), StateKernels(keepsFirst: true), partitioner,
      rememberPartitioner: rememberPartitioner, initialRDD, OperatorSite("updateStateByKey", file, line))
  }

  /// The same as `updateStateByKey`, with a closure that is called once for each partition, with all keys that have a
  /// state or new values, and returns all keys that have a state from now on.
  ///
  /// The closure may return other keys. If it returns a key twice, the first state counts. The keys and states of a
  /// partition are in memory twice while it runs.
  @inlinable @inline(__always)
  public func updateStateByKey<Key: Hashable, Value, S: Sendable, Results: Sequence & SendableMetatype>(
    _ update: @escaping @Sendable (PartitionIterator<(Key, [Value], S?)>) throws -> Results,
    _ partitioner: Partitioner<Key>, rememberPartitioner: Bool, initialRDD: RDD<(Key, S)>? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Key, S)>
  where Element == (Key, Value), Results.Element == (Key, S), Results.Iterator: SendableMetatype {
    stateUpdated(
      replaceStatesTask(partitioner, update), scatterKernel(), StateKernels(keepsFirst: true), partitioner,
      rememberPartitioner: rememberPartitioner, initialRDD, OperatorSite("updateStateByKey", file, line))
  }
}
