import Logging
import MartletCore
import MartletLog
import MartletRDD
package import MartletStreaming
import Synchronization

/// What the program, or a test, has said of its checkpoint.
package struct CheckpointSettings: Sendable {
  package var directory: String
  package var options = CheckpointOptions()
  /// Whether a checkpoint that the program cannot go on with is put aside, and another one is begun.
  package var createsOnError = false
  /// A segment of the log is followed by another when it has more bytes, and the state has been written anew.
  package var segmentBytes = 4 << 20
  /// Told of every step, on the thread that takes it.
  package var onStep: (@Sendable (BatchStep) -> Void)?
  /// Whether a batch waits until old segments are removed, so that nothing else happens meanwhile.
  package var awaitsRemoval = false

  package init(directory: String) { self.directory = directory }
}

extension CheckpointSettings: JournalSetting {
  package func description(of context: StreamingContext) throws -> [UInt8] {
    RestartingProgram(try OperatorIDs(context.graph), options, interval: context.batchInterval, context.graph).encoded()
  }

  /// Takes the checkpoint. If the program cannot continue from it, and may begin another one, puts it aside.
  package func open(for context: StreamingContext) throws -> any BatchJournal {
    let logger = context.sparkContext.logger
    func open() throws -> Checkpoint {
      try Checkpoint(
        self, graph: context.graph, interval: context.batchInterval, now: context.clock.now,
        events: context.eventSource, logger: logger)
    }
    do { return try open() } catch let unusable as UnusableCheckpoint {
      let kept = try LogFolder.putAside(absolutePath(directory))
      logger.error(
        """
        The program cannot continue from the checkpoint '\(directory)': \(unusable.reason) It starts without state, \
        because getOrCreate has createOnError: true. The old checkpoint, with its state and unfinished batches, is now \
        '\(kept)'.
        """)
      return try open()
    }
  }
}

extension StreamingContext {
  /// What the program, or a test, has said of the context's checkpoint.
  @discardableResult
  package func withCheckpointSettings<Result>(_ body: (inout CheckpointSettings?) -> Result) -> Result {
    journalSetting.withLock { setting in
      var settings = setting as? CheckpointSettings
      defer { setting = settings }
      return body(&settings)
    }
  }
}
