package import MartletCore

/// The partitions of several RDDs, one RDD's after the other's.
final class UnionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private struct Layout {
    let ends: [Int]
    let isKnownEmpty: Bool
  }

  private let rdds: [RDD<Element>]
  private let layout = Once<Layout>()

  init(_ rdds: [RDD<Element>], _ context: MartletContext, _ site: OperatorSite) {
    self.rdds = rdds
    super.init(context: context, site: site)
  }

  override var parents: [any Lineage] { rdds }
  override var isKnownEmpty: Bool { layout.value?.isKnownEmpty ?? rdds.allSatisfy { $0.isKnownEmpty } }
  override var partitionCount: Int { layout.value?.ends.last ?? ends().last ?? 0 }

  /// Finds out once where each RDD's partitions lie: in a chain of unions, everybody who asks would ask all below.
  override func prepare() throws {
    try layout.make { Layout(ends: ends(), isKnownEmpty: rdds.allSatisfy { $0.isKnownEmpty }) }
  }

  /// Behind each RDD's partitions, the number of all so far.
  private func ends() -> [Int] {
    var sum = 0
    return rdds.map { rdd in
      let (count, overflow) = sum.addingReportingOverflow(rdd.partitionCount)
      sum = overflow ? .max : count
      return sum
    }
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let ends = layout.value?.ends ?? ends()
    // The first RDD whose partitions end behind this one.
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > partition { high = middle } else { low = middle + 1 }
    }
    guard low < ends.count else { return ChunkReader() }
    return try rdds[low].reader(low == 0 ? partition : partition - ends[low - 1])
  }
}

/// RDDs that are partitioned in the same way, partition by partition: the keys stay where they are.
final class PartitionerAwareUnionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let rdds: [RDD<Element>]
  private let common: AnyPartitioner

  init(_ rdds: [RDD<Element>], _ common: AnyPartitioner, _ context: MartletContext, _ site: OperatorSite) {
    self.rdds = rdds
    self.common = common
    super.init(context: context, site: site)
  }

  override var parents: [any Lineage] { rdds }
  override var isKnownEmpty: Bool { rdds.allSatisfy { $0.isKnownEmpty } }
  override var partitionCount: Int { common.numPartitions }
  override var partitioner: AnyPartitioner? { common }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    ConcatenatedReader(0..<rdds.count) { [rdds] in try rdds[$0].reader(partition) }
  }
}

extension MartletContext {
  package func unioned<Element>(_ rdds: [RDD<Element>], _ site: OperatorSite) -> RDD<Element> {
    if rdds.count == 1 { return rdds[0] }
    let partitioners = rdds.compactMap { $0.partitioner }
    if let first = partitioners.first, partitioners.count == rdds.count,
      partitioners.allSatisfy({ first.isEquivalent(to: $0) })
    {
      return PartitionerAwareUnionRDD(rdds, first, self, site)
    }
    return UnionRDD(rdds, self, site)
  }

  /// The elements of all `rdds`, duplicates included.
  ///
  /// If all are pairs that are partitioned in the same way, the result is too; otherwise it has the partitions of all.
  public func union<Element>(
    _ rdds: [RDD<Element>], file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    unioned(rdds, OperatorSite("union", file, line))
  }

  /// The elements of all RDDs, duplicates included.
  public func union<Element>(
    _ first: RDD<Element>, _ others: RDD<Element>..., file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    unioned([first] + others, OperatorSite("union", file, line))
  }
}

extension RDD {
  /// The elements of this RDD and those of the other, duplicates included.
  public func union(_ other: RDD<Element>, file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
    context.unioned([self, other], OperatorSite("union", file, line))
  }
}
