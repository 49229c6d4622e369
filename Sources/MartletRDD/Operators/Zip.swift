public import MartletCore

/// Takes `count` elements from each of the first two pointers, and writes the same number to the third.
@usableFromInline package typealias ZipKernel<First, Second, Output> =
  @Sendable (UnsafeMutablePointer<First>, UnsafeMutablePointer<Second>, Int, UnsafeMutablePointer<Output>) -> Void

@inlinable @inline(__always)
package func zipKernel<First, Second>() -> ZipKernel<First, Second, (First, Second)> {
  { first, second, count, target in
    for i in 0..<count { (target + i).initialize(to: ((first + i).move(), (second + i).move())) }
  }
}

/// An RDD of two parents with the same number of partitions.
final class ZippedRDD<First: Sendable, Second: Sendable, Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let heldFirst: Parent
  private let heldSecond: Parent
  private let preservesPartitioning: Bool
  private let read: @Sendable (ChunkReader<First>, ChunkReader<Second>, Int) -> ChunkReader<Element>

  init(
    _ first: RDD<First>, _ second: RDD<Second>, _ site: OperatorSite, preservesPartitioning: Bool = false,
    _ read: @escaping @Sendable (ChunkReader<First>, ChunkReader<Second>, Int) -> ChunkReader<Element>
  ) {
    heldFirst = Parent(first)
    heldSecond = Parent(second)
    self.preservesPartitioning = preservesPartitioning
    self.read = read
    super.init(context: first.context, site: site)
  }

  private var first: RDD<First> { heldFirst.rdd(of: First.self) }
  private var second: RDD<Second> { heldSecond.rdd(of: Second.self) }

  override var parents: [any Lineage] { first.isCut ? [] : [first, second] }
  override func cutParents() {
    heldFirst.cut(First.self)
    heldSecond.cut(Second.self)
  }
  override var partitionCount: Int { first.knownPartitionCount }
  override var partitionsAreThoseOf: (any Lineage)? { first }
  override var partitioner: AnyPartitioner? { preservesPartitioning ? first.partitioner : nil }

  override func prepare() throws {
    guard first.knownPartitionCount != second.knownPartitionCount else { return }
    throw MartletError(
      .invalidArgument,
      """
      \(site): the RDDs have \(first.knownPartitionCount) and \(second.knownPartitionCount) partitions; \
      they must have the same number.
      """)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    read(try first.reader(partition), try second.reader(partition), partition)
  }
}

/// Pairs the elements of two partitions in their order.
private final class ZipReader<First, Second, Output>: ChunkReader<Output> {
  private let first: ChunkReader<First>
  private let second: ChunkReader<Second>
  private let kernel: ZipKernel<First, Second, Output>
  private let site: OperatorSite
  private let partition: Int
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var firsts: Chunk<First>?
  private var seconds: Chunk<Second>?

  init(
    _ first: ChunkReader<First>, _ second: ChunkReader<Second>, _ kernel: @escaping ZipKernel<First, Second, Output>,
    _ site: OperatorSite, _ partition: Int
  ) {
    self.first = first
    self.second = second
    self.kernel = kernel
    self.site = site
    self.partition = partition
  }

  deinit {
    firsts?.discard()
    seconds?.discard()
  }

  override func next() throws -> Chunk<Output>? {
    if firsts == nil { firsts = try first.next() }
    if seconds == nil { seconds = try second.next() }
    guard let a = firsts, let b = seconds else {
      if firsts == nil && seconds == nil { return nil }
      throw MartletError(
        .invalidArgument,
        """
        \(site): the RDDs have different numbers of elements in partition \(partition); \
        they must have the same number in each partition.
        """)
    }
    let count = min(a.count, b.count)
    output.reserve(count)
    kernel(a.base, b.base, count, output.base)
    firsts = a.count > count ? a.dropFirst(count) : nil
    seconds = b.count > count ? b.dropFirst(count) : nil
    return Chunk(output.base, count)
  }
}

extension RDD {
  @usableFromInline
  package func zipped<Other, Output: Sendable>(
    _ other: RDD<Other>, _ kernel: @escaping ZipKernel<Element, Other, Output>, _ site: OperatorSite
  ) -> RDD<Output> {
    ZippedRDD(self, other, site) { ZipReader($0, $1, kernel, site, $2) }
  }

  @usableFromInline
  package func partitionsZipped<Other, Output: Sendable>(
    _ other: RDD<Other>, _ kernel: ZipPartitionsKernel<Element, Other, Output>, _ site: OperatorSite,
    preservesPartitioning: Bool
  ) -> RDD<Output> {
    ZippedRDD(self, other, site, preservesPartitioning: preservesPartitioning) { [self] first, second, _ in
      let depth = Swift.max(readerDepth, other.readerDepth)
      let isTransparent = kernel.isTransparent && depth <= depthOfAnyStack
      return PartitionKernelReader(isTransparent: isTransparent, site) { [context] call in
        let firsts = try ClosureInput(first, context, isTransparent: isTransparent, call)
        let seconds = try ClosureInput(second, context, isTransparent: isTransparent, call)
        return .init(inputs: [firsts, seconds]) { try kernel.begin(firsts.elements, seconds.elements) }
      }
    }
  }

  /// Pairs of elements with the same index in this RDD and in the other.
  ///
  /// Both must have the same number of partitions, and the same number of elements in each; otherwise the action throws
  /// `MartletError`.
  @inlinable @inline(__always)
  public func zip<Other>(
    _ other: RDD<Other>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Element, Other)> {
    zipped(other, zipKernel(), OperatorSite("zip", file, line))
  }

  /// The results of the closure for each partition and the partition of the other RDD with the same number.
  ///
  /// As for `mapPartitions`, the closure never sees the end of a partition that could not be computed completely. Both
  /// must have the same number of partitions; otherwise the action throws `MartletError`.
  /// - Parameter preservesPartitioning: true if the results are pairs with keys in the partitions that the partitioner
  ///   assigns them to.
  @inlinable @inline(__always)
  public func zipPartitions<Other, Results: Sequence & SendableMetatype>(
    _ other: RDD<Other>, preservesPartitioning: Bool = false,
    _ transform: @escaping @Sendable (PartitionIterator<Element>, PartitionIterator<Other>) throws -> Results,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsZipped(
      other, zipPartitionsKernel(transform), OperatorSite("zipPartitions", file, line),
      preservesPartitioning: preservesPartitioning)
  }
}
