package import MartletCore

// What the engine knows of inputs of certain kinds.

/// An input that owns a thread and whose blocks are dealt out to batches.
///
/// What was received is kept block by block, as it came.
package protocol ReceiverNode: InputNode, ElementHolder {
  /// Waits for the receiver, which has been asked to stop; at the latest until `deadline`.
  func waitUntilStopped(before deadline: MonotonicTime) -> ReceiverEnd
  /// Prepares `allocate`, which will be called soon: many inputs can do it at the same time.
  func beginAllocation()
  /// Gives what has been received to the batch at `time`; how many records that is.
  func allocate(_ time: Time) -> Int
  /// Gives back the room that the blocks of a batch take, lets go of blocks that nobody needs any more, and sets the
  /// rate for what comes.
  func batchCompleted(_ info: BatchInfo)
  /// Records per second that the receiver may store; `nil` if there is no limit.
  var rateLimit: Double? { get }
  /// Whether something has been received that belongs to no batch.
  var hasUnallocated: Bool { get }
}

/// How a receiver has ended.
package struct ReceiverEnd: Sendable {
  /// The receiver, if it has not ended.
  package var running: String?
  /// Records that it has stored and that could not be written to its log.
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
  /// Whether files in `other`, or in a folder within it, would be read.
  func reads(_ other: String) -> Bool
  /// Ends the watch of the folders. Called when the context has stopped: no batch is made any more.
  func stopWatching()
}
