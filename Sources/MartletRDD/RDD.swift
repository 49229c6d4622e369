public import MartletCore
import Synchronization

/// A collection in partitions, computed when an action asks for it: Spark's resilient distributed dataset.
///
/// An RDD holds no elements; it knows how to compute each of its partitions, usually from its parents'. Transformations
/// (`map`, `reduceByKey` …) make new RDDs and return at once; actions (`collect`, `count` …) run a job on the context's
/// worker threads and block the calling thread until it is done. An RDD that is used twice is computed twice, unless it
/// is cached.
///
/// An RDD is immutable and can be used from any thread. A source of your own is a ``PartitionedSource``.
public class RDD<Element: Sendable>: Lineage, @unchecked Sendable {
  // Sendable: constants and mutexes, here and in all subclasses of Martlet's.
  /// The context that the RDD belongs to.
  public let context: MartletContext
  /// A number that no other RDD of the context has.
  public let id: Int
  package let site: OperatorSite
  /// Serialises the work that must be done once before tasks can read this RDD.
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

  /// Has `prepare()` be called again before every job: for a subclass whose partitions are known before it is called.
  package final func prepareForEachJob() { facts.isPreparedForEachJob.store(true, ordering: .releasing) }

  // MARK: What an operator answers

  /// The RDDs that this one is computed from.
  package var parents: [any Lineage] { [] }

  /// How many partitions there are; valid once `prepare()` has run.
  package var partitionCount: Int { 0 }

  /// Work to be done once, on the submitting thread, before any partition is computed: listing files, running the
  /// stage before a shuffle. It may be called again, so it must remember that it is done.
  package func prepare() throws {}

  /// A pass over one partition. Called in a task; several partitions may be computed at the same time.
  package func compute(partition: Int) throws -> ChunkReader<Element> { ChunkReader() }

  /// How the keys are spread over the partitions, if that is known. Operations by key that find their keys in place
  /// do not shuffle.
  public var partitioner: AnyPartitioner? { nil }

  /// Whether it is known, once `prepare()` has run, that there is no element: such an RDD is read without any work.
  package var isKnownEmpty: Bool { false }

  /// Whether the elements are kept for as long as this RDD lives, without anything that they were computed from.
  package var holdsItsElements: Bool { false }

  /// Whether there is anything at all to be done before tasks can read, here or in parents.
  package var needsPreparation: Bool { true }

  /// Whether tasks read what `prepare()` has put aside, and not the parents.
  package var readsItsOwn: Bool { false }

  /// Whether this stands for an RDD that has been let go of.
  package var isCut: Bool { false }

  /// The parent that has as many partitions.
  package var partitionsAreThoseOf: (any Lineage)? { nil }

  /// How many partitions there will be, if no job is needed to know. Of a source this finds it out.
  package func countOwnPartitions(depth: Int) -> Int? {
    if hasFacts || !needsPreparation || facts.isPreparedForEachJob.load(ordering: .acquiring) {
      return knownPartitionCount
    }
    guard parents.isEmpty, (try? prepareLineage()) != nil else { return nil }
    return knownPartitionCount
  }

  // MARK: What the scheduler calls

  package final func prepareLineage() throws {
    if isReady { return }
    try MartletRDD.prepareLineage(of: self, ignoresCache: false)
  }

  package final var hasFacts: Bool { facts.partitionCount != nil }
  package final var isReady: Bool { facts.isReady || !needsPreparation }
  package var readerDepth: Int { facts.readerDepth }

  package func visitParents(_ body: (any Lineage) throws -> Void) rethrows {
    for parent in parents { try body(parent) }
  }

