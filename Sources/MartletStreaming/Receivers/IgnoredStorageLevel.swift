import Logging
import MartletCore
import MartletRDD

extension ReceiverInput {
  /// Tells the log of a storage level that has no effect, which the user may rely on.
  func reportIgnoredStorageLevel(_ level: StorageLevel) {
    guard level != .memoryOnly else { return }
    context.sparkContext.logger.warning(
      """
      \(site): the storage level .\(level) has no effect; leave it out. What is received stays in \
      memory until its batch is done. When \(context.receiverBufferLimit) bytes of it are held, the sender has to wait, so \
      nothing is lost and memory does not fill up; martlet.streaming.receiver.buffer.bytes sets another bound. In a \
      context \
      with a checkpoint it is on the disk, too, in the receiver's log.
      """)
  }
}
