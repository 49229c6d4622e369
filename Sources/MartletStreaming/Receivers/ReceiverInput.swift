import MartletCore
package import MartletRDD
import Synchronization

/// A stream of what a receiver stores.
package class ReceiverInput<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  private let receiver: Receiver<Element>
  private let queue: BlockQueue<Element>
  private let supervisor = Mutex<ReceiverSupervisor<Element>?>(nil)
  private let allocated = Mutex<[(time: Time, blocks: [ReceivedBlock<Element>])]>([])
  package private(set) var streamID = -1
  /// The RDD of batches in which nothing came.
  private let nothing: RDD<Element>

  init(_ receiver: Receiver<Element>, _ context: StreamingContext, _ site: OperatorSite) {
    self.receiver = receiver
    queue = BlockQueue(limit: context.receiverBufferLimit)
    nothing = EmptyRDD(context.sparkContext, site)
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
    reportIgnoredStorageLevel(receiver.storageLevel)
  }

  package func start() {
    let supervisor = ReceiverSupervisor(
      receiver, streamID: streamID, queue: queue, bus: context.bus, clock: context.clock,
      logger: context.sparkContext.logger)
    self.supervisor.withLock { $0 = supervisor }
    supervisor.start()
  }

  package func stop() { supervisor.withLock { $0 }?.stopAndWait() }

  package override func compute(_ time: Time) throws -> RDD<Element>? {
    let blocks = allocated.withLock { $0.first { $0.time == time }?.blocks } ?? []
    return blocks.isEmpty ? nothing : BlockPlan.rdd(blocks, context.sparkContext, site)
  }
}

/// An input that owns a thread and whose blocks are dealt out to batches.
package protocol ReceiverNode: InputNode {
  /// Gives what has been received to the batch at `time`; how many records that is.
  func allocate(_ time: Time) -> Int
  /// Gives back the room that the blocks of the batch at `time` take, and lets go of blocks that nobody needs any more.
  func batchCompleted(_ time: Time)
  /// Whether something has been received that belongs to no batch.
  var hasUnallocated: Bool { get }
}

extension ReceiverInput: ReceiverNode {
  package func allocate(_ time: Time) -> Int {
    let blocks = queue.takeAll()
    guard !blocks.isEmpty else { return 0 }
    allocated.withLock { $0.append((time, blocks)) }
    return blocks.reduce(0) { $0 + $1.records }
  }

  package func batchCompleted(_ time: Time) {
    let end = time - rememberDuration
    let (completed, forgotten) = allocated.withLock { allocated in
      let completed = allocated.first { $0.time == time }?.blocks ?? []
      let forgotten = allocated.filter { $0.time <= end }
      if !forgotten.isEmpty { allocated.removeAll { $0.time <= end } }
      return (completed, forgotten)
    }
    for block in completed { block.giveBackRoom() }
    withExtendedLifetime(forgotten) {}
  }

  package var hasUnallocated: Bool { !queue.isEmpty }
}

/// Puts the received blocks of one batch into partitions of about equal size.
enum BlockPlan<Element: Sendable> {
  static func rdd(_ blocks: [ReceivedBlock<Element>], _ context: MartletContext, _ site: OperatorSite) -> RDD<Element> {
    ReadersRDD(
      plan(blocks, threads: context.pool.threads).map { readers in { SequenceReader(readers) } }, context,
      site)
  }

  /// Cuts blocks and puts the parts together, so that all threads have about the same to do; what is small stays whole.
  private static func plan(
    _ blocks: [ReceivedBlock<Element>], threads: Int
  ) -> [[@Sendable () -> ChunkReader<Element>]] {
    let total = blocks.reduce(0) { $0 + $1.bytes }
    guard total > 0 else { return blocks.isEmpty ? [] : [blocks.flatMap { $0.readers(1) }] }
    // Each task has its own tables, so there should be few of them, and as many for one thread as for another.
    let rounds = max(1, (total + threads * maximumPartitionSize - 1) / (threads * maximumPartitionSize))
    let target = max(minimumPartitionSize, (total + threads * rounds - 1) / (threads * rounds))
    let wanted = (total + target - 1) / target
    var partitions: [[@Sendable () -> ChunkReader<Element>]] = []
    var open: [@Sendable () -> ChunkReader<Element>] = []
    var openSize = 0
    for block in blocks {
      let parts = max(1, (block.bytes + target / 2) / target)
      let readers = block.readers(parts)
      let size = block.bytes / max(1, readers.count)
      for reader in readers {
        if openSize > 0 && openSize + size / 2 > target && partitions.count < wanted - 1 {
          partitions.append(open)
          open = []
          openSize = 0
        }
        open.append(reader)
        openSize += size
      }
    }
    if !open.isEmpty { partitions.append(open) }
    return partitions
  }

  /// Less than this is not worth a second task.
  private static var minimumPartitionSize: Int { 32 << 10 }
  /// More than this, and a task holds its share of the memory for long.
  private static var maximumPartitionSize: Int { 24 << 20 }
}

/// Several passes, one after the other.
private final class SequenceReader<Element>: ChunkReader<Element> {
  private var left: ArraySlice<@Sendable () -> ChunkReader<Element>>
  private var current: ChunkReader<Element>?

  init(_ readers: [@Sendable () -> ChunkReader<Element>]) { left = readers[...] }

  override func next() throws -> Chunk<Element>? {
    while true {
      if let chunk = try current?.next() { return chunk }
      guard let make = left.popFirst() else { return nil }
      current = make()
    }
  }
}
