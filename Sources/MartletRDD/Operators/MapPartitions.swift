public import MartletCore

/// `mapPartitions`, and operators based on it.
final class PartitionMappedRDD<Input: Sendable, Element: Sendable>: NarrowRDD<Input, Element>, @unchecked Sendable {
  private let kernel: PartitionKernel<Input, Element>

  init(
    _ parent: RDD<Input>, _ kernel: PartitionKernel<Input, Element>, _ site: OperatorSite, preservesPartitioning: Bool
  ) {
    self.kernel = kernel
    super.init(parent, site, preservesPartitioning: preservesPartitioning)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    PartitionKernelReader(
      try parent.reader(partition), partition, kernel, site, context, depth: parent.readerDepth
    ).whileNotCancelled()
  }
}

extension RDD {
  @usableFromInline
  package func partitionsMapped<Output: Sendable>(
    _ kernel: PartitionKernel<Element, Output>, _ site: OperatorSite, preservesPartitioning: Bool = false
  ) -> RDD<Output> {
    PartitionMappedRDD(self, kernel, site, preservesPartitioning: preservesPartitioning)
  }

  /// The results of the closure for each partition: for work that should be done once for many elements.
  ///
  /// ```swift
  /// lines.mapPartitions { lines in
  ///   let parser = Parser()
  ///   return lines.lazy.map { parser.parse($0) }
  /// }
  /// ```
  /// A closure that reaches the end of the elements has seen the whole partition: they are computed before it is
  /// called, in memory and, beyond `martlet.task.memory.bytes`, on disk, and an error fails the task before the call.
  /// If the closure returns a lazy sequence over the elements, as here, they are computed on demand instead: its
  /// closures are called only for elements, and cannot take a part for the whole. Results are also taken on demand.
  /// - Parameter preservesPartitioning: true if the results are pairs with keys in the partitions that the partitioner
  ///   assigns them to.
  @inlinable @inline(__always)
  public func mapPartitions<Results: Sequence & SendableMetatype>(
    preservesPartitioning: Bool = false,
    _ transform: @escaping @Sendable (PartitionIterator<Element>) throws -> Results,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsMapped(
      partitionKernel { _, elements in try transform(elements) }, OperatorSite("mapPartitions", file, line),
      preservesPartitioning: preservesPartitioning)
  }

  /// The same as `mapPartitions`, for a closure that also gets the number of the partition, from 0.
  @inlinable @inline(__always)
  public func mapPartitionsWithIndex<Results: Sequence & SendableMetatype>(
    preservesPartitioning: Bool = false,
    _ transform: @escaping @Sendable (Int, PartitionIterator<Element>) throws -> Results,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsMapped(
      partitionKernel(transform), OperatorSite("mapPartitionsWithIndex", file, line),
      preservesPartitioning: preservesPartitioning)
  }
}
