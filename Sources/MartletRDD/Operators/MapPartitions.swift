public import MartletCore

/// `mapPartitions`, and what is made of it.
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
      try parent.reader(partition), partition, kernel, site, context, depth: parent.readerDepth)
  }
}

extension RDD {
  @usableFromInline
  package func partitionsMapped<Output: Sendable>(
    _ kernel: PartitionKernel<Element, Output>, _ site: OperatorSite, preservesPartitioning: Bool = false
  ) -> RDD<Output> {
    PartitionMappedRDD(self, kernel, site, preservesPartitioning: preservesPartitioning)
  }

  /// What the closure makes of each partition: for work that is worth doing once for many elements.
  ///
  /// ```swift
  /// lines.mapPartitions { lines in
  ///   let parser = Parser()
  ///   return lines.lazy.map { parser.parse($0) }
  /// }
  /// ```
  /// A closure that gets to the end of the elements has seen the whole partition: they are computed before it is called,
  /// in memory and, beyond `martlet.task.memory.bytes`, on disk, and an error fails the task then. Where the closure
  /// returns a lazy sequence over the elements, as here, they are computed as they are needed instead: its closures are
  /// called for elements alone, and cannot take the first ones for all. Results are taken as they are needed.
  /// - Parameter preservesPartitioning: whether the results are pairs whose keys are where the partitioner wants them.
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

  /// As `mapPartitions`, for a closure that also gets the partition's number, from 0.
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
