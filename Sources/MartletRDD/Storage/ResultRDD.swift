package import MartletCore
import Synchronization

/// Elements that another object creates on first use, stored for the lifetime of this RDD.
package final class ResultRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let partitions: Int
  private let make: @Sendable () throws -> any Error
  private let content: Mutex<Content>

  private struct Content {
    var parent: (any Lineage)?
    var output: [ElementBuffer<Element>]?
  }

  /// - Parameters:
  ///   - parent: the RDD that they are computed from, which is released when they exist.
  ///   - make: creates them and passes them to `set`; returns an error if it has not called `set`.
  package init(
    _ context: MartletContext, _ site: OperatorSite, partitions: Int, parent: (any Lineage)?,
    make: @escaping @Sendable () throws -> any Error
  ) {
    self.partitions = partitions
    self.make = make
    content = Mutex(Content(parent: parent))
    super.init(context: context, site: site)
  }

  /// Sets the elements, by partition.
  package func set(_ output: [ElementBuffer<Element>]) {
    content.withLock { content in
      content.parent = nil
      content.output = output
    }
  }

  package override var parents: [any Lineage] { content.withLock { $0.parent.map { [$0] } ?? [] } }
  package override var partitionCount: Int { partitions }

  package override var isKnownEmpty: Bool {
    content.withLock { content in content.output?.allSatisfy { $0.count == 0 } ?? false }
  }

  package override func countOwnPartitions(depth: Int) -> Int? { partitions }

  package override var ownStageOutputs: [Stage.Output] { content.withLock { $0.output == nil } ? [.state] : [] }

  /// The owner of the state runs them: those of earlier batches come before.
  package override func runStages(on executor: LocalExecutor) throws {
    guard content.withLock({ $0.output == nil }) else { return }
    let reason = try make()
    if content.withLock({ $0.output == nil }) { throw reason }
  }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    BufferReader(content.withLock { $0.output.map { [$0[partition]] } ?? [] })
  }
}
