public import MartletCore
import Synchronization

/// A collection in partitions, computed when an action asks for it: Spark's resilient distributed dataset.
///
/// An RDD holds no elements; it knows how to compute each of its partitions, usually from its parents'. Transformations
/// (`map`, `reduceByKey` …) make new RDDs and return at once; actions (`collect`, `count` …) run a job on the context's
/// worker threads and block the calling thread until it is done. An RDD that is used twice is computed twice, unless it
/// is cached.
///
/// An RDD is immutable and can be used from any thread. A source of your own is a subclass that overrides
/// `partitionCount` and `compute(partition:)`.
open class RDD<Element: Sendable>: Lineage, @unchecked Sendable {
  // Sendable: constants and mutexes, here and in all subclasses of Martlet's.
  /// The context that the RDD belongs to.
  public let context: MartletContext
  /// A number that no other RDD of the context has.
  public let id: Int
  package let site: OperatorSite
  /// Serialises the work that must be done once before tasks can read this RDD.
  private let preparation = Mutex(())
  private let storage = Mutex<PartitionStorage<Element>?>(nil)
  private let givenName = Mutex<String?>(nil)

  /// For subclasses: `site` names the operation in error messages.
  public init(context: MartletContext, site: OperatorSite) {
    self.context = context
    self.site = site
    id = context.nextRDDID()
  }

  // MARK: What an operator answers

  /// The RDDs that this one is computed from.
  open var parents: [any Lineage] { [] }

  /// How many partitions there are; valid once `prepare()` has run.
  open var partitionCount: Int { 0 }

  /// Work to be done once, on the submitting thread, before any partition is computed: listing files, running the
  /// stage before a shuffle. Called again before every job, so it must remember that it is done.
  open func prepare() throws {}

  /// A pass over one partition. Called in a task; several partitions may be computed at the same time.
  open func compute(partition: Int) throws -> ChunkReader<Element> { ChunkReader() }

  /// How the keys are spread over the partitions, if that is known. Operations by key that find their keys in place
  /// do not shuffle.
  open var partitioner: AnyPartitioner? { nil }

  /// Whether it is known, once `prepare()` has run, that there is no element: such an RDD is read without any work.
  package var isKnownEmpty: Bool { false }

  /// Whether the elements are kept for as long as this RDD lives, without anything that they were computed from.
  package var holdsItsElements: Bool { false }

  /// Whether there is anything at all to be done before tasks can read, here or in parents.
  package var needsPreparation: Bool { true }

  // MARK: What the scheduler calls

  public final func prepareLineage() throws {
    guard needsPreparation else { return }
    try preparation.withLock { _ in
      if isFullyCached { return }
      try prepareUncached()
    }
  }

  private func prepareUncached() throws {
    for parent in parents { try parent.prepareLineage() }
    try prepare()
  }

  /// A pass over one partition, from the cache if it is there.
  package final func reader(_ partition: Int) throws -> ChunkReader<Element> {
    if isKnownEmpty { return ChunkReader() }
    guard let storage = storage.withLock({ $0 }) else { return try compute(partition: partition) }
    return try storage.reader(partition) {
      // A partition that was there when the job began may have made room for others since.
      try self.preparation.withLock { _ in try self.prepareUncached() }
      return try self.compute(partition: partition)
    }
  }

  // MARK: Caching

  private var isFullyCached: Bool {
    storage.withLock { $0?.isComplete(partitionCount: partitionCount) ?? false }
  }

  /// Keeps the partitions once they have been computed, so that later jobs need not compute them again.
  ///
  /// All kept partitions of a context share its memory (`martlet.memory.bytes`); those that have not been used for
  /// longest make room for new ones. What is written to disk goes to `martlet.local.dir`, in files that are gone with
  /// the RDD, `unpersist()` or the process. Elements that cannot be written (objects of classes, and what is neither
  /// `Codable` nor made of such) are kept in memory at every level; a disk that is full costs time, not the job.
  /// Texts that keep alive far more of their input than themselves are copied out of it.
  /// - Parameter level: where they are kept. The first call decides.
  @discardableResult
  public final func persist(_ level: StorageLevel = .memoryOnly) -> Self {
    storage.withLock { if $0 == nil { $0 = PartitionStorage(level: level, context: context) } }
    return self
  }

  /// Keeps the partitions in memory: `persist(.memoryOnly)`.
  @discardableResult
  public final func cache() -> Self { persist(.memoryOnly) }

  /// Drops what `persist` has kept. The RDD stays usable, and is computed again when needed.
  @discardableResult
  public final func unpersist() -> Self {
    storage.withLock { storage in
      storage?.removeAll()
      storage = nil
    }
    return self
  }

  /// Where the partitions are kept; `nil` if they are not.
  public final var storageLevel: StorageLevel? { storage.withLock { $0?.level } }

  // MARK: Facts

  /// The name that `setName` has given; `nil` if none.
  public final var name: String? { givenName.withLock { $0 } }

  /// Gives the RDD a name, for people: it is shown in `debugDescription`.
  @discardableResult
  public final func setName(_ name: String) -> Self {
    givenName.withLock { $0 = name }
    return self
  }

  /// How many partitions the RDD has. Lists files and runs the stages before it, if it takes that to know.
  public final func getNumPartitions() throws -> Int {
    try context.refuseInsideTask("getNumPartitions", site)
    try prepareLineage()
    return partitionCount
  }

  /// The operators that lead to this RDD, one a line, parents indented below: Spark's `toDebugString`.
  public final var debugDescription: String {
    func describe(_ rdd: any Lineage, _ depth: Int) -> [String] {
      [String(repeating: "  ", count: depth) + rdd.summary] + rdd.parents.flatMap { describe($0, depth + 1) }
    }
    return describe(self, 0).joined(separator: "\n")
  }

  public final var summary: String {
    (name.map { "'\($0)': " } ?? "") + "\(site.name) [\(id)] at \(site.callSite)"
  }
}

/// An RDD of whatever elements, as the scheduler sees it.
public protocol Lineage: AnyObject, Sendable {
  var parents: [any Lineage] { get }
  /// Does, parents first, what must be done before tasks can read.
  func prepareLineage() throws
  /// The operator and where it was called, for people.
  var summary: String { get }
}
