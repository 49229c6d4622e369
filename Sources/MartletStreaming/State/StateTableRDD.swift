package import MartletCore
package import MartletRDD

/// All keys of an operator with their states, as they are after one batch.
///
/// It reads the operator's tables, and so is valid until the next batch changes them, unless it is kept.
package final class StateTableRDD<Key: Hashable & Sendable, S: Sendable>: RDD<(Key, S)>, @unchecked Sendable {
  private let keyed: KeyedState<Key, S>
  private let time: Time
  private let knowsPartitioner: Bool

  init(_ keyed: KeyedState<Key, S>, _ time: Time, _ site: OperatorSite, knowsPartitioner: Bool = true) {
    self.keyed = keyed
    self.time = time
    self.knowsPartitioner = knowsPartitioner
    super.init(context: keyed.context, site: site)
    prepareForEachJob()
  }

  package override var partitionCount: Int { keyed.partitions.count }
  package override var partitioner: AnyPartitioner? { knowsPartitioner ? keyed.partitioner : nil }
  package override func prepare() throws { try keyed.settle(through: time) }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, S)> {
    StateTableReader(keyed.partitions[partition], keyed.kernels, time, site)
  }
}

/// Copies a table's entries, a chunk at a time.
private final class StateTableReader<Key: Hashable & Sendable, S: Sendable>: ChunkReader<(Key, S)> {
  private let partition: StatePartition<Key, S>
  private let kernels: StateKernels<Key, S>
  private let time: Time
  private let site: OperatorSite
  private var position = StatePosition()
  private let copies = ElementBuffer<(Key, S)>(capacity: chunkCapacity)

  init(
    _ partition: StatePartition<Key, S>, _ kernels: StateKernels<Key, S>, _ time: Time, _ site: OperatorSite
  ) {
    self.partition = partition
    self.kernels = kernels
    self.time = time
    self.site = site
  }

  override func next() throws -> Chunk<(Key, S)>? {
    guard partition.copy(time, from: &position, to: copies, chunkCapacity, kernels) else {
      throw stateHasMovedOn(time, site)
    }
    return copies.count > 0 ? copies.takeAll() : nil
  }
}

/// Why an RDD of an earlier batch cannot be read.
func stateHasMovedOn(_ time: Time, _ site: OperatorSite) -> MartletError {
  MartletError(
    .invalidState,
    """
    The states of \(site.name) at \(site.callSite) of the batch at \(time) were asked for when a later batch had \
    changed them already. Read them within their batch, or call remember(…) on the context before start(): then those \
    of earlier batches are kept.
    """)
}
