public import MartletCore
import Synchronization

/// A collection in partitions, computed when an action asks for it: Spark's resilient distributed dataset.
///
/// An RDD contains no elements; it knows how to compute each of its partitions, usually from those of its parents.
/// Transformations (`map`, `reduceByKey` …) create new RDDs and return at once; actions (`collect`, `count` …) run a
/// job on the context's worker threads and block the calling thread until it is done. An RDD that is used twice is
/// computed twice, unless it is cached.
///
/// An RDD is immutable and can be used from any thread. For your own source, implement ``PartitionedSource``.
public class RDD<Element: Sendable>: Lineage, @unchecked Sendable {
  // Sendable: constants and mutexes, here and in all of Martlet's subclasses.
  /// The context that the RDD belongs to.
  public let context: MartletContext
  /// The id of the RDD, unique in its context.
  public let id: Int
  package let site: OperatorSite
  /// Serializes the work that must be done once before tasks can read this RDD.
  private let preparation = Mutex(())
  private let facts = PreparedFacts()
  private let stored = Mutex(StoredPartitions())
  private let givenName = Mutex<String?>(nil)

  /// `site` names the operation in error messages.
  @usableFromInline package init(context: MartletContext, site: OperatorSite) {
    self.context = context
    self.site = site
    id = context.nextRDDID()
  }

  /// Makes `prepare()` run again before every job: for a subclass whose partitions are known before it is called.
  package final func prepareForEachJob() { facts.isPreparedForEachJob.store(true, ordering: .releasing) }

  // MARK: The operator

  /// The RDDs that this one is computed from.
  package var parents: [any Lineage] { [] }

  /// The number of partitions; valid once `prepare()` has run.
  package var partitionCount: Int { 0 }

  /// Finds the facts that must be known, once, on the submitting thread, before any partition is computed, such as which
  /// files there are. It may be called again, so it must remember that it is done. `runStages(on:)` runs tasks.
  package func prepare() throws {}

  /// What `runStages(on:)` makes, as a plan describes it.
  package var ownStageOutputs: [Stage.Output] { [] }

  /// Runs the stages without which no partition can be read, such as the one before a shuffle. Called after `prepare()`,
  /// with ready parents. It may be called again, so it must remember that it is done.
  package func runStages(on executor: LocalExecutor) throws {}

  /// A pass over one partition. Called in a task; several partitions may be computed at the same time.
  package func compute(partition: Int) throws -> ChunkReader<Element> { ChunkReader() }

  /// The distribution of keys over the partitions, if it is known. Operations by key that find their keys in place do
  /// not shuffle.
  public var partitioner: AnyPartitioner? { nil }

  /// True if it is known, once `prepare()` has run, that there are no elements: such an RDD is read without any work.
  package var isKnownEmpty: Bool { false }

  /// True if the elements are stored for the lifetime of this RDD, without the data that they were computed from.
  package var holdsItsElements: Bool { false }

  /// True if any work must be done before tasks can read, here or in parents.
  package var needsPreparation: Bool { true }

  /// True if tasks read data that `prepare()` has stored, and not the parents.
  package var readsItsOwn: Bool { false }

  /// True if this replaces an RDD that has been released.
  package var isCut: Bool { false }

  /// The parent with the same number of partitions.
  package var partitionsAreThoseOf: (any Lineage)? { nil }

  /// The number of partitions, if no job is needed to determine it. Inspects sources.
  package func countOwnPartitions(depth: Int) -> Int? {
    if hasFacts || !needsPreparation || facts.isPreparedForEachJob.load(ordering: .acquiring) {
      return knownPartitionCount
    }
    guard parents.isEmpty, stageOutputs.isEmpty, (try? makeReady()) != nil else { return nil }
    return knownPartitionCount
  }

  // MARK: Calls of the scheduler

  package final func makeReady() throws {
    if isReady { return }
    try context.executor.run(JobSteps(self))
  }

  package final var stageOutputs: [Stage.Output] {
    stored.withLock { $0.wantedCheckpoint == nil } ? ownStageOutputs : ownStageOutputs + [.retained]
  }

