package import MartletCore

/// The partitions of several RDDs, one RDD's after the other's.
final class UnionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let rdds: [RDD<Element>]

  init(_ rdds: [RDD<Element>], _ context: MartletContext, _ site: OperatorSite) {
    self.rdds = rdds
    super.init(context: context, site: site)
  }

  override var parents: [any Lineage] { rdds }
  override var isKnownEmpty: Bool { rdds.allSatisfy { $0.isKnownEmpty } }
  override var partitionCount: Int {
    rdds.reduce(0) { sum, rdd in
      let (count, overflow) = sum.addingReportingOverflow(rdd.partitionCount)
      return overflow ? .max : count
    }
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    var index = partition
    for rdd in rdds {
      if index < rdd.partitionCount { return try rdd.reader(index) }
      index -= rdd.partitionCount
    }
    return ChunkReader()
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
