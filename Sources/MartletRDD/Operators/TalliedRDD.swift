package import MartletCore
import Synchronization

/// The numbers of elements of an RDD that satisfy a condition and that do not, by partition. A partition counts once,
/// when a pass over it has ended.
package final class Tally: Sendable {
  private let counts = Mutex<[Int: (yes: Int, no: Int)]>([:])

  package init() {}

  /// The sum over all partitions that have been read.
  package var total: (yes: Int, no: Int) {
    counts.withLock { $0.values.reduce((0, 0)) { ($0.0 + $1.yes, $0.1 + $1.no) } }
  }

  func isComplete(_ partitions: Int) -> Bool { counts.withLock { $0.count >= partitions } }

  func has(_ partition: Int) -> Bool { counts.withLock { $0[partition] != nil } }

  fileprivate func note(_ yes: Int, _ no: Int, of partition: Int) { counts.withLock { $0[partition] = (yes, no) } }
}

/// The elements of its parent, tallied as they are read.
final class TalliedRDD<Element: Sendable>: NarrowRDD<Element, Element>, @unchecked Sendable {
  private let tally: Tally
  private let condition: @Sendable (UnsafePointer<Element>) -> Bool

  init(
    _ parent: RDD<Element>, _ tally: Tally, _ site: OperatorSite,
    _ condition: @escaping @Sendable (UnsafePointer<Element>) -> Bool
  ) {
    self.tally = tally
    self.condition = condition
    super.init(parent, site, keepsPartitioner: true)
  }

  override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    TallyingReader(try parent.reader(partition), condition) { [tally] in tally.note($0, $1, of: partition) }
  }
}

private final class TallyingReader<Element>: ChunkReader<Element> {
  private let parent: ChunkReader<Element>
  private let condition: (UnsafePointer<Element>) -> Bool
  private let note: (Int, Int) -> Void
  private var yes = 0
  private var no = 0

  init(
    _ parent: ChunkReader<Element>, _ condition: @escaping (UnsafePointer<Element>) -> Bool,
    _ note: @escaping (Int, Int) -> Void
  ) {
    self.parent = parent
    self.condition = condition
    self.note = note
  }

  override func next() throws -> Chunk<Element>? {
    guard let chunk = try parent.next() else {
      note(yes, no)
      return nil
    }
    for i in 0..<chunk.count where condition(chunk.base + i) { yes += 1; no -= 1 }
    no += chunk.count
    return chunk
  }
}

extension RDD {
  /// The same elements; `tally` records how many of them satisfy `condition`.
  package func tallied(
    by tally: Tally, _ site: OperatorSite, _ condition: @escaping @Sendable (UnsafePointer<Element>) -> Bool
  ) -> RDD<Element> {
    TalliedRDD(self, tally, site, condition)
  }

  /// Reads the partitions that `tally`, which belongs to this RDD, does not include yet.
  package func complete(_ tally: Tally, _ site: OperatorSite) throws {
    guard !tally.isComplete(partitionCount) else { return }
    try makeReady()
    _ = try context.runTasks(0..<partitionCount, site, depth: readerDepth) { [self] partition in
      guard !tally.has(partition) else { return }
      try reader(partition).forEachChunk { $0.discard() }
    }
  }
}
