package import MartletCore
package import MartletRDD

/// A stream each of whose RDDs is made from the RDD that its parent has for the same batch: the primitive of all
/// operators that look at one batch alone.
package final class PerBatchDStream<Input: Sendable, Output: Sendable>: DStream<Output>, @unchecked Sendable {
  private let parent: DStream<Input>
  private let transform: @Sendable (RDD<Input>, Time) throws -> RDD<Output>

  init(
    _ parent: DStream<Input>, _ site: OperatorSite,
    _ transform: @escaping @Sendable (RDD<Input>, Time) throws -> RDD<Output>
  ) {
    self.parent = parent
    self.transform = transform
    super.init(context: parent.context, site: site)
  }

  package override var dependencies: [any StreamNode] { [parent] }

  package override func compute(_ time: Time) throws -> RDD<Output>? {
    guard let rdd = try parent.rdd(at: time) else { return nil }
    do { return try transform(rdd, time) } catch { throw site.failure(error) }
  }
}

extension DStream {
  /// A stream whose RDDs are made from this one's, batch by batch.
  package func perBatch<Output: Sendable>(
    _ site: OperatorSite, _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>
  ) -> DStream<Output> {
    PerBatchDStream(self, site, transform)
  }
}
