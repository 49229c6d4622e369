public import MartletCore
public import MartletRDD

// The operators of RDD, batch by batch: each takes kernels that were created where the user's closure is known.
extension DStream {
  @usableFromInline
  package func mapped<Output: Sendable>(
    _ kernel: @escaping MapKernel<Element, Output>, _ site: OperatorSite, keepsPartitioner: Bool = false
  ) -> DStream<Output> {
    perBatch(site, makesNothingOfNothing: true) { rdd, _ in rdd.mapped(kernel, site, keepsPartitioner: keepsPartitioner)
    }
  }

  @usableFromInline
  package func filtered(_ kernel: @escaping FilterKernel<Element>, _ site: OperatorSite) -> DStream<Element> {
    perBatch(site, makesNothingOfNothing: true) { rdd, _ in rdd.filtered(kernel, site) }
  }

  @usableFromInline
  package func flatMapped<Output: Sendable>(
    _ kernel: @escaping FlatMapKernel<Element, Output>, _ site: OperatorSite, keepsPartitioner: Bool = false
  ) -> DStream<Output> {
    perBatch(site, makesNothingOfNothing: true) { rdd, _ in
      rdd.flatMapped(kernel, site, keepsPartitioner: keepsPartitioner)
    }
  }

  @usableFromInline
  package func partitionsMapped<Output: Sendable>(
    _ kernel: PartitionKernel<Element, Output>, _ site: OperatorSite, keepsPartitioner: Bool
  ) -> DStream<Output> {
    perBatch(site) { rdd, _ in rdd.partitionsMapped(kernel, site, keepsPartitioner: keepsPartitioner) }
  }

  @usableFromInline
  package func repartitioned(
    _ numPartitions: Int, _ kernels: RepartitionKernels<Element>, _ site: OperatorSite
  ) -> DStream<Element> {
    refuse(partitions: numPartitions, site)
    return perBatch(site, makesNothingOfNothing: true) { rdd, _ in rdd.repartitioned(numPartitions, kernels, site) }
  }

  @usableFromInline
  package func reduced(_ kernel: @escaping FoldKernel<Element, Element?>, _ site: OperatorSite) -> DStream<Element> {
    perBatch(site) { rdd, _ in rdd.reduced(kernel, site) }
  }

  @usableFromInline
  package func partitioned<Key: Hashable, Value>(
    _ partitioner: Partitioner<Key>, _ kernel: @escaping ScatterKernel<Key, Value>, _ site: OperatorSite
  ) -> DStream<(Key, Value)> where Element == (Key, Value) {
    perBatch(site, makesNothingOfNothing: true) { rdd, _ in rdd.partitioned(partitioner, kernel, site) }
  }

  @usableFromInline
  package func combined<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: CombineKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    let sizes = CombineSizes()
    return perBatch(site, makesNothingOfNothing: true) { rdd, _ in
      sizes.beginRound()
      return rdd.combined(kernels, partitioner, site, sizes: sizes)
    }
  }

  @usableFromInline
  package func grouped<Key: Hashable, Value, Combined: Sendable>(
    _ kernels: GroupKernels<Key, Value, Combined>, _ partitioner: Partitioner<Key>?, _ site: OperatorSite
  ) -> DStream<(Key, Combined)> where Element == (Key, Value) {
    let sizes = CombineSizes()
    return perBatch(site, makesNothingOfNothing: true) { rdd, _ in
      sizes.beginRound()
      return rdd.grouped(kernels, partitioner, site, sizes: sizes)
    }
  }

  @usableFromInline
  package func coGrouped<Key: Hashable, First, Second>(
    _ other: DStream<(Key, Second)>, _ kernels: CoGroupKernels<Key, First, Second>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> DStream<(Key, ([First], [Second]))> where Element == (Key, First) {
    TwoParentDStream(self, other, context, site) { a, b, _ in a.coGrouped(b, kernels, partitioner, site) }
  }

  @usableFromInline
  package func joined<Key: Hashable, Left, Right, Output: Sendable>(
    _ other: DStream<(Key, Right)>, _ kernels: JoinKernels<Key, Left, Right, Output>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> DStream<Output> where Element == (Key, Left) {
    TwoParentDStream(self, other, context, site) { a, b, _ in a.joined(b, kernels, partitioner, site) }
  }

  @usableFromInline
  package func joined<Key: Hashable, Left, Right, Output: Sendable>(
    _ table: RDD<(Key, Right)>, _ kernels: JoinKernels<Key, Left, Right, Output>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> DStream<Output> where Element == (Key, Left) {
    perBatch(site) { rdd, _ in rdd.joined(table, kernels, partitioner, site) }
  }

  /// The hash partitioner for `count` partitions; `nil` for the default.
  @usableFromInline
  package func hashPartitioner<Key>(_ count: Int?, _ site: OperatorSite) -> HashPartitioner<Key>? {
    guard let count else { return nil }
    refuse(partitions: count, site)
    return HashPartitioner(numPartitions: count)
  }

  private func refuse(partitions count: Int, _ site: OperatorSite) {
    guard count < 1 else { return }
    context.graph.fail(
      MartletError(
        .invalidArgument,
        "\(site.name) at \(site.callSite): the number of partitions is \(count); it must be at least 1."))
  }
}
