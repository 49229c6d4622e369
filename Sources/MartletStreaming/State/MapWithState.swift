public import MartletCore
public import MartletRDD

/// The results of the function of `mapWithState`, and access to all states.
public final class MapWithStateDStream<Key: Hashable & Sendable, Value: Sendable, S: Sendable, Mapped: Sendable>:
  DStream<Mapped>, @unchecked Sendable
{
  let keyed: KeyedState<Key, S>
  private let parent: DStream<(Key, Value)>
  private let scatter: ScatterKernel<Key, Value>
  private let task: StateTask<Key, Value, S, Mapped>
  private let results: ResultLog<Mapped>

  init(
    _ parent: DStream<(Key, Value)>, _ keyed: KeyedState<Key, S>, _ scatter: @escaping ScatterKernel<Key, Value>,
    _ task: @escaping StateTask<Key, Value, S, Mapped>
  ) {
    self.parent = parent
    self.keyed = keyed
    self.scatter = scatter
    self.task = task
    results = ResultLog(keyed.context, keyed.site)
    super.init(context: parent.context, site: keyed.site)
  }

  package override var dependencies: [any StreamNode] { [parent] }

  package func makeRDD(_ time: Time) throws { _ = try rdd(at: time) }

  public override func compute(_ time: Time) throws -> RDD<Mapped>? {
    if keyed.wasBeforeRestart(time) { return nil }
    try registerEarlierBatches(before: time)
    if let known = keyed.pendingRDD(time) as? ResultRDD<Mapped> { return known }
    let isKnown = keyed.registered.map { $0 >= time } ?? false
    let input = isKnown ? nil : try parent.rdd(at: time)
    let mapped = ResultRDD<Mapped>(keyed.context, site, partitions: keyed.partitions.count, parent: input) {
      [keyed, site] in
      try keyed.settle(through: time)
      return stateHasMovedOn(time, site)
    }
    if isKnown { return mapped }
    _ = keyed.register(time, mapped) { [keyed, scatter, task, results, weak mapped] in
      let made = try keyed.update(time, input, scatter, touchesAll: false, task)
      try keyed.encodeRecords(time)
      keyed.records.add(try results.records(of: made), time)
      mapped?.set(made)
    }
    return mapped
  }

  /// A stream of all keys with their states after each batch.
  public func stateSnapshots(file: StaticString = #fileID, line: UInt = #line) -> DStream<(Key, S)> {
    StateSnapshotDStream(self, OperatorSite("stateSnapshots", file, line))
  }
}

extension MapWithStateDStream: KeyedStateNode {}

extension MapWithStateDStream: StateOutputNode {
  package var stateOwner: any StatefulNode { self }
  package var resultForm: ResultForm? { ResultForm(Mapped.self) }
  package func keepResults() { results.keep() }

  package func recallBatch(_ time: Time, _ results: [StateRecord]) throws {
    guard !results.isEmpty else { return }
    let made = try self.results.read(results)
    let rdd = ResultRDD<Mapped>(keyed.context, site, partitions: made.count, parent: nil) { [site] in
      stateHasMovedOn(time, site)
    }
    rdd.set(made)
    try putBack(rdd, at: time)
  }
}

/// The states of `mapWithState`, batch by batch.
final class StateSnapshotDStream<Key: Hashable & Sendable, Value: Sendable, S: Sendable, Mapped: Sendable>:
  DStream<(Key, S)>, @unchecked Sendable
{
  private let mapped: MapWithStateDStream<Key, Value, S, Mapped>

  init(_ mapped: MapWithStateDStream<Key, Value, S, Mapped>, _ site: OperatorSite) {
    self.mapped = mapped
    super.init(context: mapped.context, site: site)
  }

  override var dependencies: [any StreamNode] { [mapped] }

  override func compute(_ time: Time) throws -> RDD<(Key, S)>? {
    if mapped.keyed.wasBeforeRestart(time) { return nil }
    try mapped.registerBatch(time)
    return mapped.keyed.states(at: time, site)
  }
}

extension StateSnapshotDStream: StateOutputNode {
  var stateOwner: any StatefulNode { mapped }

  func makeRDD(_ time: Time) throws { _ = try rdd(at: time) }

  func recallBatch(_ time: Time, _ results: [StateRecord]) throws {
    guard mapped.keyed.keyCount > 0 else { return }
    mapped.keyed.noteRecalled(time)
    try putBack(mapped.keyed.states(at: time, site), at: time)
  }
}

extension DStream {
  @usableFromInline
  package func mappedWithState<Key: Hashable, Value, S, Mapped>(
    _ spec: StateSpec<Key, Value, S, Mapped>, _ scatter: @escaping ScatterKernel<Key, Value>,
    _ kernels: StateKernels<Key, S>, _ site: OperatorSite
  ) -> MapWithStateDStream<Key, Value, S, Mapped> where Element == (Key, Value) {
    let sparkContext = context.sparkContext
    let partitioner =
      spec.keyPartitioner ?? hashPartitioner(spec.partitions, site)
      ?? HashPartitioner(numPartitions: sparkContext.defaultParallelism)
    if let timeout = spec.timeoutDuration, timeout <= .zero {
      context.graph.fail(
        MartletError(
          .invalidArgument,
          "\(site.name) at \(site.callSite): the time-out is \(timeout.text); it must be positive."))
    }
    let keyed = KeyedState(
      sparkContext, site, partitioner, timeout: spec.timeoutDuration?.nanoseconds, kernels,
      initial: spec.initial.map { initial in { @Sendable in initial(sparkContext) } })
    return MapWithStateDStream(self, keyed, scatter, spec.task)
  }

  /// Calls the function of `spec` for each pair, with the current state of its key, which it may change.
  ///
  /// ```swift
  /// let counts = words.map { ($0, 1) }.mapWithState(
  ///   StateSpec.function { (word: Text, one: Int?, state: State<Int>) in
  ///     let sum = (state.getOption() ?? 0) + (one ?? 0)
  ///     try state.update(sum)
  ///     return (word, sum)
  ///   })
  /// ```
  /// The stream contains the results of the function; its `stateSnapshots()` contains the states. The cost of a batch
  /// depends on the pairs in it, not on the number of all keys. Pairs with the same key are processed sequentially, in
  /// the order of their partitions.
  ///
  /// States are in memory. No checkpoint folder is required; without one they end with the program.
  @inlinable @inline(__always)
  public func mapWithState<Key: Hashable, Value, S, Mapped>(
    _ spec: StateSpec<Key, Value, S, Mapped>, file: StaticString = #fileID, line: UInt = #line
  ) -> MapWithStateDStream<Key, Value, S, Mapped> where Element == (Key, Value) {
    mappedWithState(spec, scatterKernel(), StateKernels(), OperatorSite("mapWithState", file, line))
  }
}
