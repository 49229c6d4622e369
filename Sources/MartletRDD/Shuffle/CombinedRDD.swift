public import MartletCore

/// Merges pairs into a table.
@usableFromInline package typealias CombineKernel<Key: Hashable, Value, Combined> =
  @Sendable (UnsafeMutablePointer<(Key, Value)>, Int, inout AggregationTable<Key, Combined>) throws -> Void

/// The behavior of an aggregation when its table exceeds the task's memory.
enum CombineStage {
  /// A shuffle and a merge follow: return the table early and begin another.
  case beforeShuffle
  /// Every key must be unique: write the table to disk, by sub-partitions, and merge these one by one.
  case last
}

/// The values of each key of a partition, combined into one.
///
/// Keys are in the order of their first occurrence. If the table exceeded the task's memory, they are ordered by
/// sub-partitions of their hashes, with that order within each.
package final class CombinedRDD<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>:
  NarrowRDD<(Key, Value), (Key, Combined)>, @unchecked Sendable
{
  private let kernel: CombineKernel<Key, Value, Combined>
  private let merge: CombineKernel<Key, Combined, Combined>
  private let stage: CombineStage
  private let sizeHint: TableSizeHint

  init(
    _ parent: RDD<(Key, Value)>, _ kernel: @escaping CombineKernel<Key, Value, Combined>,
    merge: @escaping CombineKernel<Key, Combined, Combined>, _ stage: CombineStage, _ sizeHint: TableSizeHint,
    _ site: OperatorSite
  ) {
    self.kernel = kernel
    self.merge = merge
    self.stage = stage
    self.sizeHint = sizeHint
    super.init(parent, site, preservesPartitioning: true)
  }

  package override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, Combined)> {
    let input = tableInput(try parent.reader(partition), kernel, site)
    return CombineReader([{ input }], merge: merge, stage, context, site, sizeHint: sizeHint)
  }
}

/// The loops of an aggregation by key: within the partitions of the input, in the shuffle, and after it.
@usableFromInline package struct CombineKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>: Sendable
{
  @usableFromInline let combine: CombineKernel<Key, Value, Combined>
  @usableFromInline let scatter: ScatterKernel<Key, Combined>
  @usableFromInline let merge: CombineKernel<Key, Combined, Combined>

  @inlinable
  package init(
    combine: @escaping CombineKernel<Key, Value, Combined>, scatter: @escaping ScatterKernel<Key, Combined>,
    merge: @escaping CombineKernel<Key, Combined, Combined>
  ) {
    self.combine = combine
    self.scatter = scatter
    self.merge = merge
  }
}

@inlinable @inline(__always)
package func combineKernel<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>(
  create: @escaping @Sendable (Value) throws -> Combined,
  update: @escaping @Sendable (inout Combined, Value) throws -> Void
) -> CombineKernel<Key, Value, Combined> {
  { source, count, table in try table.merge(source, count, create: create, update: update) }
}

/// The loops that collect the values of each key after a shuffle, without combining any before it.
@usableFromInline package struct GroupKernels<Key: Hashable & Sendable, Value: Sendable, Combined: Sendable>: Sendable {
  @usableFromInline let scatter: ScatterKernel<Key, Value>
  @usableFromInline let merge: CombineKernel<Key, Value, Combined>
  /// Merges results of the same key, parts of which were written to disk.
  @usableFromInline let mergeCombined: CombineKernel<Key, Combined, Combined>

  @inlinable
  package init(
    scatter: @escaping ScatterKernel<Key, Value>, merge: @escaping CombineKernel<Key, Value, Combined>,
    mergeCombined: @escaping CombineKernel<Key, Combined, Combined>
  ) {
    self.scatter = scatter
    self.merge = merge
    self.mergeCombined = mergeCombined
  }
}

extension RDD {
  /// Combines within the partitions, shuffles, and merges: the basis of all aggregations by key.
  ///
  /// - Parameter sizes: those of the round before, if this is one of many.
  @usableFromInline
  package func combined<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: CombineKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite,
    sizes: CombineSizes = CombineSizes()
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let target = partitioner ?? defaultPartitioner(context, [self])
    if let refusal: RDD<(Key, Combined)> = refusal(of: target, site) { return refusal }
    if let current = self.partitioner, current.isEquivalent(to: target) {
      return CombinedRDD(self, kernels.combine, merge: kernels.merge, .last, sizes.last, site)
    }
    let local = CombinedRDD(self, kernels.combine, merge: kernels.merge, .beforeShuffle, sizes.beforeShuffle, site)
    return CombinedRDD(
      PartitionedRDD(local, target, kernels.scatter, site), kernels.merge, merge: kernels.merge, .last, sizes.last,
      site)
  }

  /// Shuffles, and collects the values of each key: for results that are as large as the values themselves.
  @usableFromInline
  package func grouped<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: GroupKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite,
    sizes: CombineSizes = CombineSizes()
  ) -> RDD<(Key, Combined)> where Element == (Key, Value) {
    let target = partitioner ?? defaultPartitioner(context, [self])
    if let refusal: RDD<(Key, Combined)> = refusal(of: target, site) { return refusal }
    return CombinedRDD(
      partitioned(target, kernels.scatter, site), kernels.merge, merge: kernels.mergeCombined, .last, sizes.last, site)
  }

  /// An RDD that throws the error for a partitioner with an invalid number of partitions; `nil` if it is valid.
  func refusal<Output>(of partitioner: AnyPartitioner, _ site: OperatorSite) -> RDD<Output>? {
    context.refusal(ofPartitions: partitioner.requestedPartitions, site)
  }
}

/// The default partitioner of an operation by key on `rdds`: the largest of their own, unless it has less than a tenth
/// of the possible partitions; otherwise a hash partitioner with the number of partitions of the largest RDD, or
/// `martlet.default.parallelism`.
func defaultPartitioner<Key: Hashable & Sendable>(
  _ context: MartletContext, _ rdds: [any Lineage]
) -> Partitioner<Key> {
  let most = rdds.compactMap { countPartitions(of: $0) }.max()
  let wanted =
    context.isParallelismSet ? context.defaultParallelism : min(most ?? context.defaultParallelism, maximumPartitions)
  let largest = rdds.compactMap { $0.partitioner as? Partitioner<Key> }.max { $0.numPartitions < $1.numPartitions }
  if let largest, largest.numPartitions * 10 > most ?? wanted || largest.numPartitions >= wanted { return largest }
  return HashPartitioner(numPartitions: max(1, wanted))
}

/// The number of partitions of an RDD, as far as it can be determined without a job; sources are inspected.
func countPartitions(of root: any Lineage, depth: Int = 0) -> Int? {
  // Children with the same number as their parents are skipped in a loop, because there may be very many.
  var step = root
  while !step.hasFacts, let same = step.partitionsAreThoseOf {
    step = same
  }
  return depth > 100 ? nil : step.countOwnPartitions(depth: depth)
}

/// A hash partitioner of the requested size, if there is one.
@usableFromInline
package func hashPartitioner<Key: Hashable & Sendable>(_ numPartitions: Int?) -> Partitioner<Key>? {
  numPartitions.map { HashPartitioner(numPartitions: $0) }
}
