package import MartletCore
package import MartletLog
package import MartletSources
import MartletStreaming

/// The contents of a checkpoint, for display and as JSON.
package struct CheckpointReport: Sendable {
  package var path: String
  /// Descriptions of damaged or missing parts; empty if a program could continue. The readable parts are in the report
  /// in any case.
  package var problems: [String]
  package var owner: Owner?
  /// True if the last owner was stopped gracefully.
  package var wasStopped: Bool
  package var batchInterval: Duration
  package var zeroTime: Time
  package var doneThrough: Time
  package var plannedThrough: Time
  /// The batches that were begun but are not done: a restart runs them again.
  package var pending: [Time]
  package var inputs: [Input]
  package var operators: [Operator]
  /// The output operations.
  package var outputs: [String]
  package var segments: [Segment]

  /// The process that made the last claim on the checkpoint.
  package struct Owner: Sendable {
    package var epoch: Int
    package var process: Int32
    /// True if a process holds the lock: this one, or one that it has taken over from.
    package var isLocked: Bool
    /// True if a process with this number exists.
    package var isAlive: Bool
  }

  /// A source.
  package struct Input: Sendable {
    package var id: String
    package var site: String
    /// The progress of the source.
    package var progress: Contents?
    /// The batches whose input may be needed again: unfinished ones, and those of windows.
    package var batches: [Batch]
    /// The number of bytes in files that the input stores in the checkpoint's folder, such as received records.
    package var keptBytes: Int

    package struct Batch: Sendable {
      package var time: Time
      package var records: Int
      package var contents: Contents
    }

    /// The input of a batch, or the progress of a source.
    package enum Contents: Sendable {
      case files([SeenFile])
      /// Parts of a receiver's log.
      case stretches([BlockStretch])
      case receiver(ReceiverProgress)
      /// The offsets between which a batch is, or the beginning of the next one.
      case offsets([DynamicValue])
      /// Data that only the input itself can interpret.
      case bytes(Int)
    }
  }

  /// A stateful operator.
  package struct Operator: Sendable {
    package var id: String
    package var name: String
    package var site: String
    package var operation: String
    package var keyType: String
    package var stateType: String
    package var keyForm: String
    package var stateForm: String
    /// The number of keys with a state; `nil` if this release cannot read them.
    package var keyCount: Int?
    /// The number of bytes of its records in the log, including older ones of the same keys.
    package var logBytes: Int
    /// The number of bytes in the log for results of batches that windows look back at.
    package var resultBytes: Int
    /// True if keys and states can be decoded, and are not shown as bytes.
    package var isKeyReadable: Bool
    package var isStateReadable: Bool
  }

  /// A file of the log.
  package struct Segment: Sendable {
    package var name: SegmentName
    /// The size of the file in bytes.
    package var size: Int
    /// The number of bytes that count; the others were left by a torn write, or written by a fenced owner.
    package var counted: Int
    /// True if the log needs it.
    package var isNeeded: Bool
    package var problem: String?
  }
}

/// A key with its state after the last completed batch.
package struct StateEntry: Sendable {
  package var key: DynamicValue
  package var state: DynamicValue
  /// The time when the key was last set or touched.
  package var touched: Time
}
