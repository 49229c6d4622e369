package import MartletCore

/// The elements of each partition, folded into at most one.
final class FoldedRDD<Input: Sendable, Element: Sendable>: NarrowRDD<Input, Element>, @unchecked Sendable {
  private let fold: @Sendable (ChunkReader<Input>) throws -> Element?

  init(_ parent: RDD<Input>, _ site: OperatorSite, _ fold: @escaping @Sendable (ChunkReader<Input>) throws -> Element?)
  {
    self.fold = fold
    super.init(parent, site)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    SingleReader { [parent, fold, site] in
      let reader = try parent.reader(partition)
      do { return try fold(reader) } catch { throw site.failure(error) }
    }
  }
}

extension RDD {
  /// An RDD with at most one element: all elements, combined within the partitions first. Empty if there are none.
  package func reduced(_ kernel: @escaping FoldKernel<Element, Element?>, _ site: OperatorSite) -> RDD<Element> {
    FoldedRDD(self, site) { try $0.fold(nil, kernel) }.gathered { try $0.fold(nil, kernel) }
  }

  /// An RDD with one element: all elements, folded within the partitions, and the results merged.
  package func aggregated<Result: Sendable>(
    _ zero: Result, _ kernel: @escaping FoldKernel<Element, Result>, merge: @escaping FoldKernel<Result, Result>,
    _ site: OperatorSite
  ) -> RDD<Result> {
    FoldedRDD(self, site) { try $0.fold(zero, kernel) }.gathered { try $0.fold(zero, merge) }
  }

  /// An RDD with one element: the number of elements.
  package func counted(_ site: OperatorSite) -> RDD<Int> {
    aggregated(0, countKernel(), merge: foldKernel { $0 += $1 }, site)
  }

  /// Moves the elements, which should be few, to one partition, and folds them there.
  private func gathered(_ fold: @escaping @Sendable (ChunkReader<Element>) throws -> Element?) -> RDD<Element> {
    let keyed = mapped(mapKernel { (0, $0) }, site)
    let together = PartitionedRDD(keyed, HashPartitioner<Int>(numPartitions: 1), scatterKernel(), site)
    return FoldedRDD(together.mapped(mapKernel { $0.1 }, site), site, fold)
  }
}
