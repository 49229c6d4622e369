import Logging
package import MartletCore
package import MartletLog
package import MartletRDD
package import MartletStreaming
import Synchronization

/// A stream of the records that a receiver stores.
package final class ReceiverInput<Element: Sendable>: DStream<Element>, InputNode, @unchecked Sendable {
  // Sendable: the variables are set while the program is set up; the threads that read them are started later.
  let receiver: Receiver<Element>
  private let queue: BlockQueue<Element>
  private let supervisor = Mutex<ReceiverSupervisor<Element>?>(nil)
  private let allocated = Mutex<[Allocation<Element>]>([])
  package private(set) var streamID = -1
  /// The RDD of batches without records.
  private let nothing: RDD<Element>
  private let rate = Mutex<RateControl?>(nil)
  /// The disk space for blocks that outlive their batches and do not fit in memory.
  private let space: BlockSpace
  private let stranded = Mutex(StrandedBlocks<Element>())
  /// The parts that belong to the context's checkpoint, if there is one.
  let kept = Mutex<KeptBlocks<Element>?>(nil)
  /// Creates the files of the log, and the size at which one is full; tests set their own.
  package var makeLogFile: (String) throws -> any LogFile = SystemFile.create
  package var logSegmentSize = 64 << 20

  init(_ receiver: Receiver<Element>, _ context: StreamingContext, _ site: OperatorSite) {
    self.receiver = receiver
    queue = BlockQueue(limit: context.receiverBufferLimit)
    nothing = EmptyRDD(context.sparkContext, site)
    space = BlockSpace(context.sparkContext)
    super.init(context: context, site: site)
    streamID = context.graph.add(self)
    reportIgnoredStorageLevel(receiver.storageLevel)
  }

  package func refuseWhatCannotStart(isKept: Bool) throws {
    _ = try RateSettings(context.sparkContext.conf)
    _ = try context.receiverMemoryLimit()
    _ = try stopTimeout()
    try refuseSharedReceiver()
    guard isKept else { return }
    _ = try codecs()
    _ = try blockInterval()
  }

  /// Checks that the receiver belongs to one stream only.
  private func refuseSharedReceiver() throws {
    let user = context.graph.inputs.compactMap { $0 as? ReceiverInput<Element> }
      .first { $0 !== self && $0.receiver === receiver }
    guard user != nil || receiver.supervisor != nil else { return }
    let place = user.map { "the \($0.site.name) at \($0.site.callSite)" } ?? "a stream of a context that runs"
    throw MartletError(
      .invalidArgument,
      """
      \(site.name) at \(site.callSite): the receiver \(receiver.name) already belongs to \(place). Give each stream \
      its own receiver.
      """)
  }

  private func blockInterval() throws -> Duration {
    try context.sparkContext.conf.duration(ReceiverSetting.blockIntervalKey, default: .milliseconds(200))
  }

  /// The time without a stored record after which the context stops without a receiver that was asked to stop.
  private func stopTimeout() throws -> Duration {
    try context.sparkContext.conf.duration(ReceiverSetting.stopTimeoutKey, default: .seconds(5))
  }

  package func start() throws {
    queue.share(try context.receiverMemory())
    let supervisor = ReceiverSupervisor(
      receiver, streamID: streamID, queue: queue, events: context.eventSource, clock: context.clock,
      stopTimeout: try stopTimeout(), logger: context.sparkContext.logger)
    self.supervisor.withLock { $0 = supervisor }
    let rate = RateControl(
      try RateSettings(context.sparkContext.conf), clock: context.clock, batchInterval: context.batchInterval,
      known: kept.withLock { $0?.books.progress.rate })
    self.rate.withLock { $0 = rate }
    supervisor.rate = rate
    try kept.withLock { kept in
      guard let codec = kept?.codecOfLog, let log = kept?.log else { return }
      let writer = BlockWriter(log, codec, segmentSize: logSegmentSize, makeFile: makeLogFile)
      let blocks = ReceiverLog(queue, writer, blockInterval: try blockInterval()) { [weak supervisor] message, error in
        supervisor?.reportError("\(message): \(error)", error)
      }
      supervisor.log = blocks
      kept?.writing = blocks
      try blocks.start(streamID: streamID)
    }
    try supervisor.start()
  }

  package func stop() { supervisor.withLock { $0 }?.requestStop() }

  package func waitUntilStopped(before deadline: MonotonicTime) -> ReceiverEnd {
    let hasEnded = supervisor.withLock { $0 }?.waitUntilStopped(before: deadline) ?? true
    let unlogged = log?.stop() ?? 0
    return ReceiverEnd(
      running: hasEnded ? nil : "\(receiver.name) of \(site.name) at \(site.callSite)", unloggedRecords: unlogged)
  }

  package var isKeptByCheckpoint: Bool { kept.withLock { $0?.codecOfLog != nil } }

  /// The log that is being written, if there is one.
  private var log: ReceiverLog<Element>? { kept.withLock { $0?.writing } }

  package override func compute(_ time: Time) throws -> RDD<Element>? {
    guard let allocation = allocated.withLock({ $0.first { $0.time == time } }) else { return nothing }
    if let failure = allocation.failure { throw failure }
    let logged = try kept.withLock({ $0?.reader })?.blocks(allocation.logged) ?? []
    let blocks = logged + allocation.blocks
    return blocks.isEmpty ? nothing : BlockPlan.rdd(blocks, context.sparkContext, site)
  }

  /// Assigns the same records again to the batch of a plan from before a restart.
  func allocateAgain(_ time: Time, _ stretches: [BlockStretch], records: Int) {
    allocated.withLock { $0.append(Allocation(time: time, records: records, logged: stretches)) }
  }
}