  package final func isNew(_ mark: Int) -> Bool { facts.mark.exchange(mark, ordering: .relaxed) != mark }

  package final var hasFacts: Bool { facts.partitionCount != nil }
  package final var isReady: Bool { facts.isReady || !needsPreparation }
  package var readerDepth: Int { facts.readerDepth }

  package func visitParents(_ body: (any Lineage) throws -> Void) rethrows {
    for parent in parents { try body(parent) }
  }

  package final func makeReady(on executor: LocalExecutor) throws {
    try preparation.withLock { _ in
      if isReady { return }
      try prepare()
      try runStages(on: executor)
      var depth = 0
      var isReady = !facts.isPreparedForEachJob.load(ordering: .acquiring)
      visitParents { parent in
        depth = Swift.max(depth, parent.readerDepth)
        isReady = isReady && parent.isReady
      }
      facts.set(
        partitionCount: partitionCount, isKnownEmpty: isKnownEmpty, readerDepth: readsItsOwn ? 1 : depth + 1,
        isReady: isReady)
      if let wanted = stored.withLock({ $0.wantedCheckpoint }) { try takeCheckpoint(wanted) }
    }
  }

  /// Releases the parents, which will not be read again.
  package func cutParents() {}

  /// `partitionCount`, or its stored value: children use this, because each would otherwise ask its whole lineage.
  package final var knownPartitionCount: Int { facts.partitionCount ?? partitionCount }

  /// `isKnownEmpty`, or its stored value.
  package final var isSurelyEmpty: Bool { facts.isKnownEmpty ?? isKnownEmpty }

  /// A pass over one partition, from the cache if it is there.
  package final func reader(_ partition: Int) throws -> ChunkReader<Element> {
    if isSurelyEmpty { return ChunkReader() }
    let (cache, checkpoint) = stored.withLock { ($0.cache, $0.checkpoint) }
    guard let cache else { return try computed(partition, checkpoint) }
    return try storage(cache).reader(partition) {
      // A partition that was stored when the job began may have been evicted since.
      if !self.isReady { try self.context.executor.run(JobSteps(self, ignoresCache: true)) }
      return try self.computed(partition, self.stored.withLock { $0.checkpoint })
    }
  }

  /// A pass over one partition that is not cached.
  private func computed(_ partition: Int, _ checkpoint: AnyObject?) throws -> ChunkReader<Element> {
    if let checkpoint { return try rdd(checkpoint).reader(partition) }
    do {
      let reader = try compute(partition: partition)
      return parents.isEmpty ? reader.whileNotCancelled() : reader
    } catch is LineageWasCut {
      guard let checkpoint = stored.withLock({ $0.checkpoint }) else { throw LineageWasCut() }
      return try rdd(checkpoint).reader(partition)
    }
  }

  // Only these types are stored here.
  private func storage(_ cache: AnyObject) -> PartitionStorage<Element> {
    unsafeDowncast(cache, to: PartitionStorage<Element>.self)
  }
  private func rdd(_ checkpoint: AnyObject) -> RDD<Element> { unsafeDowncast(checkpoint, to: RDD<Element>.self) }

  // MARK: Checkpoints

  func want(_ checkpoint: WantedCheckpoint) {
    stored.withLock { stored in
      if stored.checkpoint == nil && stored.wantedCheckpoint == nil { stored.wantedCheckpoint = checkpoint }
    }
    facts.forget()
  }

  private func takeCheckpoint(_ wanted: WantedCheckpoint) throws {
    let taken: (rdd: RDD<Element>, folder: String?)
    do { taken = try wanted.take(ComputedRDD(self)) } catch {
      facts.forget()
      throw error
    }
    stored.withLock { stored in
      stored.wantedCheckpoint = nil
      stored.checkpoint = taken.rdd
      stored.checkpointFolder = taken.folder
    }
    facts.set(
      partitionCount: partitionCount, isKnownEmpty: isKnownEmpty, readerDepth: taken.rdd.readerDepth + 1, isReady: true)
    cutParents()
  }

  /// A Boolean value that indicates whether the elements have been stored by `checkpoint()` or `localCheckpoint()`, so
  /// that their lineage is no longer needed.
  public final var isCheckpointed: Bool { stored.withLock { $0.checkpoint != nil } }

