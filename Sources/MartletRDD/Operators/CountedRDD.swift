package import MartletCore
import Synchronization

/// The number of elements that have been read from each partition of an RDD.
package final class ReadCount: Sendable {
  private let counts = Mutex<[Int: Int]>([:])

  package init() {}

  /// The sum over all partitions. Elements that were read several times count once.
  package var total: Int { counts.withLock { $0.values.reduce(0, +) } }

  fileprivate func note(_ count: Int, of partition: Int) {
    counts.withLock { $0[partition] = Swift.max($0[partition] ?? 0, count) }
  }
}

/// The elements of its parent, counted as they are read.
final class CountedRDD<Element: Sendable>: NarrowRDD<Element, Element>, @unchecked Sendable {
  private let count: ReadCount
  private let check: (@Sendable () throws -> Void)?

  init(
    _ parent: RDD<Element>, _ count: ReadCount, _ site: OperatorSite, check: (@Sendable () throws -> Void)?
  ) {
    self.count = count
    self.check = check
    super.init(parent, site, keepsPartitioner: true)
  }

  override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  override func prepare() throws {
    try super.prepare()
    try check?()
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    CountingReader(try parent.reader(partition)) { [count] in count.note($0, of: partition) }
  }
}

private final class CountingReader<Element>: ChunkReader<Element> {
  private let parent: ChunkReader<Element>
  private let note: (Int) -> Void
  private var count = 0

  init(_ parent: ChunkReader<Element>, _ note: @escaping (Int) -> Void) {
    self.parent = parent
    self.note = note
  }

  override func next() throws -> Chunk<Element>? {
    guard let chunk = try parent.next() else { return nil }
    count += chunk.count
    note(count)
    return chunk
  }
}

extension RDD {
  /// The same elements; `count` records how many of them are read. `check` is called before a job reads them.
  package func counted(
    by count: ReadCount, _ site: OperatorSite, check: (@Sendable () throws -> Void)? = nil
  ) -> RDD<Element> { CountedRDD(self, count, site, check: check) }
}
