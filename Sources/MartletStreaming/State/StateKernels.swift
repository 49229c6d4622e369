public import MartletCore
public import MartletRDD
public import MartletState

/// The batch for which states are updated.
@usableFromInline package struct StateBatch: Sendable {
  @usableFromInline let time: Time
  /// The number of the partition.
  @usableFromInline let partition: Int
  /// Keys that were last touched before this time, in nanoseconds, time out.
  @usableFromInline let expiresBefore: Int64?
}

/// Updates the states of a partition with the pairs of a batch, which is `nil` if there are none.
@usableFromInline package typealias StateTask<Key: Hashable & Sendable, Value: Sendable, S: Sendable, Output> =
  @Sendable (ChunkReader<(Key, Value)>?, StateBatch, inout StateTable<Key, S>, ElementBuffer<Output>) throws -> Void

/// The loops of an operator with state that do not depend on its closure.
@usableFromInline package struct StateKernels<Key: Hashable & Sendable, S: Sendable>: Sendable {
  /// Moves initial states to their partitions.
  @usableFromInline let scatter: ScatterKernel<Key, S>
  /// Sets states.
  @usableFromInline let load: @Sendable (UnsafeMutablePointer<(Key, S)>, Int, inout StateTable<Key, S>) throws -> Void
  /// Applies a part of a record to a partition; returns `false` if a key belongs to another one, unless such keys are
  /// skipped.
  @usableFromInline let replay:
    @Sendable (
      borrowing StateFrame<Key, S>, inout StateTable<Key, S>, Partitioner<Key>, _ partition: Int, _ skipsOthers: Bool
    )
      throws -> Bool

  /// Copies entries.
  @usableFromInline let copy: @Sendable (UnsafeMutablePointer<(Key, S)>, Int, UnsafeMutablePointer<(Key, S)>) -> Void

  /// - Parameter keepsFirst: which state of a key with two initial ones counts: the first or the last.
  @inlinable
  package init(keepsFirst: Bool = false) {
    scatter = scatterKernel()
    copy = { source, count, target in target.initialize(from: source, count: count) }
    load = { source, count, table in
      try table.updateEach(source, count) { _, state, known in
        keepsFirst && known != nil ? .unchanged : .set(state)
      }
    }
    replay = { frame, table, partitioner, number, skipsOthers in
      let usesHash = partitioner is HashPartitioner<Key>
      let count = partitioner.numPartitions
      let watch = keyWatch(Key.self)
      return try table.apply(
        frame,
        isOwn: { key in
          usesHash
            ? partition(of: partitionHash(key, watch), among: count) == number
            : try partitioner.partition(of: key.pointee) == number
        }, skipsOthers: skipsOthers)
    }
  }
}

/// The loop of `mapWithState`: a closure for each pair, then for each key that times out.
@inlinable @inline(__always)
package func mapWithStateTask<Key: Hashable & Sendable, Value: Sendable, S: Sendable, Mapped>(
  _ transform: @escaping @Sendable (Time, Key, Value?, State<S>) throws -> Mapped?
) -> StateTask<Key, Value, S, Mapped> {
  { reader, batch, table, output in
    try mapWithState(reader, batch, &table, output, transform)
  }
}

/// Specialized for each closure.
@inlinable @inline(__always)
package func mapWithState<Key: Hashable & Sendable, Value, S: Sendable, Mapped>(
  _ reader: ChunkReader<(Key, Value)>?, _ batch: StateBatch, _ table: inout StateTable<Key, S>,
  _ output: ElementBuffer<Mapped>, _ transform: (Time, Key, Value?, State<S>) throws -> Mapped?
) throws {
  let state = State<S>()
  var cursor = OutputCursor(output)
  defer { cursor.finish() }
  while let chunk = try reader?.next() {
    try table.updateEach(chunk.base, chunk.count) { key, value, known in
      state.current = known
      state.phase = .asItWas
      if let mapped = try transform(batch.time, key.pointee, value, state) { cursor.append(mapped) }
      return state.takeChange()
    }
  }
  if let expiresBefore = batch.expiresBefore {
    try table.expire(before: expiresBefore) { key, known in
      state.current = known
      state.phase = .timingOut
      if let mapped = try transform(batch.time, key.pointee, nil, state) { cursor.append(mapped) }
    }
  }
  try table.end()
}