/// Blocks that are retained after their batches, and can only stay in memory.
private struct StrandedBlocks<Element: Sendable> {
  var blocks: [WeakBlock<Element>] = []
  var isReported = false
}

private struct WeakBlock<Element: Sendable> {
  weak var block: ReceivedBlock<Element>?
  init(_ block: ReceivedBlock<Element>) { self.block = block }
}

/// The records of a batch.
private struct Allocation<Element: Sendable> {
  var time: Time
  var records: Int
  /// Stretches at the beginning that are only in the log.
  var logged: [BlockStretch] = []
  var blocks: [ReceivedBlock<Element>] = []
  /// The error if the batch cannot be made.
  var failure: (any Error)?
}

extension ReceiverInput: ReceiverNode {
  package func beginAllocation() { log?.beginCut() }

  package func allocate(_ time: Time) -> Int {
    if let planned = kept.withLock({ $0?.log.plannedThrough }), time <= planned {
      // It gets the same records as before the restart.
      return allocated.withLock { $0.first { $0.time == time }?.records } ?? 0
    }
    var allocation = Allocation<Element>(time: time, records: 0)
    var stretches: [BlockStretch] = []
    if let log {
      (allocation.blocks, stretches, allocation.failure) = log.takeLogged()
    } else {
      allocation.blocks = queue.takeAll()
    }
    allocation.records = allocation.blocks.reduce(0) { $0 + $1.records }
    kept.withLock { kept in
      allocation.logged = kept?.books.takeLeftovers() ?? []
      allocation.records += allocation.logged.reduce(0) { $0 + $1.records }
      stretches = allocation.logged + stretches
      if !stretches.isEmpty { kept?.books.give(stretches, to: time, records: allocation.records) }
    }
    guard allocation.records > 0 || allocation.failure != nil else { return 0 }
    allocated.withLock { $0.append(allocation) }
    return allocation.records
  }

  package var rateLimit: Double? { rate.withLock { $0?.limiter.currentRate } }

  package func batchCompleted(_ info: BatchInfo) {
    let time = info.batchTime
    let records = info.streamIDToInputInfo[streamID]?.numRecords ?? 0
    if let rate = rate.withLock({ $0 })?.batchCompleted(info, records: records) {
      kept.withLock { $0?.books.noteRate(rate) }
    }
    let completed = forget(time)
    stranded.withLock { stranded in
      let isNew = stranded.blocks.isEmpty
      stranded.blocks = (stranded.blocks + completed).filter { weak in
        guard let block = weak.block else { return false }
        return !block.outliveBatch(context.sparkContext.storageMemory, space)
      }
      if isNew && !stranded.blocks.isEmpty && !stranded.isReported {
        stranded.isReported = true
        reportStranded()
      }
    }
  }

  /// Drops blocks that are not remembered, now that the batch at `time` is done.
  ///
  /// - Returns: the blocks of the batch; those that nothing else retains have been released.
  private func forget(_ time: Time) -> [WeakBlock<Element>] {
    let end = time - rememberDuration
    let (completed, forgotten) = allocated.withLock { allocated in
      let completed = allocated.first { $0.time == time }?.blocks.map(WeakBlock.init) ?? []
      let forgotten = allocated.filter { $0.time <= end }
      if !forgotten.isEmpty { allocated.removeAll { $0.time <= end } }
      return (completed, forgotten)
    }
    withExtendedLifetime(forgotten) {}
    return completed
  }

  /// Logs, once, why the receiver may have to wait.
  private func reportStranded() {
    let isWritable = ElementCodec<Element>.make() != nil
    context.sparkContext.logger.warning(
      """
      \(site.name) at \(site.callSite): received records are retained for later batches, there is no room for them \
      in memory (\(MartletConf.Key.memoryBytes)), and \(
      isWritable
      ? "they cannot be written to the folder of the setting \(MartletConf.Key.localDirectory)"
      : "\(String(reflecting: Element.self)) cannot be written to disk, because it is not Codable"). The receiver \
      waits while it holds \(context.receiverBufferLimit) bytes of them.
      """)
  }

  package var hasUnallocated: Bool {
    let hasLeftovers = kept.withLock { $0?.books.hasLeftovers ?? false }
    return !queue.isEmpty || hasLeftovers || !(log?.isEmpty ?? true)
  }
}

/// Divides the received blocks of one batch into partitions of similar size.
enum BlockPlan<Element: Sendable> {
  static func rdd(_ blocks: [ReceivedBlock<Element>], _ context: MartletContext, _ site: OperatorSite) -> RDD<Element> {
    ReadersRDD(
      plan(blocks, threads: context.pool.threads).map { readers in
        { ConcatenatedReader(readers.indices) { readers[$0]() } }
      }, context,
      site)
  }

  /// Divides blocks and combines the parts, so that all threads have about the same work; small blocks are not divided.
  private static func plan(
    _ blocks: [ReceivedBlock<Element>], threads: Int
  ) -> [[@Sendable () -> ChunkReader<Element>]] {
    let total = blocks.reduce(0) { $0 + $1.bytes }
    guard total > 0 else { return blocks.isEmpty ? [] : [blocks.flatMap { $0.readers(1) }] }
    // Each task has its own tables, so there should be few of them, and the same number for each thread.
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

  /// The size below which a second task does not pay off.
  private static var minimumPartitionSize: Int { 32 << 10 }
  /// The size above which a task would occupy its share of the memory for too long.
  private static var maximumPartitionSize: Int { 24 << 20 }
}