  package final func prepareItself() throws {
    try preparation.withLock { _ in
      if isReady { return }
      try prepare()
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

  /// Lets go of the RDDs that this one is made of, which will not be read any more.
  package func cutParents() {}

  /// `partitionCount`, looked up if it has been found out already: those that are made of this RDD ask so, since each
  /// would ask all that it is made of otherwise.
  package final var knownPartitionCount: Int { facts.partitionCount ?? partitionCount }

  /// `isKnownEmpty`, looked up if it has been found out already.
  package final var isSurelyEmpty: Bool { facts.isKnownEmpty ?? isKnownEmpty }

  /// A pass over one partition, from the cache if it is there.
  package final func reader(_ partition: Int) throws -> ChunkReader<Element> {
    if isSurelyEmpty { return ChunkReader() }
    let (cache, checkpoint) = stored.withLock { ($0.cache, $0.checkpoint) }
    guard let cache else { return try computed(partition, checkpoint) }
    return try storage(cache).reader(partition) {
      // A partition that was there when the job began may have made room for others since.
      if !self.isReady { try MartletRDD.prepareLineage(of: self, ignoresCache: true) }
      return try self.computed(partition, self.stored.withLock { $0.checkpoint })
    }
  }

  /// A pass over one partition that the cache does not have.
  private func computed(_ partition: Int, _ checkpoint: AnyObject?) throws -> ChunkReader<Element> {
    if let checkpoint { return try rdd(checkpoint).reader(partition) }
    do {
      let reader = try compute(partition: partition)
      guard let cancellation = TaskContext.current?.cancellation, parents.isEmpty else { return reader }
      return CancellableReader(reader, cancellation)
    } catch is LineageWasCut {
      guard let checkpoint = stored.withLock({ $0.checkpoint }) else { throw LineageWasCut() }
      return try rdd(checkpoint).reader(partition)
    }
  }

  // Only these types are put there.
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

  /// Whether the elements have been put aside by `checkpoint()` or `localCheckpoint()`, and the RDDs that they were made
  /// of are not needed any more.
  public final var isCheckpointed: Bool { stored.withLock { $0.checkpoint != nil } }

  /// The folder that `checkpoint()` has written; `nil` if there is none yet.
  public final var checkpointFile: String? { stored.withLock { $0.checkpointFolder } }

  // MARK: Caching

  package final var isFullyCached: Bool {
    guard let cache = stored.withLock({ $0.cache }) else { return false }
    return storage(cache).isComplete(partitionCount: knownPartitionCount)
  }

  /// Keeps the partitions once they have been computed, so that later jobs need not compute them again.
  ///
  /// All kept partitions of a context share its memory (`martlet.memory.bytes`); those that have not been used for
  /// longest make room for new ones. What is written to disk goes to `martlet.local.dir`, in files that are gone with
  /// the RDD, `unpersist()` or the process. Elements that cannot be written (objects of classes, and what is neither
  /// `Codable` nor made of such) are kept as with `memoryOnly` at every level; a disk that is full costs time, not the job.
  /// Texts that keep alive far more of their input than themselves are copied out of it.
  /// - Parameter level: where they are kept. The first call decides.
  @discardableResult
  public final func persist(_ level: StorageLevel = .memoryOnly) -> Self {
    stored.withLock {
      if $0.cache == nil { $0.cache = PartitionStorage<Element>(level: level, context: context) }
    }
    return self
  }

  /// Keeps the partitions in memory: `persist(.memoryOnly)`.
  @discardableResult
  public final func cache() -> Self { persist(.memoryOnly) }

  /// Drops what `persist` has kept. The RDD stays usable, and is computed again when needed.
  @discardableResult
  public final func unpersist() -> Self {
    stored.withLock { stored in
      if let cache = stored.cache { storage(cache).removeAll() }
      stored.cache = nil
    }
    return self
  }

  /// Where the partitions are kept; `nil` if they are not.
  public final var storageLevel: StorageLevel? { stored.withLock { $0.cache }.map { storage($0).level } }

  /// Whether tasks may find partitions of this RDD that need not be computed again.
  package final var mayBeStored: Bool {
    stored.withLock { $0.cache != nil || $0.checkpoint != nil || $0.wantedCheckpoint != nil }
  }

  // MARK: Facts

  /// The name that `name(_:)` has given; `nil` if none.
  public final var name: String? { givenName.withLock { $0 } }

  /// Gives the RDD a name, for people: it is shown in `debugDescription`.
  @discardableResult
  public final func name(_ name: String) -> Self {
    givenName.withLock { $0 = name }
    return self
  }

  /// `name(_:)`, as Spark spells it.
  @discardableResult
  public final func setName(_ name: String) -> Self { self.name(name) }

  /// How many partitions the RDD has. Lists files and runs the stages before it, if it takes that to know.
  public final var numPartitions: Int {
    get throws {
      try context.refuseInsideTask("numPartitions", site)
      try prepareLineage()
      return knownPartitionCount
    }
  }

  /// `numPartitions`, as Spark spells it.
  public final func getNumPartitions() throws -> Int { try numPartitions }

  /// The operators that lead to this RDD, one a line, parents indented below: Spark's `toDebugString`.
  ///
  /// Of a very long lineage the last 1,000 operators are shown.
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

/// What is kept of an RDD's elements. Not by their type: to look up generic types shows in what an empty batch costs.
private struct StoredPartitions {
  /// A `PartitionStorage` of the elements.
  var cache: AnyObject?
  var wantedCheckpoint: WantedCheckpoint?
  /// An RDD that reads what a checkpoint has put aside.
  var checkpoint: AnyObject?
  var checkpointFolder: String?
}
