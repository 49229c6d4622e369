import MartletCore
import Synchronization

/// Received records that are not assigned to a batch yet, with a bound on their memory.
///
/// Blocks count until their batch is completed, so blocks that the running batch reads count too. Blocks that are
/// retained after that, for example by a window, count with the cached data of the context
/// (`ReceivedBlock.outliveBatch`): here they would stop the receiver until the window has moved on.
package final class BlockQueue<Element: Sendable>: @unchecked Sendable {
  // Sendable: `condition` guards the variables, except for `memory`, which is set before other threads have the queue.
  private let condition = Condition()
  private let limit: Int
  /// The memory that the receivers of the context share; set before anything is stored.
  private var memory: ReceiverMemory?
  /// The part of that memory that this queue may use now.
  private var allowance = Int.max
  private var blocks: [ReceivedBlock<Element>] = []
  private var current = ElementBuffer<Element>()
  /// The number of bytes in `current`.
  private var currentBytes = 0
  private var pointed = PointedBytes<Element>()
  private var held = 0
  /// The number of bytes in `blocks`.
  private var waiting = 0
  private var stored = 0
  private var waitsEnded = false
  /// The limit once waits have ended; set when they end.
  private var lastLimit = Int.max
  /// The number of threads that wait for room to store a record although waits have ended.
  private var lateWaits = 0
  private var isClosed = false
  /// Cuts off the open block of a receiver.
  private var openBlock: (() -> ReceivedBlock<Element>?)?
  /// Called when many bytes wait to be taken.
  private var onMuch: (@Sendable () -> Void)?

  /// The number of bytes that are worth taking at once.
  private static var much: Int { 4 << 20 }

  /// Creates a queue with a limit of about `limit` bytes.
  package init(limit: Int) { self.limit = limit }

  /// Makes the queue use the memory that all receivers share. Called before anything is stored.
  func share(_ memory: ReceiverMemory) {
    condition.withLock {
      self.memory = memory
      allowance = memory.share
    }
  }

  /// The number of bytes that count against the limit: an estimate, except for lines.
  package var heldBytes: Int { condition.withLock { held } }

  /// The number of records stored so far.
  var totalStored: Int { condition.withLock { stored } }

  /// True if nothing waits for a batch. Called when the receiver has ended, and so has no open block.
  var isEmpty: Bool { condition.withLock { blocks.isEmpty && current.count == 0 } }

  // MARK: Receivers

  /// Sets an action to call when many bytes wait to be taken. It must not call the queue.
  func onMuchWaiting(_ action: @escaping @Sendable () -> Void) { condition.withLock { onMuch = action } }

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

  /// Stores records that belong together; returns the number of records stored up to them, or `nil` if the queue is
  /// closed.
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

  /// Adds a complete block.
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
    if waiting >= Self.much { onMuch?() }
  }

  /// Sets the closure that cuts off the open block of a receiver, so that a batch gets all records.
  func setOpenBlock(_ cut: (() -> ReceivedBlock<Element>?)?) { condition.withLock { openBlock = cut } }

  /// Waits until there is room; returns `false` once waiting has been ended.
  func waitUntilRoom() -> Bool { condition.withLock { waitForRoom() } }

  private func waitForRoom() -> Bool {
    while held >= min(limit, allowance) && !waitsEnded {
      if held >= limit || !takeMore() { condition.wait() }
    }
    return !waitsEnded
  }

  /// Waits until a record may be stored; returns `false` if the queue is closed.
  ///
  /// A receiver that is ending may still store records up to its own share of the memory. Beyond that it waits for
  /// batches to make room, even if it never checks whether it should stop.
  private func waitToStore() -> Bool {
    if !waitForRoom() && held >= lastLimit {
      lateWaits += 1
      while held >= lastLimit && !isClosed { condition.wait() }
      lateWaits -= 1
    }
    return !isClosed
  }

  /// Takes more of the shared memory; if nothing is left, this queue is woken when there is some.
  private func takeMore() -> Bool {
    guard let memory else { return false }
    let taken = memory.take(for: ObjectIdentifier(self)) { [weak self] in
      guard let self else { return }
      condition.withLock { condition.broadcast() }
    }
    allowance += taken
    return taken > 0
  }

  /// Counts received bytes. A block may exceed the limit of the queue.
  private func hold(_ bytes: Int) {
    held += bytes
    guard held > allowance else { return }
    memory?.takeAnyway(held - allowance)
    allowance = held
  }

  /// True if the receiver is ending, so that it gets no more room than `endWaits` has left it.
  var hasEndedWaits: Bool { condition.withLock { waitsEnded } }

  /// True if the receiver is ending and waits for room, because it has stored more than it may.
  var hasLateWaits: Bool { condition.withLock { lateWaits > 0 } }

  /// Ends the waits for room: a receiver that is ending may store its remaining records, up to its own share of the
  /// memory.
  func endWaits() {
    condition.withLock {
      if !waitsEnded { lastLimit = limitOfLastRecords() }
      waitsEnded = true
      condition.broadcast()
    }
  }

  /// The present limit plus the receiver's share of the memory.
  private func limitOfLastRecords() -> Int {
    let (sum, isTooLarge) = max(held, min(limit, allowance)).addingReportingOverflow(min(limit, memory?.share ?? limit))
    return isTooLarge ? .max : sum
  }

  /// Accepts no more records.
  func close() {
    condition.withLock {
      waitsEnded = true
      isClosed = true
      condition.broadcast()
    }
  }

  func release(_ bytes: Int) {
    let spare = condition.withLock {
      held -= bytes
      condition.broadcast()
      return takeSpare()
    }
    // Without the lock, because this wakes others under their locks.
    if spare > 0 { memory?.give(spare) }
  }

  /// Lowers the allowance to the bytes that are needed; returns the difference.
  private func takeSpare() -> Int {
    guard let memory else { return 0 }
    let spare = allowance - max(memory.share, held)
    allowance -= spare
    return spare
  }

  // MARK: Batches

  /// Takes all received records.
  package func takeAll() -> [ReceivedBlock<Element>] { takeCounted().blocks }

  /// Takes all received records, and returns the number of records stored up to them.
  func takeCounted() -> (blocks: [ReceivedBlock<Element>], through: Int) {
    condition.withLock {
      sealCurrent()
      // With the lock held, so that no later block is added before it.
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
    let block = ReceivedBlock(current, bytes: currentBytes)
    block.owner = self
    blocks.append(block)
    current = ElementBuffer()
    currentBytes = 0
  }
}
