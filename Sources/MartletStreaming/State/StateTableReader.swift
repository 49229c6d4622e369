import MartletCore
import MartletRDD
import MartletState

extension KeyedState {
  /// All keys with their states after the batch at `time`.
  ///
  /// It reads the tables, and so is valid until the next batch changes them, unless it is stored.
  func states(at time: Time, _ site: OperatorSite, knowsPartitioner: Bool = true) -> RDD<(Key, S)> {
    TablesRDD(
      context, site, count: partitions.count, partitioner: knowsPartitioner ? partitioner : nil,
      update: { try self.settle(through: time) }
    ) { StateTableReader(self.partitions[$0], self.kernels, time, site) }
  }
}

/// Copies the entries of a table, one chunk at a time.
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

/// The error for reading an RDD of an earlier batch.
func stateHasMovedOn(_ time: Time, _ site: OperatorSite) -> MartletError {
  MartletError(
    .invalidState,
    """
    The states of \(site.name) at \(site.callSite) of the batch at \(time) were read after a later batch had changed \
    them. Read them within their batch, or call remember(…) on the context before start() to retain those of earlier \
    batches.
    """)
}