  /// The folder written by `checkpoint()`; `nil` if there is none yet.
  public final var checkpointFile: String? { stored.withLock { $0.checkpointFolder } }

  // MARK: Caching

  package final var isFullyCached: Bool {
    guard let cache = stored.withLock({ $0.cache }) else { return false }
    return storage(cache).isComplete(partitionCount: knownPartitionCount)
  }

  /// Stores the partitions once they have been computed, so that later jobs need not compute them again.
  ///
  /// All cached partitions of a context share its memory (`martlet.memory.bytes`); the least recently used are evicted.
  /// Partitions on disk are in `martlet.local.dir`, in files that disappear with the RDD, `unpersist()` or the process.
  /// Elements that cannot be written (instances of classes, and types that are not `Codable` and not composed of such)
  /// are stored as with `memoryOnly` at every level; a full disk costs time, but does not fail the job. Texts that keep
  /// much more input alive than they need are copied.
  /// - Parameter level: where they are stored. The first call decides.
  @discardableResult
  public final func persist(_ level: StorageLevel = .memoryOnly) -> Self {
    stored.withLock {
      if $0.cache == nil { $0.cache = PartitionStorage<Element>(level: level, context: context) }
    }
    return self
  }

  /// Stores the partitions in memory: `persist(.memoryOnly)`.
  @discardableResult
  public final func cache() -> Self { persist(.memoryOnly) }

  /// Drops the partitions stored by `persist`. The RDD stays usable, and is computed again when needed.
  @discardableResult
  public final func unpersist() -> Self {
    stored.withLock { stored in
      if let cache = stored.cache { storage(cache).removeAll() }
      stored.cache = nil
    }
    return self
  }

  /// The storage level of the partitions; `nil` if they are not stored.
  public final var storageLevel: StorageLevel? { stored.withLock { $0.cache }.map { storage($0).level } }

  /// True if tasks may find partitions of this RDD that need not be computed again.
  package final var mayBeStored: Bool {
    stored.withLock { $0.cache != nil || $0.checkpoint != nil || $0.wantedCheckpoint != nil }
  }

  // MARK: Facts

  /// The name that `name(_:)` has given; `nil` if none.
  public final var name: String? { givenName.withLock { $0 } }

  /// Sets a name for display in `debugDescription`.
  @discardableResult
  public final func name(_ name: String) -> Self {
    givenName.withLock { $0 = name }
    return self
  }

  /// `name(_:)`, as Spark spells it.
  @discardableResult
  public final func setName(_ name: String) -> Self { self.name(name) }

  /// The number of partitions. Lists files and runs previous stages, if they are needed to determine it.
  public final var numPartitions: Int {
    get throws {
      try context.refuseInsideTask("numPartitions", site)
      try makeReady()
      return knownPartitionCount
    }
  }

  /// `numPartitions`, as Spark spells it.
  public final func getNumPartitions() throws -> Int { try numPartitions }

  /// The operators of this RDD's lineage, one per line, with parents indented: Spark's `toDebugString`.
  ///
  /// Shows the last 1,000 operators of a very long lineage.
  public final var debugDescription: String {
    var lines: [String] = []
    var open: [(rdd: any Lineage, depth: Int)] = [(self, 0)]
    while let (rdd, depth) = open.popLast() {
      if lines.count == 1000 { return (lines + ["…"]).joined(separator: "\n") }
      lines.append(String(repeating: "  ", count: depth) + rdd.summary)
      open += rdd.parents.reversed().map { ($0, depth + 1) }
    }
    return lines.joined(separator: "\n")
  }

  package final var summary: String {
    (name.map { "'\($0)': " } ?? "") + "\(site.name) [\(id)] at \(site.callSite)"
  }
}

/// The stored elements of an RDD. Not typed: looking up generic types would increase the cost of an empty batch.
private struct StoredPartitions {
  /// A `PartitionStorage` of the elements.
  var cache: AnyObject?
  var wantedCheckpoint: WantedCheckpoint?
  /// An RDD that reads the data of a checkpoint.
  var checkpoint: AnyObject?
  var checkpointFolder: String?
}
