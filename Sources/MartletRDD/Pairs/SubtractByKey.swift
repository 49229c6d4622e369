public import MartletCore

/// The remaining values of a key, or a mark that it is removed.
@usableFromInline
package enum Remainder<Value: Sendable>: Sendable {
  case removed
  case values([Value])

  @inlinable
  package mutating func append(_ value: Value) {
    guard case .values(var values) = self else { return }
    self = .removed
    values.append(value)
    self = .values(values)
  }

  /// The remaining values of the key, given `other`, another part of it.
  @inlinable
  package mutating func merge(_ other: Remainder<Value>) {
    guard case .values(var values) = self, case .values(let more) = other else {
      self = .removed
      return
    }
    self = .removed
    values.append(contentsOf: more)
    self = .values(values)
  }
}

/// The loops of `subtractByKey`: for the keys to remove, for the pairs, and for the remaining pairs.
@usableFromInline package struct SubtractKernels<Key: Hashable & Sendable, Value: Sendable, Other: Sendable>: Sendable {
  @usableFromInline let remove: GroupKernels<Key, Other, Remainder<Value>>
  @usableFromInline let add: GroupKernels<Key, Value, Remainder<Value>>
  @usableFromInline let expand: FlatMapKernel<(Key, Remainder<Value>), (Key, Value)>

  @usableFromInline
  package init(
    remove: GroupKernels<Key, Other, Remainder<Value>>, add: GroupKernels<Key, Value, Remainder<Value>>,
    expand: @escaping FlatMapKernel<(Key, Remainder<Value>), (Key, Value)>
  ) {
    self.remove = remove
    self.add = add
    self.expand = expand
  }
}

@inlinable @inline(__always)
package func subtractKernels<Key: Hashable & Sendable, Value: Sendable, Other: Sendable>()
  -> SubtractKernels<Key, Value, Other>
{
  let merge: CombineKernel<Key, Remainder<Value>, Remainder<Value>> = combineKernel(
    create: { $0 }, update: { $0.merge($1) })
  return SubtractKernels(
    remove: GroupKernels(
      scatter: scatterKernel(), merge: combineKernel(create: { _ in .removed }, update: { kept, _ in kept = .removed }),
      mergeCombined: merge),
    add: GroupKernels(
      scatter: scatterKernel(), merge: combineKernel(create: { .values([$0]) }, update: { $0.append($1) }),
      mergeCombined: merge),
    expand: flatMapValuesKernel { remainder -> [Value] in
      if case .values(let values) = remainder { values } else { [] }
    })
}

extension RDD {
  @usableFromInline
  package func subtracted<Key: Hashable, Value, Other>(
    _ other: RDD<(Key, Other)>, _ kernels: SubtractKernels<Key, Value, Other>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    let target = coGroupPartitioner(partitioner, [])
    let removed = other.coGroupSource(kernels.remove, target, site)
    let added = coGroupSource(kernels.add, target, site)
    return coGrouped([removed, added], target, site).flatMapped(kernels.expand, site, preservesPartitioning: true)
  }

  /// The pairs whose keys are not in the other RDD.
  @inlinable @inline(__always)
  public func subtractByKey<Key: Hashable, Value, Other>(
    _ other: RDD<(Key, Other)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    subtracted(
      other, subtractKernels(), hashPartitioner(numPartitions), OperatorSite("subtractByKey", file, line))
  }

  /// The same as `subtractByKey`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func subtractByKey<Key: Hashable, Value, Other>(
    _ other: RDD<(Key, Other)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    subtracted(other, subtractKernels(), partitioner, OperatorSite("subtractByKey", file, line))
  }
}
