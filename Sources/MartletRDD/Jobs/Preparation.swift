// Unsafe code. Invariant: a reference in an `Unmanaged` is ended once, by whoever has taken it out of its mutex; what is put
// into a `Parent` or `Parents` has the type that is asked of it.

import MartletCore
import Synchronization

/// An RDD of whatever elements, as it is got ready for a job.
///
/// Lineages may be very long. So nothing here calls itself along one: what must be done is done step by step, parents
/// first, and what has been found out about an RDD is kept with it, for those that are made of it to look up.
package protocol Lineage: AnyObject, Sendable {
  /// The RDDs that this one is computed from.
  var parents: [any Lineage] { get }
  /// The operator and where it was called, for people.
  var summary: String { get }
  /// Does, parents first, what must be done before tasks can read.
  func prepareLineage() throws
  /// Whether there is nothing left to be done before tasks can read, here or in parents.
  var isReady: Bool { get }
  /// Whether tasks find all partitions in the cache, so that parents are not needed.
  var isFullyCached: Bool { get }
  /// How many readers, one within the other, it takes to read a partition; valid once it is ready.
  var readerDepth: Int { get }
  var partitioner: AnyPartitioner? { get }
  /// Whether what is found out when an RDD is prepared is known already.
  var hasFacts: Bool { get }
  /// The parent that has as many partitions.
  var partitionsAreThoseOf: (any Lineage)? { get }
  /// How many partitions there will be, if no job is needed to know.
  func countOwnPartitions(depth: Int) -> Int?
  /// Shows the parents; those that the job reads, where an RDD may pass over some.
  func visitParents(_ body: (any Lineage) throws -> Void) rethrows
  /// Does what must be done here. The parents are ready.
  func prepareItself() throws
}

/// Gets `root` ready, parents first.
///
/// - Parameter ignoresCache: whether `root` must be ready to be computed though all of its partitions are cached.
func prepareLineage(of root: any Lineage, ignoresCache: Bool) throws {
  var open: [(step: any Lineage, isVisited: Bool)] = [(root, false)]
  while let (step, isVisited) = open.last {
    if isVisited {
      open.removeLast()
      try step.prepareItself()
    } else if step.isReady || (step.isFullyCached && !(ignoresCache && step === root)) {
      open.removeLast()
    } else {
      open[open.count - 1].isVisited = true
      step.visitParents { parent in
        if !parent.isReady { open.append((parent, false)) }
      }
    }
  }
}

/// What is found out about an RDD when it is prepared.
final class PreparedFacts: Sendable {
  /// Twice the number of partitions, and 1 more if it is known that there are no elements; -1 as long as nothing is known.
  private let extent = Atomic<Int>(-1)
  private let depth = Atomic<Int>(0)
  private let ready = Atomic<Bool>(false)
  let isPreparedForEachJob = Atomic<Bool>(false)

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

  /// There is something to be done again.
  func forget() { ready.store(false, ordering: .releasing) }
}

/// The RDDs that another one is made of. A long chain of them is ended step by step.
///
/// Whoever holds it calls `removeAll()` when it ends.
final class Parents<Element: Sendable>: Sendable {
  // Not by their type: to look up generic types shows in what an empty batch costs.
  private let references: Mutex<[Unmanaged<AnyObject>]>

  init(_ rdds: [RDD<Element>]) { references = Mutex(rdds.map { .passRetained($0) }) }

  deinit { removeAll() }

  /// None if they have been let go of.
  var all: [RDD<Element>] {
    // Only RDDs of the type are put there.
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

/// The only RDD that another one is made of. Its type is known to whoever holds this.
struct Parent: ~Copyable, Sendable {
  private let reference: Mutex<Unmanaged<AnyObject>>

  init<Element: Sendable>(_ rdd: RDD<Element>) { reference = Mutex(.passRetained(rdd)) }

  deinit { releaseInSteps(reference.withLock { $0 }) }

  /// - Parameter type: that of the elements of the RDD with which this was made.
  @inline(__always)
  func rdd<Element: Sendable>(of type: Element.Type) -> RDD<Element> {
    unsafeDowncast(reference.withLock { $0.takeUnretainedValue() }, to: RDD<Element>.self)
  }

  /// Lets go of the parent. What asks for it from now on gets one that cannot be read.
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

/// Stands where a parent was that is not needed any more.
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

/// The parents have been let go of while a task was about to read them: what has taken their place is there to be read.
struct LineageWasCut: Error {}

extension MartletContext {
  /// Runs `body`, a task that reads through `depth` readers, one within the other, where there is enough stack for it.
  func withStack<Result>(depth: Int, _ site: OperatorSite, _ body: () throws -> Result) throws -> Result {
    if depth <= depthOfAnyStack { return try body() }
    let advice = """
      Call localCheckpoint() or checkpoint() on an RDD in the middle of the chain, before the action.
      """
    guard depth <= 1_000_000 else {
      throw site.invalidArgument("the chain of RDDs is \(depth) long; a task can read through 1,000,000. \(advice)")
    }
    do {
      return try MartletCore.withStack(bytes: 8 << 20 + depth * bytesOfReader, body)
    } catch let error as StackUnavailable {
      throw site.invalidArgument(
        "the chain of RDDs is \(depth) long, and there is no stack large enough to read it: \(error.reason). \(advice)")
    }
  }
}

/// So many readers, one within the other, find enough stack on any thread.
let depthOfAnyStack = 200

/// What a reader takes of the stack, and the RDD that makes it: a few times what was measured without optimisation.
private let bytesOfReader = 4096
