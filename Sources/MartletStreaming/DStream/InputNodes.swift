package import MartletCore

// Inputs of certain kinds, as the engine sees them.

/// An input that owns a thread, and whose blocks are assigned to batches. Its RDDs are the received blocks.
package protocol ReceiverNode: InputNode, ElementHolder {
  /// Waits for the receiver, which has been asked to stop, at most until `deadline`.
  func waitUntilStopped(before deadline: MonotonicTime) -> ReceiverEnd
  /// Prepares `allocate`, which will be called soon: many inputs can do so at the same time.
  func beginAllocation()
  /// Assigns the received records to the batch at `time`; returns their number.
  func allocate(_ time: Time) -> Int
  /// Releases the space of a batch's blocks, drops blocks that are no longer needed, and sets the rate limit for
  /// further records.
  func batchCompleted(_ info: BatchInfo)
  /// The rate limit of the receiver in records per second; `nil` if there is none.
  var rateLimit: Double? { get }
  /// True if there are received records that are not assigned to a batch.
  var hasUnallocated: Bool { get }
}

/// The outcome of stopping a receiver.
package struct ReceiverEnd: Sendable {
  /// The receiver, if it has not ended.
  package var running: String?
  /// The number of stored records that could not be written to its log.
  package var unloggedRecords: Int

  package init(running: String?, unloggedRecords: Int) {
    self.running = running
    self.unloggedRecords = unloggedRecords
  }
}

/// An input that reads the files of folders.
package protocol FolderInput: InputNode {
  /// The folder, or the pattern for folders, as messages name it.
  var folderPath: String { get }
  /// True if files in `other`, or in a folder within it, would be read.
  func reads(_ other: String) -> Bool
  /// Stops watching the folders. Called when the context has stopped and makes no more batches.
  func stopWatching()
}
