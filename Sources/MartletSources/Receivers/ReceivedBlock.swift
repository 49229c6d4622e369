// Unsafe code. Invariant: a buffer is shared only once it has been filled, and its bytes do not change any more; only blocks
// of `Text` hold lines.

package import MartletCore
import MartletRDD
import Synchronization

/// The records of a block, in their present place.
package enum BlockContent<Element: Sendable>: Sendable {
  /// As a receiver stored them.
  case elements(ElementBuffer<Element>)
  /// Complete lines, as they came over the wire. The elements are texts.
  case lines(TextBuffer, Range<Int>)
  /// Only in the receiver's log.
  case logged(LoggedBlock<Element>)
  /// Elements and their number, on disk, because there was no space in memory.
  case spilledElements(SpilledBlock, Int)
  /// Lines on disk, with the range that they had in memory.
  case spilledLines(SpilledBlock, Range<Int>)

  /// At most `count` parts of similar size, in order: ranges of records or, for lines, of bytes.
  func parts(_ count: Int) -> [Range<Int>] {
    switch self {
    case .elements(let elements): Self.parts(count, of: elements.count)
    case .spilledElements(_, let records): Self.parts(count, of: records)
    case .lines(let buffer, let range): Self.parts(count, of: buffer, range)
    // Lines that are on disk are not looked for.
    case .spilledLines(_, let range): [range]
    case .logged(let block): [0..<block.records]
    }
  }

  private static func parts(_ count: Int, of records: Int) -> [Range<Int>] {
    let parts = max(1, min(count, records))
    return (0..<parts).map { records * $0 / parts..<records * ($0 + 1) / parts }
  }

  /// Parts that end after line feeds.
  private static func parts(_ count: Int, of buffer: TextBuffer, _ lines: Range<Int>) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = lines.lowerBound
    for part in 1...max(1, count) {
      var end = part >= count ? lines.upperBound : max(start, lines.lowerBound + lines.count * part / count)
      while end < lines.upperBound && end > lines.lowerBound && buffer.base[end - 1] != 10 { end += 1 }
      if start < end { parts.append(start..<end) }
      start = end
    }
    return parts
  }

  /// A pass over a part that `parts` has returned, even if the records have been moved to disk since.
  func reader(_ part: Range<Int>) -> ChunkReader<Element> {
    switch self {
    case .elements(let elements): BufferReader(elements, part)
    case .spilledElements(let block, let records):
      ConcatenatedReader(later: { BufferReader(try block.elements(records), part) })
    case .lines(let buffer, _): Self.reader(of: buffer, part)
    case .spilledLines(let block, let range):
      ConcatenatedReader(later: {
        let first = part.lowerBound - range.lowerBound
        return Self.reader(of: try block.bytes(first..<first + part.count), 0..<part.count)
      })
    case .logged(let block): ConcatenatedReader(later: block.read)
    }
  }

  /// A pass over lines.
  static func reader(of buffer: TextBuffer, _ lines: Range<Int>) -> ChunkReader<Element> {
    unsafeDowncast(
      BlockLineReader(buffer, start: lines.lowerBound, end: lines.upperBound), to: ChunkReader<Element>.self)
  }
}

/// Records that were received together. Releases its space when the last batch that reads it is done.
package final class ReceivedBlock<Element: Sendable>: @unchecked Sendable {
  // Sendable: `owner` is set by the queue, under its lock, before it hands the block to anybody.
  package let records: Int
  package let bytes: Int
  private let place: Mutex<BlockContent<Element>>
  weak var owner: BlockQueue<Element>?
  private let hasRoom = Atomic<Bool>(true)
  /// The place that the block moves to if it is evicted, and the memory that it counts against; set once it has
  /// outlived its batch.
  private let refuge = Mutex<(memory: StorageMemory, space: BlockSpace)?>(nil)

  package init(records: Int, bytes: Int, _ content: BlockContent<Element>) {
    self.records = records
    self.bytes = bytes
    place = Mutex(content)
  }

  /// Records that a receiver stored one by one.
  convenience init(_ elements: ElementBuffer<Element>, bytes: Int) {
    self.init(records: elements.count, bytes: bytes, .elements(elements))
  }

  deinit {
    giveBackRoom()
    refuge.withLock { $0?.memory.release(ObjectIdentifier(self), CollectionOfOne(0)) }
  }

  var content: BlockContent<Element> { place.withLock { $0 } }

  /// Stops counting as held by the queue.
  package func giveBackRoom() {
    if hasRoom.exchange(false, ordering: .acquiringAndReleasing) { owner?.release(bytes) }
  }

  /// Passes over at most `count` parts of the block of similar size, in order. Each retains the block.
  func readers(_ count: Int) -> [@Sendable () -> ChunkReader<Element>] {
    content.parts(count).map { part in { [self] in content.reader(part) } }
  }
}

extension ReceivedBlock: EvictableStorage {
  /// Counts the block, which is retained after its batch, with the cached data of the context; if there is no space, it
  /// goes to disk. The receiver then has space again.
  ///
  /// - Returns: `false` if there is no place for the block: then it keeps its space, and the receiver may have to wait
  ///   for it.
  func outliveBatch(_ memory: StorageMemory, _ space: BlockSpace) -> Bool {
    switch content {
    case .logged, .spilledElements, .spilledLines: break
    case .lines, .elements:
      refuge.withLock { $0 = (memory, space) }
      if memory.take(bytes, for: self) {
        memory.keep(bytes, self, 0)
      } else if !spill(to: space) {
        return false
      }
    }
    giveBackRoom()
    return true
  }

  package func evict(_ partition: Int) {
    guard let refuge = refuge.withLock({ $0 }), !spill(to: refuge.space) else { return }
    refuge.memory.keepAnyway(bytes, self, 0, isEvictable: true)
  }

  /// Moves the records to disk; returns `false` if that fails.
  private func spill(to space: BlockSpace) -> Bool {
    guard let spilled = try? space.write(content) else { return false }
    place.withLock { $0 = spilled }
    return true
  }
}
