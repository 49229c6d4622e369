public import MartletCore
public import MartletRDD

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
  @usableFromInline
  package func perBatch<Output: Sendable>(
    _ site: OperatorSite, _ transform: @escaping @Sendable (RDD<Element>, Time) throws -> RDD<Output>
  ) -> DStream<Output> {
    PerBatchDStream(self, site, transform)
  }

  @usableFromInline
  package func mapped<Output: Sendable>(
    _ kernel: @escaping MapKernel<Element, Output>, _ site: OperatorSite, keepsPartitioner: Bool = false
  ) -> DStream<Output> {
    perBatch(site) { rdd, _ in rdd.mapped(kernel, site, keepsPartitioner: keepsPartitioner) }
  }

  @usableFromInline
  package func filtered(_ kernel: @escaping FilterKernel<Element>, _ site: OperatorSite) -> DStream<Element> {
    perBatch(site) { rdd, _ in rdd.filtered(kernel, site) }
  }

  @usableFromInline
  package func flatMapped<Output: Sendable>(
    _ kernel: @escaping FlatMapKernel<Element, Output>, _ site: OperatorSite, keepsPartitioner: Bool = false
  ) -> DStream<Output> {
    perBatch(site) { rdd, _ in rdd.flatMapped(kernel, site, keepsPartitioner: keepsPartitioner) }
  }

  @usableFromInline
  package func combined<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: CombineKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    perBatch(site) { rdd, _ in rdd.combined(kernels, partitioner, site) }
  }
}