/// The loop of `updateStateByKey`: a closure for each key that has a state or a value.
@inlinable @inline(__always)
package func updateStateTask<Key: Hashable & Sendable, Value: Sendable, S: Sendable>(
  _ update: @escaping @Sendable (Time, Key, [Value], S?) throws -> S?
) -> StateTask<Key, Value, S, (Key, S)> {
  { reader, batch, table, _ in try updateStates(reader, batch, &table, update) }
}

@inlinable @inline(__always)
package func updateStates<Key: Hashable & Sendable, Value: Sendable, S: Sendable>(
  _ reader: ChunkReader<(Key, Value)>?, _ batch: StateBatch, _ table: inout StateTable<Key, S>,
  _ update: (Time, Key, [Value], S?) throws -> S?
) throws {
  var groups = AggregationTable<Key, [Value]>()
  while let chunk = try reader?.next() {
    try groups.merge(chunk.base, chunk.count, create: { [$0] }, update: { $0.append($1) })
  }
  let all = groups.takeAll()
  try table.updateAll(all.base, all.count, absent: []) { key, values, state in
    if let new = try update(batch.time, key.pointee, values, state) { return .set(new) }
    return .removed
  }
  withExtendedLifetime(groups) {}
  try table.end()
}

/// The loop of `updateStateByKey` by partitions: a closure replaces all states. The task's output are the states of
/// keys that belong to other partitions.
@inlinable @inline(__always)
package func replaceStatesTask<
  Key: Hashable & Sendable, Value: Sendable, S: Sendable, Results: Sequence & SendableMetatype
>(
  _ partitioner: Partitioner<Key>,
  _ replace: @escaping @Sendable (PartitionIterator<(Key, [Value], S?)>) throws -> Results
) -> StateTask<Key, Value, S, (Key, S)> where Results.Element == (Key, S), Results.Iterator: SendableMetatype {
  { reader, batch, table, output in
    let all = ElementBuffer<(Key, [Value], S?)>()
    var groups = AggregationTable<Key, [Value]>()
    while let chunk = try reader?.next() {
      try groups.merge(chunk.base, chunk.count, create: { [$0] }, update: { $0.append($1) })
    }
    let grouped = groups.takeAll()
    try table.updateAll(grouped.base, grouped.count, absent: []) { key, values, state in
      appendElement((key.pointee, values, state), to: all)
      return .unchanged
    }
    withExtendedLifetime(groups) {}
    // If a key is returned twice, the first one counts.
    var states = AggregationTable<Key, S?>()
    for (key, state) in try replace(partitionIterator(all)) {
      if try partitioner.partition(of: key) != batch.partition {
        appendElement((key, state), to: output)
        continue
      }
      try withUnsafeTemporaryAllocation(of: (Key, S?).self, capacity: 1) { pair in
        guard let pair = pair.baseAddress else { return }
        pair.initialize(to: (key, state))
        try states.merge(pair, 1, create: { $0 }, update: { _, _ in })
      }
    }
    let made = states.takeAll()
    try table.updateAll(made.base, made.count, absent: nil) { _, new, _ in
      if let new { return .set(new) }
      return .removed
    }
    withExtendedLifetime(states) {}
    try table.end()
  }
}

@usableFromInline
func appendElement<Element>(_ element: consuming Element, to buffer: ElementBuffer<Element>) {
  buffer.append(element: element)
}

/// The elements of a buffer, which are removed from it.
@usableFromInline
func partitionIterator<Element>(_ elements: ElementBuffer<Element>) -> PartitionIterator<Element> {
  PartitionIterator(DrainingReader(elements))
}
