package import MartletCore

/// The elements of tables that change later, read by what a closure makes of each.
package final class TablesRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let count: Int
  private let keyPartitioner: AnyPartitioner?
  private let update: @Sendable () throws -> Void
  private let read: @Sendable (Int) throws -> ChunkReader<Element>

  /// - Parameters:
  ///   - count: the number of tables.
  ///   - update: updates the tables; called before every job.
  ///   - read: a pass over one table.
  package init(
    _ context: MartletContext, _ site: OperatorSite, count: Int, partitioner: AnyPartitioner?,
    update: @escaping @Sendable () throws -> Void, read: @escaping @Sendable (Int) throws -> ChunkReader<Element>
  ) {
    self.count = count
    keyPartitioner = partitioner
    self.update = update
    self.read = read
    super.init(context: context, site: site)
    prepareForEachJob()
  }

  package override var partitionCount: Int { count }
  package override var partitioner: AnyPartitioner? { keyPartitioner }
  package override var ownStageOutputs: [Stage.Output] { [.state] }
  /// The owner of the tables runs them.
  package override func runStages(on executor: LocalExecutor) throws { try update() }
  package override func compute(partition: Int) throws -> ChunkReader<Element> { try read(partition) }
}
