package import MartletCore
package import MartletLog
package import MartletSources
package import MartletStreaming

/// What a checkpoint holds, for people and programs to read.
package struct CheckpointReport: Sendable {
  package var path: String
  /// What is damaged or missing, in words; empty if a program could go on. What can be read is there all the same.
  package var problems: [String]
  package var owner: Owner?
  /// Whether the last owner ended in good order.
  package var wasStopped: Bool
  package var batchInterval: Duration
  package var zeroTime: Time
  package var doneThrough: Time
  package var plannedThrough: Time
  /// Batches that were begun and are not done: a restart runs them again.
  package var pending: [Time]
  package var inputs: [Input]
  package var operators: [Operator]
  /// The output operations.
  package var outputs: [String]
  package var segments: [Segment]

  /// The process that has claimed the checkpoint last.
  package struct Owner: Sendable {
    package var epoch: Int
    package var process: Int32
    /// Whether a process holds the lock: this one, or one that it was taken from.
    package var isLocked: Bool
    /// Whether there is a process of this number.
    package var isAlive: Bool
  }

  /// A source.
  package struct Input: Sendable {
    package var id: String
    package var site: String
    /// How far the source has been read.
    package var progress: Contents?
    /// What batches have been given that may be needed again: those that are not done, and those of windows.
    package var batches: [Batch]
    /// Bytes of files that the input keeps in the checkpoint's folder, such as what a receiver has received.
    package var keptBytes: Int

    package struct Batch: Sendable {
      package var time: Time
      package var records: Int
      package var contents: Contents
    }

    /// What was given to a batch, or has been read at all.
    package enum Contents: Sendable {
      case files([SeenFile])
      /// Parts of a receiver's log.
      case stretches([BlockStretch])
      case receiver(ReceiverProgress)
      /// Between which offsets of a source a batch is, or where the next one begins.
      case offsets([DynamicValue])
      /// What only the input itself can make sense of.
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
    /// Keys that have a state; `nil` if this release cannot read them.
    package var keyCount: Int?
    /// Bytes of the log that its records take, older ones of the same keys included.
    package var logBytes: Int
    /// Bytes of the log with what the operator has given to batches that windows look back at.
    package var resultBytes: Int
    /// Whether keys and states can be shown as they are, and not as bytes.
    package var isKeyReadable: Bool
    package var isStateReadable: Bool
  }

  /// A file of the log.
  package struct Segment: Sendable {
    package var name: SegmentName
    /// Bytes of the file.
    package var size: Int
    /// Bytes that count; the others are what a torn write has left, or what a fenced owner has written.
    package var counted: Int
    /// Whether the log needs it.
    package var isNeeded: Bool
    package var problem: String?
  }
}

/// A key with its state after the last batch that was done.
package struct StateEntry: Sendable {
  package var key: DynamicValue
  package var state: DynamicValue
  /// When the key was set or touched last.
  package var touched: Time
}
