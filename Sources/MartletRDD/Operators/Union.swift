package import MartletCore

/// The partitions of several RDDs, in order.
///
/// Unions of unions are flattened, so that a union that grows with every batch costs no more than its parts.
final class UnionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let given: Parents<Element>
  private let layout = Once<UnionLayout<Element>>()

  init(_ rdds: [RDD<Element>], _ context: MartletContext, _ site: OperatorSite) {
    given = Parents(rdds)
    super.init(context: context, site: site)
  }

  override var parents: [any Lineage] { given.all }
  override var isKnownEmpty: Bool { leaves.allSatisfy { $0.isSurelyEmpty } }
  override var partitionCount: Int { layout.value?.ends.last ?? ends(leaves).last ?? 0 }

  override func countOwnPartitions(depth: Int) -> Int? {
    var sum = 0
    for leaf in leaves {
      guard let count = countPartitions(of: leaf, depth: depth + 1) else { return nil }
      sum = sum.addingReportingOverflow(count).overflow ? .max : sum + count
    }
    return sum
  }

  override func visitParents(_ body: (any Lineage) throws -> Void) rethrows { for leaf in leaves { try body(leaf) } }

  override func cutParents() {
    given.removeAll()
    layout.value?.leaves.removeAll()
  }

  /// Determines once where each RDD's partitions begin: in a chain of unions, every query would otherwise visit all of
  /// them.
  override func prepare() throws {
    try layout.make {
      let leaves = self.leaves
      return UnionLayout(leaves: Parents(leaves), ends: ends(leaves))
    }
  }

  /// The RDDs in the union, with nested unions flattened, in order.
  private var leaves: [RDD<Element>] {
    layout.value?.leaves.all
      ?? flattened(given.all) { ($0 as? UnionRDD<Element>)?.given.all }
  }

  /// The number of partitions of each RDD and all before it.
  private func ends(_ rdds: [RDD<Element>]) -> [Int] {
    var sum = 0
    return rdds.map { rdd in
      let (count, overflow) = sum.addingReportingOverflow(rdd.knownPartitionCount)
      sum = overflow ? .max : count
      return sum
    }
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    // Created by `prepare()`.
    guard let layout = layout.value else { return ChunkReader() }
    let ends = layout.ends
    // Finds the first RDD whose partitions end after this one.
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > partition { high = middle } else { low = middle + 1 }
    }
    guard low < ends.count else { return ChunkReader() }
    guard let leaf = layout.leaves[low] else { throw LineageWasCut() }
    return try leaf.reader(low == 0 ? partition : partition - ends[low - 1])
  }
}

/// The parts of a union, and where the partitions of each end.
private final class UnionLayout<Element: Sendable>: Sendable {
  let leaves: Parents<Element>
  let ends: [Int]

  init(leaves: Parents<Element>, ends: [Int]) {
    self.leaves = leaves
    self.ends = ends
  }
}

/// The RDDs, with those that `parts` takes apart replaced by their parts. Stored RDDs are not taken apart.
private func flattened<Element>(_ rdds: [RDD<Element>], _ parts: (RDD<Element>) -> [RDD<Element>]?) -> [RDD<Element>] {
  var result: [RDD<Element>] = []
  var open = Array(rdds.reversed())
  while let rdd = open.popLast() {
    if !rdd.mayBeStored, let parts = parts(rdd) { open += parts.reversed() } else { result.append(rdd) }
  }
  return result
}

/// The union of RDDs with the same partitioner, partition by partition: the keys stay in their partitions.
final class PartitionerAwareUnionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let given: Parents<Element>
  private let common: AnyPartitioner

  init(_ rdds: [RDD<Element>], _ common: AnyPartitioner, _ context: MartletContext, _ site: OperatorSite) {
    given = Parents(rdds)
    self.common = common
    super.init(context: context, site: site)
  }

  /// As in a `UnionRDD`.
  private var leaves: [RDD<Element>] {
    flattened(given.all) { ($0 as? PartitionerAwareUnionRDD<Element>)?.given.all }
  }

  override var parents: [any Lineage] { given.all }
  override var isKnownEmpty: Bool { leaves.allSatisfy { $0.isSurelyEmpty } }
  override var partitionCount: Int { common.numPartitions }
  override func countOwnPartitions(depth: Int) -> Int? { common.numPartitions }
  override var partitioner: AnyPartitioner? { common }

  override func visitParents(_ body: (any Lineage) throws -> Void) rethrows { for leaf in leaves { try body(leaf) } }

  override func cutParents() { given.removeAll() }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let rdds = leaves
    if rdds.isEmpty { throw LineageWasCut() }
    return ConcatenatedReader(0..<rdds.count) { try rdds[$0].reader(partition) }
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

  /// The elements of all `rdds`, including duplicates.
  ///
  /// If all are pairs with the same partitioner, so is the result; otherwise it has the partitions of all.
  public func union<Element>(
    _ rdds: [RDD<Element>], file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    unioned(rdds, OperatorSite("union", file, line))
  }

  /// The elements of all RDDs, including duplicates.
  public func union<Element>(
    _ first: RDD<Element>, _ others: RDD<Element>..., file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    unioned([first] + others, OperatorSite("union", file, line))
  }
}

extension RDD {
  /// The elements of this RDD and of the other, including duplicates.
  public func union(_ other: RDD<Element>, file: StaticString = #fileID, line: UInt = #line) -> RDD<Element> {
    context.unioned([self, other], OperatorSite("union", file, line))
  }
}
