public import MartletCore

/// Begins the work on three partitions of the same number.
public typealias ZipThreePartitionsKernel<First, Second, Third, Output> =
  @Sendable (PartitionIterator<First>, PartitionIterator<Second>, PartitionIterator<Third>) throws -> ResultSource<
    Output
  >

@inlinable @inline(__always)
package func zipThreePartitionsKernel<First, Second, Third, Results: Sequence & SendableMetatype>(
  _ transform:
    @escaping @Sendable (
      PartitionIterator<First>, PartitionIterator<Second>, PartitionIterator<Third>
    ) throws -> Results
) -> ZipThreePartitionsKernel<First, Second, Third, Results.Element> where Results.Iterator: SendableMetatype {
  { first, second, third in resultSource(try transform(first, second, third)) }
}

/// An RDD of three parents that have the same number of partitions.
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
    _ kernel: @escaping ZipThreePartitionsKernel<First, Second, Third, Element>, _ site: OperatorSite,
    keepsPartitioner: Bool
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.kernel = kernel
    keptPartitioner = keepsPartitioner ? first.partitioner : nil
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
      \(site.name) at \(site.callSite): the RDDs have \(counts[0]), \(counts[1]) and \(counts[2]) partitions; \
      they must have the same number.
      """)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    ThreePartitionsReader(
      try first.reader(partition), try second.reader(partition), try third.reader(partition), kernel, site)
  }
}

/// Applies a kernel to three readers, as far as results are asked for.
private final class ThreePartitionsReader<First, Second, Third, Output>: ChunkReader<Output> {
  private let first: PartitionIterator<First>
  private let second: PartitionIterator<Second>
  private let third: PartitionIterator<Third>
  private let kernel: ZipThreePartitionsKernel<First, Second, Third, Output>
  private let site: OperatorSite
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var source: ResultSource<Output>?
  private var isAtEnd = false

  init(
    _ first: ChunkReader<First>, _ second: ChunkReader<Second>, _ third: ChunkReader<Third>,
    _ kernel: @escaping ZipThreePartitionsKernel<First, Second, Third, Output>, _ site: OperatorSite
  ) {
    self.first = PartitionIterator(first)
    self.second = PartitionIterator(second)
    self.third = PartitionIterator(third)
    self.kernel = kernel
    self.site = site
  }

  /// Why one of the parents ended before its time.
  private var upstreamFailure: (any Error)? { first.failure ?? second.failure ?? third.failure }

  override func next() throws -> Chunk<Output>? {
    if isAtEnd { return nil }
    do {
      if source == nil { source = try kernel(first, second, third) }
      try source?(output)
    } catch {
      throw upstreamFailure ?? site.failure(error)
    }
    if let upstreamFailure { throw upstreamFailure }
    isAtEnd = output.count == 0
    return isAtEnd ? nil : output.takeAll()
  }
}

extension RDD {
  @usableFromInline
  package func partitionsZipped<Second, Third, Output: Sendable>(
    _ second: RDD<Second>, _ third: RDD<Third>,
    _ kernel: @escaping ZipThreePartitionsKernel<Element, Second, Third, Output>,
    _ site: OperatorSite, keepsPartitioner: Bool
  ) -> RDD<Output> {
    ThreeZippedRDD(self, second, third, kernel, site, keepsPartitioner: keepsPartitioner)
  }

  /// What the closure makes of each partition and the other RDDs' partitions of the same number.
  ///
  /// All three must have the same number of partitions; otherwise the action throws `MartletError`.
  /// - Parameter preservesPartitioning: whether the results are pairs whose keys are where the partitioner wants them.
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
      keepsPartitioner: preservesPartitioning)
  }
}
