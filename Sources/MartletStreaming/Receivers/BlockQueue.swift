package import MartletCore
import MartletRDD
import Synchronization

/// What has been received and belongs to no batch yet, with a bound on what is held in memory.
///
/// Blocks count until the batch that they belong to is completed, so what the running batch reads counts too. What
/// somebody keeps after that, such as a window, counts with what the context keeps (`ReceivedBlock.outliveBatch`): here it
/// would stop the receiver until the window has moved on.
package final class BlockQueue<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables, but for `memory`, which is set before other threads know the queue.
  private let condition = Condition()
  private let limit: Int
  /// The memory that the receivers of the context share; set before anything is stored.
  private var memory: ReceiverMemory?
  /// How much of that this queue may hold now.
  private var allowance = Int.max
  private var blocks: [ReceivedBlock<Element>] = []
  private var current = ElementBuffer<Element>()
  /// Bytes in `current`.
  private var currentBytes = 0
  private var pointed = PointedBytes<Element>()
  private var held = 0
  /// Bytes in `blocks`.
  private var waiting = 0
  private var stored = 0
  private var waitsEnded = false
  /// How much may be held once waits have ended; set when they end.
  private var lastLimit = Int.max
  /// Threads that wait for room to store something although waits have ended.
  private var lateWaits = 0
  private var isClosed = false
  /// Cuts off what a receiver has open.
  private var openBlock: (() -> ReceivedBlock<Element>?)?
  /// Told when much waits to be taken.
  private var onManyBytes: (@Sendable () -> Void)?

  /// So many bytes are worth taking at once.
  private static var manyBytes: Int { 4 << 20 }

  /// A queue that holds about `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// Has the queue take its room from the memory that all receivers share. Called before anything is stored.
  func share(_ memory: ReceiverMemory) {
    condition.withLock {
      self.memory = memory
      allowance = memory.share
    }
  }

  /// Bytes that count against the limit: an estimate, but for lines.
  package var heldBytes: Int { condition.withLock { held } }

  /// Records stored so far.
  var totalStored: Int { condition.withLock { stored } }

  /// Whether nothing waits for a batch. Asked when the receiver has ended, and so has nothing open.
  var isEmpty: Bool { condition.withLock { blocks.isEmpty && current.count == 0 } }

  // MARK: Receivers

  /// Calls `action` when much waits to be taken. It must not call the queue.
  func onManyBytesWaiting(_ action: @escaping @Sendable () -> Void) { condition.withLock { onManyBytes = action } }

  package func store(_ element: Element) {
    condition.withLock {
      guard waitToStore() else { return }
      var bytes = MemoryLayout<Element>.stride
      if !_isPOD(Element.self) { bytes += pointed.estimate(element) }
      current.append(element: element)
      stored += 1
      currentBytes += bytes
      hold(bytes)
    }
  }

  /// Stores records that belong together; how many have been stored with them since the beginning, or `nil` if the
  /// queue is closed.
  @discardableResult
  func store(contentsOf elements: [Element]) -> Int? {
    condition.withLock {
      guard waitToStore() else { return nil }
      current.reserve(current.count + elements.count)
      elements.withUnsafeBufferPointer { source in
        if let base = source.baseAddress {
          (current.base + current.count).initialize(from: base, count: elements.count)
        }
      }
      current.count += elements.count
      stored += elements.count
      var bytes = elements.count * MemoryLayout<Element>.stride
      if !_isPOD(Element.self) { for element in elements { bytes += pointed.estimate(element) } }
      currentBytes += bytes
      hold(bytes)
      return stored
    }
  }

  /// Adds a block that is complete.
  package func append(_ block: ReceivedBlock<Element>) {
    condition.withLock {
      sealCurrent()
      add(block)
    }
  }

  private func add(_ block: ReceivedBlock<Element>) {
    block.owner = self
    blocks.append(block)
    hold(block.bytes)
    waiting += block.bytes
    stored += block.records
    if waiting >= Self.manyBytes { onManyBytes?() }
  }

  /// Names the closure that cuts off what a receiver has open, so that a batch gets all there is.
  func setOpenBlock(_ cut: (() -> ReceivedBlock<Element>?)?) { condition.withLock { openBlock = cut } }

  /// Waits until there is room; false once waiting has been ended.
  func waitUntilRoom() -> Bool { condition.withLock { waitForRoom() } }

  private func waitForRoom() -> Bool {
    while held >= min(limit, allowance) && !waitsEnded {
      if held >= limit || !takeMore() { condition.wait() }
    }
    return !waitsEnded
  }

  /// Waits until a record may be stored; false if the queue is closed.
  ///
  /// A receiver that ends may still store as much as its own share of the memory. Beyond that it waits for batches to make
  /// room, also if it never looks whether it is to stop.
  private func waitToStore() -> Bool {
    if !waitForRoom() && held >= lastLimit {
      lateWaits += 1
      while held >= lastLimit && !isClosed { condition.wait() }
      lateWaits -= 1
    }
    return !isClosed
  }

  /// Takes more of the shared memory; if nothing is left, this queue is woken when something is.
  private func takeMore() -> Bool {
    guard let memory else { return false }
    let taken = memory.take(for: ObjectIdentifier(self)) { [weak self] in
      guard let self else { return }
      condition.withLock { condition.broadcast() }
    }
    allowance += taken
    return taken > 0
  }

  /// Counts bytes that have come. A block may be larger than what the queue may hold.
  private func hold(_ bytes: Int) {
    held += bytes
    guard held > allowance else { return }
    memory?.takeAnyway(held - allowance)
    allowance = held
  }

  /// Whether the receiver ends, so that it gets no more room than `endWaits` has left it.
  var hasEndedWaits: Bool { condition.withLock { waitsEnded } }

  /// Whether the receiver, which ends, waits for room: it stores more than it is left.
  var hasLateWaits: Bool { condition.withLock { lateWaits > 0 } }

  /// Ends the waits for room: a receiver that ends may store what it still has, up to its own share of the memory.
  func endWaits() {
    condition.withLock {
      if !waitsEnded { lastLimit = limitOfLastRecords() }
      waitsEnded = true
      condition.broadcast()
    }
  }

  /// What may be held now, and the receiver's share of the memory in addition.
  private func limitOfLastRecords() -> Int {
    let (sum, isTooLarge) = max(held, min(limit, allowance)).addingReportingOverflow(min(limit, memory?.share ?? limit))
    return isTooLarge ? .max : sum
  }

  /// Takes nothing any more.
  func close() {
    condition.withLock {
      waitsEnded = true
      isClosed = true
      condition.broadcast()
    }
  }

  fileprivate func release(_ bytes: Int) {
    let spare = condition.withLock {
      held -= bytes
      condition.broadcast()
      return takeSpare()
    }
    // Without the lock: it wakes others, under theirs.
    if spare > 0 { memory?.give(spare) }
  }

  /// Lowers the allowance to the bytes that are needed; by how much.
  private func takeSpare() -> Int {
    guard let memory else { return 0 }
    let spare = allowance - max(memory.share, held)
    allowance -= spare
    return spare
  }

  // MARK: Batches

  /// Takes everything that has been received.
  package func takeAll() -> [ReceivedBlock<Element>] { takeCounted().blocks }

  /// Takes everything that has been received, and how many records that makes since the beginning.
  func takeCounted() -> (blocks: [ReceivedBlock<Element>], through: Int) {
    condition.withLock {
      sealCurrent()
      // With the lock held, so that no block that comes later gets before it.
      if let open = openBlock?() { add(open) }
      defer {
        blocks = []
        waiting = 0
      }
      return (blocks, stored)
    }
  }

  private func sealCurrent() {
    guard current.count > 0 else { return }
    let block = ElementBlock.make(current, bytes: currentBytes)
    block.owner = self
    blocks.append(block)
    current = ElementBuffer()
    currentBytes = 0
  }
}

