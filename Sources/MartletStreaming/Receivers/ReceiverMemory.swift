import MartletCore
import MartletRDD
import Synchronization

/// The memory that the receivers of a context share for records that they have received.
///
/// One half is dealt out evenly: each receiver has a share of its own. The other half goes to those that ask first, and
/// comes back when batches are done. So all receivers together hold no more than the whole, but for the blocks that are
/// being filled, and each can take something, however much the others hold.
package final class ReceiverMemory: Sendable {
  /// Bytes that each receiver may hold, whatever others do.
  let share: Int
  /// Bytes that are taken at once.
  private let portion: Int
  private let common: Mutex<Common>

  private struct Common {
    /// Below zero if a block was larger than the rest.
    var free: Int
    /// Called when there is something again.
    var waiting: [ObjectIdentifier: @Sendable () -> Void] = [:]
  }

  /// Memory of `limit` bytes for so many receivers.
  package init(limit: Int, receivers: Int) {
    let receivers = max(1, receivers)
    share = max(1, limit / 2 / receivers)
    portion = max(1, min(1 << 20, limit / 16 / receivers))
    common = Mutex(Common(free: max(0, limit - share * receivers)))
  }

  /// Takes a portion of the common half, or the rest if that is less; how many bytes that is. If there is nothing left,
  /// `wake` is called, once, when there is something again.
  func take(for user: ObjectIdentifier, orWait wake: @escaping @Sendable () -> Void) -> Int {
    common.withLock { common in
      let taken = min(portion, max(0, common.free))
      common.free -= taken
      if taken == 0 { common.waiting[user] = wake }
      return taken
    }
  }

  /// Takes `bytes` for records that have come already, whether there is room or not.
  func takeAnyway(_ bytes: Int) { common.withLock { $0.free -= bytes } }

  /// Gives bytes back that were taken. Not called with a lock held that `wake` takes.
  func give(_ bytes: Int) {
    let waiting = common.withLock { common in
      common.free += bytes
      guard common.free > 0 else { return [ObjectIdentifier: @Sendable () -> Void]() }
      defer { common.waiting = [:] }
      return common.waiting
    }
    for wake in waiting.values { wake() }
  }
}

extension StreamingContext {
  /// Bytes that all receivers together may hold in memory.
  func receiverMemoryLimit() throws -> Int {
    let conf = sparkContext.conf
    let limit = try conf.get(.receiverMemoryBytes) ?? 0
    if limit > 0 { return limit }
    // A program that lets one receiver hold more means it.
    let ofOne = try conf.get(.receiverBufferBytes) ?? 0
    return max(64 << 20, sparkContext.storageMemory.limit / 2, ofOne)
  }

  /// The memory that the receivers share, made when the first of them starts.
  func receiverMemory() throws -> ReceiverMemory {
    let limit = try receiverMemoryLimit()
    return sharedMemory.withLock { memory in
      if let memory { return memory }
      let made = ReceiverMemory(limit: limit, receivers: graph.inputs.count { $0 is any ReceiverNode })
      memory = made
      return made
    }
  }
}
