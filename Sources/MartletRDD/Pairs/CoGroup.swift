public import MartletCore

/// One of several RDDs whose pairs are grouped by key: its partitioning is that of the others, and its loop merges its
/// pairs into the common table.
@usableFromInline package final class CoGroupSource<Key: Hashable & Sendable, Combined: Sendable>: Sendable {
  let lineage: any Lineage
  let input: @Sendable (Int) throws -> TableInput<Key, Combined>
  /// Merges results of the same key, parts of which were written to disk.
  let mergeCombined: CombineKernel<Key, Combined, Combined>

  init<Value>(_ rdd: RDD<(Key, Value)>, _ kernels: GroupKernels<Key, Value, Combined>, _ site: OperatorSite) {
    lineage = rdd
    mergeCombined = kernels.mergeCombined
    input = { partition in tableInput(try rdd.reader(partition), kernels.merge, site) }
  }
}

/// The values of several RDDs for each key, grouped partition by partition.
final class CoGroupedRDD<Key: Hashable & Sendable, Combined: Sendable>: RDD<(Key, Combined)>, @unchecked Sendable {
  private let sources: [CoGroupSource<Key, Combined>]
  private let target: Partitioner<Key>

  init(
    _ sources: [CoGroupSource<Key, Combined>], _ target: Partitioner<Key>, _ context: MartletContext,
    _ site: OperatorSite
  ) {
    self.sources = sources
    self.target = target
    super.init(context: context, site: site)
  }

  override var parents: [any Lineage] { sources.map { $0.lineage } }
  override var partitionCount: Int { target.numPartitions }
  override func countOwnPartitions(depth: Int) -> Int? { target.numPartitions }
  override var partitioner: AnyPartitioner? { target }

  override func compute(partition: Int) throws -> ChunkReader<(Key, Combined)> {
    guard let merge = sources.first?.mergeCombined else { return ChunkReader() }
    return CombineReader(
      sources.map { source in { try source.input(partition) } }, merge: merge, .last, context, site)
  }
}

/// The loops of a cogroup of two RDDs.
@usableFromInline package struct CoGroupKernels<Key: Hashable & Sendable, First: Sendable, Second: Sendable>: Sendable {
  @usableFromInline let first: GroupKernels<Key, First, ([First], [Second])>
  @usableFromInline let second: GroupKernels<Key, Second, ([First], [Second])>

  @inlinable
  package init(
    _ first: GroupKernels<Key, First, ([First], [Second])>, _ second: GroupKernels<Key, Second, ([First], [Second])>
  ) {
    self.first = first
    self.second = second
  }
}

@inlinable @inline(__always)
package func coGroupKernels<Key: Hashable & Sendable, First: Sendable, Second: Sendable>()
  -> CoGroupKernels<Key, First, Second>
{
  CoGroupKernels(
    GroupKernels(
      scatter: scatterKernel(), merge: combineKernel(create: { ([$0], []) }, update: { $0.0.append($1) }),
      mergeCombined: mergeGroupsKernel()),
    GroupKernels(
      scatter: scatterKernel(), merge: combineKernel(create: { ([], [$0]) }, update: { $0.1.append($1) }),
      mergeCombined: mergeGroupsKernel()))
}

@inlinable @inline(__always)
package func mergeGroupsKernel<Key: Hashable & Sendable, First: Sendable, Second: Sendable>()
  -> CombineKernel<Key, ([First], [Second]), ([First], [Second])>
{
  combineKernel(
    create: { $0 },
    update: {
      $0.0.append(contentsOf: $1.0)
      $0.1.append(contentsOf: $1.1)
    })
}

extension RDD {
  /// This RDD as a part of a cogroup: shuffled, unless its keys are already in their partitions.
  @usableFromInline
  package func coGroupSource<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: GroupKernels<Key, Value, Combined>, _ target: Partitioner<Key>, _ site: OperatorSite
  ) -> CoGroupSource<Key, Combined> where Element == (Key, Value) {
    CoGroupSource(partitioned(target, kernels.scatter, site), kernels, site)
  }

  /// An RDD of the sources, read in this order.
  @usableFromInline
  package func coGrouped<Key: Hashable, Value, Combined: Sendable>(
    _ sources: [CoGroupSource<Key, Combined>], _ target: Partitioner<Key>, _ site: OperatorSite
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    CoGroupedRDD(sources, target, context, site)
  }

  @usableFromInline
  package func coGrouped<Key: Hashable, First, Second>(
    _ other: RDD<(Key, Second)>, _ kernels: CoGroupKernels<Key, First, Second>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> RDD<(Key, ([First], [Second]))> where Element == (Key, First) {
    let target = coGroupPartitioner(partitioner, [AnyRDD(other)])
    return coGrouped(
      [coGroupSource(kernels.first, target, site), other.coGroupSource(kernels.second, target, site)], target, site)
  }

  /// `partitioner`, or the one that suits this RDD and others with these partitioners best.
  @usableFromInline
  package func coGroupPartitioner<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>?, _ others: [AnyRDD]
  ) -> Partitioner<Key> where Element == (Key, Value) {
    partitioner ?? defaultPartitioner(context, [self] + others.map(\.lineage))
  }
}

/// An RDD with any type of elements, in a form that code inlined into programs can name.
@usableFromInline
package struct AnyRDD {
  let lineage: any Lineage

  @usableFromInline
  package init<Element: Sendable>(_ rdd: RDD<Element>) { lineage = rdd }
}
