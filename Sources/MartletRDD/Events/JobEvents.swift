public import MartletCore

/// A job has begun: an action of an RDD, or work that a stream does between its output operations.
public struct JobStarted: MartletEvent {
  public let time: Time
  /// A number that no other job of the context has.
  public let jobID: Int
  /// The action, such as `collect`.
  public let name: String
  /// The line of the program that called it.
  public let callSite: CallSite
  /// What it will run, as far as that is known now. Stages that find out that they have nothing to do do not start.
  public let stages: [Stage]
  /// What the job belongs to. Jobs of a batch have `batchTime`, in nanoseconds since 1970, and, inside an output operation,
  /// `outputOperation`, its number.
  public let properties: [String: String]
}

/// A job has ended.
public struct JobEnded: MartletEvent {
  public let jobID: Int
  public let startTime: Time
  public let endTime: Time
  /// Why it failed, if it did.
  public let failureReason: String?

  public var time: Time { endTime }
  public var duration: Duration { endTime - startTime }
}

/// A stage of a job has begun: one task for each partition.
public struct StageStarted: MartletEvent {
  public let time: Time
  public let jobID: Int
  /// The number of the stage within its job. Those of the plan (``JobStarted/stages``) have the numbers that it says;
  /// stages that were not planned, such as the tasks that update a state, have the numbers after them.
  public let stageID: Int
  /// The operator or action that the tasks end with.
  public let name: String
  public let callSite: CallSite
  public let taskCount: Int
}

/// A stage of a job has ended.
public struct StageEnded: MartletEvent {
  public let jobID: Int
  public let stageID: Int
  public let startTime: Time
  public let endTime: Time
  /// Bytes that its tasks have written to disk because memory had no room for them.
  public let spilledBytes: Int
  /// About how many bytes, and how many records, its tasks have handed to the next stage.
  public let shuffleBytes: Int
  public let shuffleRecords: Int
  /// Why it failed, if it did.
  public let failureReason: String?

  public var time: Time { endTime }
  public var duration: Duration { endTime - startTime }
}

/// A task has ended: the work on one partition.
public struct TaskEnded: MartletEvent {
  public let jobID: Int
  public let stageID: Int
  public let partition: Int
  public let startTime: Time
  public let endTime: Time
  /// Bytes that it has written to disk because memory had no room for them.
  public let spilledBytes: Int
  /// About how many bytes, and how many records, it has handed to the next stage.
  public let shuffleBytes: Int
  public let shuffleRecords: Int
  /// Why it failed, if it did.
  public let failureReason: String?

  public var time: Time { endTime }
  public var duration: Duration { endTime - startTime }
}

/// Data for which memory had no room has been written to disk. What a task writes is told at its end.
public struct DataSpilled: MartletEvent {
  public let time: Time
  public let bytes: Int
  /// The task, if one wrote it; what streams retain of earlier batches may also be written by other threads.
  public let jobID: Int?
  public let stageID: Int?
  public let partition: Int?
}
