// Unsafe code. Invariant: a buffer is shared only once it has been filled, and its bytes do not change any more; only blocks
// of `Text` hold lines.

package import MartletCore
import MartletRDD
import Synchronization

/// The records of a block, wherever they are.
package enum BlockContent<Element: Sendable>: Sendable {
  /// As a receiver stored them.
  case elements(ElementBuffer<Element>)
  /// Complete lines, as they came over the wire. The elements are texts.
  case lines(TextBuffer, Range<Int>)
  /// In the receiver's log alone.
  case logged(LoggedBlock<Element>)
  /// So many on disk, since memory had no room.
  case spilledElements(SpilledBlock, Int)
  /// What `lines` was, on disk.
  case spilledLines(SpilledBlock, Range<Int>)

  /// About equal parts, at most so many, in order: numbers of records, or of the bytes of lines.
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

  /// Parts that end behind line feeds.
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

  /// A pass over a part, as `parts` has given it for the same records, which may have been moved to disk since.
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

  /// A pass over lines, whose elements are texts.
  static func reader(of buffer: TextBuffer, _ lines: Range<Int>) -> ChunkReader<Element> {
    unsafeDowncast(
      BlockLineReader(buffer, start: lines.lowerBound, end: lines.upperBound), to: ChunkReader<Element>.self)
  }
}

/// Records that were received together. Gives its room back when the last batch that reads it is done.
package final class ReceivedBlock<Element: Sendable>: @unchecked Sendable {
  // Sendable: `owner` is set by the queue, under its lock, before it hands the block to anybody.
  package let records: Int
  package let bytes: Int
  private let place: Mutex<BlockContent<Element>>
  weak var owner: BlockQueue<Element>?
  private let hasRoom = Atomic<Bool>(true)
  /// Where the block goes if it has to make room, and whose memory it takes; set once it has outlived its batch.
  private let refuge = Mutex<(memory: StorageMemory, space: BlockSpace)?>(nil)

  package init(records: Int, bytes: Int, _ content: BlockContent<Element>) {
    self.records = records
    self.bytes = bytes
    place = Mutex(content)
  }

  /// Records as a receiver stored them, one by one.
  convenience init(_ elements: ElementBuffer<Element>, bytes: Int) {
    self.init(records: elements.count, bytes: bytes, .elements(elements))
  }

  deinit {
    giveBackRoom()
    refuge.withLock { $0?.memory.release(ObjectIdentifier(self), CollectionOfOne(0)) }
  }

  var content: BlockContent<Element> { place.withLock { $0 } }

  /// Counts no more as held by the queue.
  package func giveBackRoom() {
    if hasRoom.exchange(false, ordering: .acquiringAndReleasing) { owner?.release(bytes) }
  }

  /// Passes over about equal parts of the block, at most `count`, in order, wherever the records are by then. Each keeps the
  /// block.
  func readers(_ count: Int) -> [@Sendable () -> ChunkReader<Element>] {
    content.parts(count).map { part in { [self] in content.reader(part) } }
  }
}

extension ReceivedBlock: EvictableStorage {
  /// Counts the block, whose batch is done and which somebody keeps, with what the context keeps; if there is no room, it
  /// goes to disk. So the receiver has room again.
  ///
  /// - Returns: false if the block can go nowhere: then it keeps its room, and the receiver may have to wait for it.
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

  /// Moves the records to disk; false if that cannot be done.
  private func spill(to space: BlockSpace) -> Bool {
    guard let spilled = try? space.write(content) else { return false }
    place.withLock { $0 = spilled }
    return true
  }
}
