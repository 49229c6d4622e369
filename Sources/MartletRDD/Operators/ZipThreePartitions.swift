public import MartletCore

/// A function from three partitions with the same number to a source of results.
@usableFromInline package struct ZipThreePartitionsKernel<First, Second, Third, Output>: Sendable {
  let begin:
    @Sendable (PartitionIterator<First>, PartitionIterator<Second>, PartitionIterator<Third>) throws -> ResultSource<
      Output
    >
  /// As in `PartitionKernel`.
  let isTransparent: Bool

  @usableFromInline
  package init(
    isTransparent: Bool,
    begin:
      @escaping @Sendable (
        PartitionIterator<First>, PartitionIterator<Second>, PartitionIterator<Third>
      ) throws -> ResultSource<Output>
  ) {
    self.begin = begin
    self.isTransparent = isTransparent
  }
}

@inlinable @inline(__always)
package func zipThreePartitionsKernel<First, Second, Third, Results: Sequence & SendableMetatype>(
  _ transform:
    @escaping @Sendable (
      PartitionIterator<First>, PartitionIterator<Second>, PartitionIterator<Third>
    ) throws -> Results
) -> ZipThreePartitionsKernel<First, Second, Third, Results.Element> where Results.Iterator: SendableMetatype {
  ZipThreePartitionsKernel(isTransparent: isTransparent(Results.self)) { first, second, third in
    resultSource(try transform(first, second, third))
  }
}

/// An RDD of three parents with the same number of partitions.
private final class ThreeZippedRDD<First: Sendable, Second: Sendable, Third: Sendable, Element: Sendable>:
  RDD<Element>, @unchecked Sendable
{
  private let first: RDD<First>
  private let second: RDD<Second>
  private let third: RDD<Third>
  private let kernel: ZipThreePartitionsKernel<First, Second, Third, Element>
  private let keptPartitioner: AnyPartitioner?

  init(
    _ first: RDD<First>, _ second: RDD<Second>, _ third: RDD<Third>,
    _ kernel: ZipThreePartitionsKernel<First, Second, Third, Element>, _ site: OperatorSite, preservesPartitioning: Bool
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.kernel = kernel
    keptPartitioner = preservesPartitioning ? first.partitioner : nil
    super.init(context: first.context, site: site)
  }

  override var parents: [any Lineage] { [first, second, third] }
  override var partitionCount: Int { first.knownPartitionCount }
  override var partitionsAreThoseOf: (any Lineage)? { first }
  override var partitioner: AnyPartitioner? { keptPartitioner }

  override func prepare() throws {
    let counts = [first.knownPartitionCount, second.knownPartitionCount, third.knownPartitionCount]
    guard counts != [counts[0], counts[0], counts[0]] else { return }
    throw MartletError(
      .invalidArgument,
      """
      \(site): the RDDs have \(counts[0]), \(counts[1]) and \(counts[2]) partitions; \
      they must have the same number.
      """)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let (a, b, c) = (try first.reader(partition), try second.reader(partition), try third.reader(partition))
    let depth = [first.readerDepth, second.readerDepth, third.readerDepth].reduce(0, Swift.max)
    let isTransparent = kernel.isTransparent && depth <= depthOfAnyStack
    return PartitionKernelReader(isTransparent: isTransparent, site) { [context, kernel] call in
      let firsts = try ClosureInput(a, context, isTransparent: isTransparent, call)
      let seconds = try ClosureInput(b, context, isTransparent: isTransparent, call)
      let thirds = try ClosureInput(c, context, isTransparent: isTransparent, call)
      return .init(inputs: [firsts, seconds, thirds]) {
        try kernel.begin(firsts.elements, seconds.elements, thirds.elements)
      }
    }
  }
}

extension RDD {
  @usableFromInline
  package func partitionsZipped<Second, Third, Output: Sendable>(
    _ second: RDD<Second>, _ third: RDD<Third>,
    _ kernel: ZipThreePartitionsKernel<Element, Second, Third, Output>,
    _ site: OperatorSite, preservesPartitioning: Bool
  ) -> RDD<Output> {
    ThreeZippedRDD(self, second, third, kernel, site, preservesPartitioning: preservesPartitioning)
  }

  /// The results of the closure for each partition and the partitions of the other RDDs with the same number.
  ///
  /// As for `mapPartitions`, the closure never sees the end of a partition that could not be computed completely. All
  /// three must have the same number of partitions; otherwise the action throws `MartletError`.
  /// - Parameter preservesPartitioning: true if the results are pairs with keys in the partitions that the partitioner
  ///   assigns them to.
  @inlinable @inline(__always)
  public func zipPartitions<Second, Third, Results: Sequence & SendableMetatype>(
    _ second: RDD<Second>, _ third: RDD<Third>, preservesPartitioning: Bool = false,
    _ transform:
      @escaping @Sendable (
        PartitionIterator<Element>, PartitionIterator<Second>, PartitionIterator<Third>
      ) throws -> Results,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsZipped(
      second, third, zipThreePartitionsKernel(transform), OperatorSite("zipPartitions", file, line),
      preservesPartitioning: preservesPartitioning)
  }
}
