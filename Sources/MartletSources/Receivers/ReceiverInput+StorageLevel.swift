import Logging
import MartletCore
import MartletRDD
import MartletStreaming

extension ReceiverInput {
  /// Logs that a storage level has no effect, because the user may rely on it.
  func reportIgnoredStorageLevel(_ level: StorageLevel) {
    guard level != .memoryOnly else { return }
    context.sparkContext.logger.warning(
      """
      \(site.name) at \(site.callSite): the storage level .\(level) has no effect. Remove it. Received records stay \
      in memory until their batch is done. At \(context.receiverBufferLimit) bytes, the sender has to wait, so \
      nothing is lost and memory is bounded; \(StreamingContext.receiverBufferKey) sets the bound. With a \
      checkpoint, records are also on disk, in the receiver's log.
      """)
  }
}
