import MartletCore
import MartletRDD
public import MartletStreaming
import Synchronization

/// The memory that the receivers of a context share for received records.
///
/// One half is divided evenly: each receiver has its own share. The other half is assigned on demand, and is released
/// when batches are done. All receivers together thus hold no more than the whole, except for blocks that are being
/// filled, and each can always store records, however much the others hold.
package final class ReceiverMemory: Sendable {
  /// The number of bytes that each receiver may hold in any case.
  let share: Int
  /// The number of bytes that are taken at once.
  private let portion: Int
  private let common: Mutex<Common>

  private struct Common {
    /// Negative if a block was larger than the rest.
    var free: Int
    /// Called when memory becomes available.
    var waiting: [ObjectIdentifier: @Sendable () -> Void] = [:]
  }

  /// Memory of `limit` bytes for `receivers` receivers.
  package init(limit: Int, receivers: Int) {
    let receivers = max(1, receivers)
    share = max(1, limit / 2 / receivers)
    portion = max(1, min(1 << 20, limit / 16 / receivers))
    common = Mutex(Common(free: max(0, limit - share * receivers)))
  }

  /// Takes a portion of the common half, or the rest if that is less; returns the number of bytes. If there is nothing
  /// left, `wake` is called, once, when there is some again.
  func take(for user: ObjectIdentifier, orWait wake: @escaping @Sendable () -> Void) -> Int {
    common.withLock { common in
      let taken = min(portion, max(0, common.free))
      common.free -= taken
      if taken == 0 { common.waiting[user] = wake }
      return taken
    }
  }

  /// Takes `bytes` for records that have already been received, even if there is no room.
  func takeAnyway(_ bytes: Int) { common.withLock { $0.free -= bytes } }

  /// Releases bytes. Must not be called with a lock held that `wake` takes.
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
  /// The setting for the bytes that one receiver may hold in memory until their batches are done. What a window or
  /// `remember` needs for longer counts against `martlet.memory.bytes` from then on. `ReceiverSetting.memoryKey` is that
  /// for all receivers together.
  public static let receiverBufferKey = "martlet.streaming.receiver.buffer.bytes"

  /// Bytes that one receiver may hold in memory: what it can take in 0.1 s at full speed, or one batch interval if
  /// that is more.
  var receiverBufferLimit: Int {
    do {
      let limit = try sparkContext.conf.integer(Self.receiverBufferKey, default: 0)
      if limit > 0 { return limit }
    } catch { graph.fail(error) }
    let seconds = Double(batchInterval.nanoseconds) / 1e9
    return min(512 << 20, max(56 << 20, Int(seconds * 480e6)))
  }

  /// The number of bytes that all receivers together may hold in memory.
  func receiverMemoryLimit() throws -> Int {
    let conf = sparkContext.conf
    let limit = try conf.integer(ReceiverSetting.memoryKey, default: 0)
    if limit > 0 { return limit }
    // A program that permits one receiver to hold more intends it.
    let ofOne = try conf.integer(Self.receiverBufferKey, default: 0)
    return max(64 << 20, sparkContext.storageMemory.limit / 2, ofOne)
  }

  /// The memory that the receivers share, created when the first of them starts.
  func receiverMemory() throws -> ReceiverMemory {
    let limit = try receiverMemoryLimit()
    return shared { ReceiverMemory(limit: limit, receivers: graph.inputs.count { $0 is any ReceiverNode }) }
  }
}
