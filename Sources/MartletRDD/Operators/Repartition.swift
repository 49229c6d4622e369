public import MartletCore

/// Several partitions of the parent combined in one, without a shuffle.
final class CoalescedRDD<Element: Sendable>: NarrowRDD<Element, Element>, @unchecked Sendable {
  private let wanted: Int

  init(_ parent: RDD<Element>, _ wanted: Int, _ site: OperatorSite) {
    self.wanted = wanted
    super.init(parent, site)
  }

  override var partitionCount: Int { Swift.min(wanted, parent.knownPartitionCount) }
  override var partitionsAreThoseOf: (any Lineage)? { nil }
  override func countOwnPartitions(depth: Int) -> Int? {
    countPartitions(of: parent, depth: depth + 1).map { Swift.min(wanted, $0) }
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let range = slice(partition, of: partitionCount, length: parent.knownPartitionCount)
    return ConcatenatedReader(range) { [parent] in try parent.reader($0) }
  }
}

/// Spreads numbers evenly: n goes to partition n modulo the number of partitions.
final class NumberPartitioner: Partitioner<Int>, @unchecked Sendable {
  override func partition(of key: Int) -> Int { Int(UInt(bitPattern: key) % UInt(numPartitions)) }
}

/// The loops of `repartition`, which number the elements, spread them, and drop the numbers.
@usableFromInline package struct RepartitionKernels<Element: Sendable>: Sendable {
  let number: NumberKernel<Element, (Int, Element)>
  let scatter: ScatterKernel<Int, Element>
  let values: MapKernel<(Int, Element), Element>

  @usableFromInline
  package init(
    number: @escaping NumberKernel<Element, (Int, Element)>, scatter: @escaping ScatterKernel<Int, Element>,
    values: @escaping MapKernel<(Int, Element), Element>
  ) {
    self.number = number
    self.scatter = scatter
    self.values = values
  }
}

@inlinable @inline(__always)
package func repartitionKernels<Element: Sendable>() -> RepartitionKernels<Element> {
  RepartitionKernels(number: numberKernel { ($1, $0) }, scatter: scatterKernel(), values: mapKernel { $0.1 })
}

extension RDD {
  @usableFromInline
  package func repartitioned(
    _ numPartitions: Int, _ kernels: RepartitionKernels<Element>, _ site: OperatorSite
  ) -> RDD<Element> {
    if let refusal: RDD<Element> = context.refusal(ofPartitions: numPartitions, site) { return refusal }
    let numbered = NumberedRDD(self, .scattered, kernels.number, site)
    let spread = PartitionedRDD(numbered, NumberPartitioner(numPartitions: numPartitions), kernels.scatter, site)
    return spread.mapped(kernels.values, site)
  }

  @usableFromInline
  package func coalesced(_ numPartitions: Int, _ site: OperatorSite) -> RDD<Element> {
    // Their number does not grow, so any larger number is accepted.
    let limit = Swift.min(numPartitions, maximumPartitions)
    if let refusal: RDD<Element> = context.refusal(ofPartitions: limit, site) { return refusal }
    return CoalescedRDD(self, numPartitions, site)
  }

  /// The same elements in `numPartitions` partitions, spread evenly by a shuffle.
  @inlinable @inline(__always)
  public func repartition(
    _ numPartitions: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    repartitioned(numPartitions, repartitionKernels(), OperatorSite("repartition", file, line))
  }

  /// The same elements in fewer partitions.
  ///
  /// Without a shuffle, one task reads several partitions in sequence; their number never grows.
  /// - Parameter shuffle: true to spread the elements evenly, as `repartition` does; the number can then also grow.
  @inlinable @inline(__always)
  public func coalesce(
    _ numPartitions: Int, shuffle: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    shuffle
      ? repartitioned(numPartitions, repartitionKernels(), OperatorSite("coalesce", file, line))
      : coalesced(numPartitions, OperatorSite("coalesce", file, line))
  }
}

extension MartletContext {
  /// An RDD that throws the error for an invalid number of partitions; `nil` if it is valid.
  func refusal<Output>(ofPartitions count: Int, _ site: OperatorSite) -> RDD<Output>? {
    if count >= 1 && count <= maximumPartitions { return nil }
    return FailedRDD(
      self, site,
      site.invalidArgument("the number of partitions is \(count); it must be between 1 and \(maximumPartitions)."))
  }
}
