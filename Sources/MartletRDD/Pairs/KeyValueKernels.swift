public import MartletCore

@inlinable @inline(__always)
package func mapValuesKernel<Key, Value, Output>(
  _ transform: @escaping @Sendable (Value) throws -> Output
) -> MapKernel<(Key, Value), (Key, Output)> {
  { source, count, target in
    var i = 0
    do {
      while i < count {
        let pair = (source + i).move()
        try (target + i).initialize(to: (pair.0, transform(pair.1)))
        i &+= 1
      }
    } catch {
      (source + (i &+ 1)).deinitialize(count: count &- i &- 1)
      target.deinitialize(count: i)
      throw error
    }
  }
}

@inlinable @inline(__always)
package func flatMapValuesKernel<Key, Value, Segment: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Value) throws -> Segment
) -> FlatMapKernel<(Key, Value), (Key, Segment.Element)> where Segment.Iterator: SendableMetatype {
  { source, count, output in
    var cursor = OutputCursor(output)
    return try takeEach(source, count, &cursor) { place, cursor in
      let pair = place.move()
      for element in try transform(pair.1) { cursor.append((pair.0, element)) }
      return cursor.count < chunkCapacity
    }
  }
}

@inlinable @inline(__always)
package func reduceKernels<Key: Hashable & Sendable, Value: Sendable>(
  _ combine: @escaping @Sendable (Value, Value) throws -> Value
) -> CombineKernels<Key, Value, Value> {
  CombineKernels(
    combine: combineKernel(create: { $0 }, update: { $0 = try combine($0, $1) }), scatter: scatterKernel(),
    merge: combineKernel(create: { $0 }, update: { $0 = try combine($0, $1) }))
}

@inlinable @inline(__always)
package func combineKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>(
  create: @escaping @Sendable (Value) throws -> Combined,
  mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
  mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined
) -> CombineKernels<Key, Value, Combined> {
  CombineKernels(
    combine: combineKernel(create: create, update: { $0 = try mergeValue($0, $1) }), scatter: scatterKernel(),
    merge: combineKernel(create: { $0 }, update: { $0 = try mergeCombiners($0, $1) }))
}

/// For `combineByKey` without combining before the shuffle.
@inlinable @inline(__always)
package func groupKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>(
  create: @escaping @Sendable (Value) throws -> Combined,
  mergeValue: @escaping @Sendable (Combined, Value) throws -> Combined,
  mergeCombiners: @escaping @Sendable (Combined, Combined) throws -> Combined
) -> GroupKernels<Key, Value, Combined> {
  GroupKernels(
    scatter: scatterKernel(), merge: combineKernel(create: create, update: { $0 = try mergeValue($0, $1) }),
    mergeCombined: combineKernel(create: { $0 }, update: { $0 = try mergeCombiners($0, $1) }))
}

/// The values of each key in an array, in the order of their partitions.
@inlinable @inline(__always)
package func groupKernels<Key: Hashable & Sendable, Value: Sendable>() -> GroupKernels<Key, Value, [Value]> {
  GroupKernels(
    scatter: scatterKernel(), merge: combineKernel(create: { [$0] }, update: { $0.append($1) }),
    mergeCombined: combineKernel(create: { $0 }, update: { $0.append(contentsOf: $1) }))
}
