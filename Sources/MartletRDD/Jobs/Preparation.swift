// Unsafe code. Invariant: a reference in an `Unmanaged` is released once, by the code that has taken it out of its
// mutex; the object in a `Parent` or `Parents` has the type that is requested.

package import MartletCore
import Synchronization

/// An RDD with any elements, as it is prepared for a job.
///
/// Lineages may be very long, so nothing here is recursive: all work is done step by step, parents first, and facts
/// about an RDD are stored with it, for its children to look up.
package protocol Lineage: AnyObject, Sendable {
  /// The RDDs that this one is computed from.
  var parents: [any Lineage] { get }
  /// The operator and its call site, for display.
  var summary: String { get }
  /// The operator, as error messages name it.
  var site: OperatorSite { get }
  /// Does the work that must be done before tasks can read, parents first: plans it, and runs the plan.
  func makeReady() throws
  /// True if no work is left before tasks can read, here or in parents.
  var isReady: Bool { get }
  /// True if tasks find all partitions in the cache, so that parents are not needed.
  var isFullyCached: Bool { get }
  /// The number of nested readers for a partition; valid once it is ready.
  var readerDepth: Int { get }
  var partitioner: AnyPartitioner? { get }
  /// True if the facts that preparation determines are already known.
  var hasFacts: Bool { get }
  /// The parent with the same number of partitions.
  var partitionsAreThoseOf: (any Lineage)? { get }
  /// The number of partitions, if no job is needed to determine it.
  func countOwnPartitions(depth: Int) -> Int?
  /// Calls `body` for the parents that the job reads; an RDD may skip some.
  func visitParents(_ body: (any Lineage) throws -> Void) rethrows
  /// What the stages make that must run before tasks can read, unless it has been made; each reads the parents.
  var stageOutputs: [Stage.Output] { get }
  /// Finds the facts of this RDD, and runs its stages. The parents are ready.
  func makeReady(on executor: LocalExecutor) throws
  /// Whether it has not been asked this with `mark` before. May also be true if others have asked meanwhile.
  func isNew(_ mark: Int) -> Bool
}

/// The facts that preparation determines about an RDD.
final class PreparedFacts: Sendable {
  /// Twice the number of partitions, plus 1 if it is known that there are no elements; -1 while nothing is known.
  private let extent = Atomic<Int>(-1)
  private let depth = Atomic<Int>(0)
  private let ready = Atomic<Bool>(false)
  let isPreparedForEachJob = Atomic<Bool>(false)
  let mark = Atomic<Int>(0)

  var partitionCount: Int? {
    let extent = extent.load(ordering: .acquiring)
    return extent < 0 ? nil : extent >> 1
  }

  var isKnownEmpty: Bool? {
    let extent = extent.load(ordering: .acquiring)
    return extent < 0 ? nil : extent & 1 == 1
  }

  var readerDepth: Int { max(1, depth.load(ordering: .acquiring)) }

  var isReady: Bool { ready.load(ordering: .acquiring) }

  func set(partitionCount: Int, isKnownEmpty: Bool, readerDepth: Int, isReady: Bool) {
    extent.store(min(partitionCount, .max >> 1) << 1 | (isKnownEmpty ? 1 : 0), ordering: .releasing)
    depth.store(readerDepth, ordering: .releasing)
    ready.store(isReady, ordering: .releasing)
  }

  /// Records that work must be done again.
  func forget() { ready.store(false, ordering: .releasing) }
}

/// The parents of an RDD. A long chain of them is released step by step.
///
/// The owner calls `removeAll()` in its `deinit`.
final class Parents<Element: Sendable>: Sendable {
  // Not typed: looking up generic types would increase the cost of an empty batch.
  private let references: Mutex<[Unmanaged<AnyObject>]>

  init(_ rdds: [RDD<Element>]) { references = Mutex(rdds.map { .passRetained($0) }) }

  deinit { removeAll() }

  /// The parents; empty if they have been released.
  var all: [RDD<Element>] {
    // Only RDDs of the type are stored here.
    references.withLock { $0.map { $0.takeUnretainedValue() } }.map { unsafeDowncast($0, to: RDD<Element>.self) }
  }

  subscript(number: Int) -> RDD<Element>? {
    let found = references.withLock { number < $0.count ? $0[number].takeUnretainedValue() : nil }
    return found.map { unsafeDowncast($0, to: RDD<Element>.self) }
  }

  func removeAll() {
    let all = references.withLock { references in
      defer { references = [] }
      return references
    }
    for reference in all { releaseInSteps(reference) }
  }
}

/// The only parent of an RDD. Its type is known to the owner.
struct Parent: ~Copyable, Sendable {
  private let reference: Mutex<Unmanaged<AnyObject>>

  init<Element: Sendable>(_ rdd: RDD<Element>) { reference = Mutex(.passRetained(rdd)) }

  deinit { releaseInSteps(reference.withLock { $0 }) }

  /// - Parameter type: the type of elements of the RDD with which this was created.
  @inline(__always)
  func rdd<Element: Sendable>(of type: Element.Type) -> RDD<Element> {
    unsafeDowncast(reference.withLock { $0.takeUnretainedValue() }, to: RDD<Element>.self)
  }

  /// Releases the parent. Later requests get an RDD that cannot be read.
  ///
  /// - Parameter type: as in `rdd(of:)`.
  func cut<Element: Sendable>(_ type: Element.Type) {
    let parent = rdd(of: type)
    let cut = CutRDD<Element>(parent.context, parent.site, parent.knownPartitionCount)
    let old = reference.withLock { reference in
      defer { reference = .passRetained(cut) }
      return reference
    }
    releaseInSteps(old)
  }
}

/// The replacement of a parent that is no longer needed.
final class CutRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let partitions: Int

  init(_ context: MartletContext, _ site: OperatorSite, _ partitions: Int) {
    self.partitions = partitions
    super.init(context: context, site: site)
  }

  override var partitionCount: Int { partitions }
  override var isCut: Bool { true }
  override var needsPreparation: Bool { false }
  override func compute(partition: Int) throws -> ChunkReader<Element> { throw LineageWasCut() }
}

/// An error: the parents have been released while a task was about to read them. Their replacement can be read.
struct LineageWasCut: Error {}

/// Tells one walk along a lineage from another.
enum StepMark {
  private static let last = Atomic<Int>(0)
  static func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// Runs `body`, a task with `depth` nested readers, on a thread with enough stack for it.
func withStack<Result>(depth: Int, _ site: OperatorSite, _ body: () throws -> Result) throws -> Result {
  if depth <= depthOfAnyStack { return try body() }
  let advice = """
    Call localCheckpoint() or checkpoint() on an RDD in the middle of the chain, before the action.
    """
  guard depth <= 1_000_000 else {
    throw site.invalidArgument("the chain of RDDs has length \(depth); the maximum is 1,000,000. \(advice)")
  }
  do {
    return try MartletCore.withStack(bytes: 8 << 20 + depth * bytesOfReader, body)
  } catch let error as StackUnavailable {
    throw site.invalidArgument(
      "the chain of RDDs has length \(depth), and the system has no stack that is large enough: \(error.reason). \(advice)"
    )
  }
}

/// The number of nested readers for which any thread has enough stack.
let depthOfAnyStack = 200

/// The stack used by a reader, and by the RDD that creates it: a few times the measurement without optimization.
private let bytesOfReader = 4096
