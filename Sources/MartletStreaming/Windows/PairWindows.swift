public import MartletCore
public import MartletRDD

// The windows over pairs: each takes kernels that were created where the user's closures are known.
extension DStream {
  /// The values of each key in a window, combined.
  @usableFromInline
  package func windowReduced<Key: Hashable, Value>(
    _ kernels: CombineKernels<Key, Value, Value>, _ add: @escaping TableKernel<Key, Value>, _ window: Duration,
    _ slide: Duration?, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    MergedWindow(
      self, WindowSpan(window, slide, over: self, context.graph, site),
      reduction(add, partitioner) { $0.combined(kernels, $1, site, sizes: $2) }, addsAhead: true, site)
  }

  /// The same as `windowReduced`, computed from the previous window.
  @usableFromInline
  package func windowReduced<Key: Hashable, Value>(
    _ kernels: CombineKernels<Key, Value, Value>, _ add: @escaping TableKernel<Key, Value>,
    subtract: @escaping TableKernel<Key, Value>, isKept: FilterKernel<(Key, Value)>?, _ window: Duration,
    _ slide: Duration?, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    InverseWindow(
      self, WindowSpan(window, slide, over: self, context.graph, site),
      reduction(add, partitioner) { $0.combined(kernels, $1, site, sizes: $2) }, subtract, isKept, site)
  }

  /// All values of each key in a window.
  @usableFromInline
  package func windowGrouped<Key: Hashable, Value>(
    _ kernels: GroupKernels<Key, Value, [Value]>, _ add: @escaping TableKernel<Key, [Value]>, _ window: Duration,
    _ slide: Duration?, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, [Value])> where Element == (Key, Value) {
    MergedWindow(
      self, WindowSpan(window, slide, over: self, context.graph, site),
      reduction(add, partitioner) { $0.grouped(kernels, $1, site, sizes: $2) }, addsAhead: false, site)
  }

  private func reduction<Key: Hashable, Value, Combined: Sendable>(
    _ add: @escaping TableKernel<Key, Combined>, _ partitioner: Partitioner<Key>?,
    _ reduce: @escaping @Sendable (RDD<(Key, Value)>, Partitioner<Key>, CombineSizes) -> RDD<(Key, Combined)>
  ) -> WindowReduction<Key, Value, Combined> where Element == (Key, Value) {
    // One partitioner for all batches, so that their tables have each key in the same partition.
    let target = partitioner ?? HashPartitioner(numPartitions: context.sparkContext.defaultParallelism)
    let sizes = CombineSizes()
    let reduceBatch: @Sendable (RDD<(Key, Value)>) -> RDD<(Key, Combined)> = { batch in
      sizes.beginRound()
      return reduce(batch, target, sizes)
    }
    return WindowReduction(reduce: reduceBatch, add: add, partitioner: target)
  }
}