/// Where the records of a block are.
package enum BlockContent<Element: Sendable>: Sendable {
  case elements(ElementBuffer<Element>)
  /// Complete lines.
  case lines(TextBuffer, Range<Int>)
  /// In the receiver's log alone.
  case logged
  /// On disk, since memory had no room.
  case spilled(SpilledBlock)
}

/// Records that were received together. Gives its room back when the last batch that reads it is done.
package final class ReceivedBlock<Element: Sendable>: @unchecked Sendable {
  // Sendable: `owner` is set by the queue, under its lock, before it hands the block to anybody.
  package let records: Int
  package let bytes: Int
  private let place: Mutex<BlockContent<Element>>
  fileprivate weak var owner: BlockQueue<Element>?
  private let hasRoom = Atomic<Bool>(true)
  private let cut: @Sendable (BlockContent<Element>, Int) -> [Range<Int>]
  private let open: @Sendable (BlockContent<Element>, Range<Int>) -> ChunkReader<Element>
  /// Where the block goes if it has to make room, and whose memory it takes; set once it has outlived its batch.
  private let refuge = Mutex<(memory: StorageMemory, space: BlockSpace)?>(nil)

  /// - Parameters:
  ///   - cut: finds about equal parts of the block, at most so many, in order. Called while the records are where they
  ///     were at first.
  ///   - open: a pass over such a part, wherever the records are by then.
  package init(
    records: Int, bytes: Int, _ content: BlockContent<Element>,
    cut: @escaping @Sendable (BlockContent<Element>, Int) -> [Range<Int>],
    open: @escaping @Sendable (BlockContent<Element>, Range<Int>) -> ChunkReader<Element>
  ) {
    self.records = records
    self.bytes = bytes
    place = Mutex(content)
    self.cut = cut
    self.open = open
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

  /// Passes over about equal parts of the block, at most `count`, in order. Each keeps the block.
  func readers(_ count: Int) -> [@Sendable () -> ChunkReader<Element>] {
    cut(content, count).map { range in { [self] in open(content, range) } }
  }
}

extension ReceivedBlock: EvictableStorage {
  /// Counts the block, whose batch is done and which somebody keeps, with what the context keeps; if there is no room, it
  /// goes to disk. So the receiver has room again.
  ///
  /// - Returns: false if the block can go nowhere: then it keeps its room, and the receiver may have to wait for it.
  func outliveBatch(_ memory: StorageMemory, _ space: BlockSpace) -> Bool {
    switch content {
    case .logged, .spilled: break
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
    place.withLock { $0 = .spilled(spilled) }
    return true
  }
}

/// Records as a receiver stored them, one by one.
enum ElementBlock<Element: Sendable> {
  static func make(_ elements: ElementBuffer<Element>, bytes: Int) -> ReceivedBlock<Element> {
    let records = elements.count
    return ReceivedBlock(records: records, bytes: bytes, .elements(elements)) { _, count in
      let parts = max(1, min(count, records))
      return (0..<parts).map { records * $0 / parts..<records * ($0 + 1) / parts }
    } open: { content, range in
      switch content {
      case .elements(let elements): ElementRangeReader(elements, range)
      case .spilled(let block): LaterReader { ElementRangeReader(try block.elements(records), range) }
      case .lines, .logged: ChunkReader()
      }
    }
  }

  /// A pass over all of these elements.
  static func reader(_ elements: ElementBuffer<Element>) -> ChunkReader<Element> {
    ElementRangeReader(elements, 0..<elements.count)
  }
}

/// Hands out copies of a part of a buffer.
private final class ElementRangeReader<Element>: ChunkReader<Element> {
  private let source: ElementBuffer<Element>
  private var left: Range<Int>
  private let copies = ElementBuffer<Element>()

  init(_ source: ElementBuffer<Element>, _ range: Range<Int>) {
    self.source = source
    left = range
  }

  override func next() throws -> Chunk<Element>? {
    let size = min(chunkCapacity, left.count)
    guard size > 0 else { return nil }
    copies.reserve(size)
    source.copy(left.lowerBound..<left.lowerBound + size, to: copies.base)
    left = left.lowerBound + size..<left.upperBound
    return Chunk(copies.base, size)
  }
}
