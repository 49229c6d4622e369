import MartletCore
import Synchronization

/// A job that somebody watches.
final class JobRun: Sendable {
  /// The job that the calling thread runs, if somebody watches it.
  @TaskLocal static var current: JobRun?

  private static let lastID = Atomic<Int>(-1)

  private let id: Int
  private let events: EventBus
  private let stages: PlannedStages
  private let root: ObjectIdentifier?
  private let state: Mutex<State>

  private struct State {
    /// The stages of the plan that run next.
    var planned: [Int] = []
    /// The number of the next stage that was not planned.
    var next: Int
  }

  private init(_ events: EventBus, _ site: OperatorSite, _ root: (any Lineage)?) {
    stages = root.map { PlannedStages(of: $0, for: site) } ?? PlannedStages()
    self.root = root.map { ObjectIdentifier($0) }
    id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
    self.events = events
    state = Mutex(State(next: stages.plan.stages.count))
  }

  /// Runs `body` as a job, or as a part of the job that runs already.
  ///
  /// - Parameter root: the RDD that the job reads, if it is planned.
  static func observe<Result>(
    _ events: EventBus, _ site: OperatorSite, _ root: (any Lineage)? = nil, _ body: (JobRun) throws -> Result
  ) throws -> Result {
    if let current { return try body(current) }
    let job = JobRun(events, site, root)
    let start = Time.now
    events.post(
      JobStarted(
        time: start, jobID: job.id, name: site.name, callSite: site.callSite, stages: job.stages.plan.stages,
        properties: JobProperties.current))
    do {
      let result = try $current.withValue(job) { try body(job) }
      events.post(JobEnded(jobID: job.id, startTime: start, endTime: .now, failureReason: nil))
      return result
    } catch {
      events.post(JobEnded(jobID: job.id, startTime: start, endTime: .now, failureReason: "\(error)"))
      throw error
    }
  }

  /// The next stages are those before `step` can be read.
  func enter(_ step: any Lineage) {
    // What an RDD makes for itself while it is made ready is no part of the plan: its stages are those of that RDD.
    guard let ids = stages.ids[ObjectIdentifier(step)] else { return }
    state.withLock { $0.planned = ids }
  }

  /// The next stage is that of an action on `rdd`, unless the action is a part of the job that has been planned.
  func enterResult(of rdd: any Lineage) {
    guard ObjectIdentifier(rdd) == root, let last = stages.plan.stages.last else { return }
    state.withLock { $0.planned = [last.id] }
  }

  func observeStage<Result>(
    _ site: OperatorSite, tasks: Int, _ body: (StageRun) throws -> Result
  ) throws -> Result {
    let number = state.withLock { state in
      if !state.planned.isEmpty { return state.planned.removeFirst() }
      defer { state.next += 1 }
      return state.next
    }
    let stage = StageRun(events, jobID: id, stageID: number)
    let start = Time.now
    events.post(
      StageStarted(
        time: start, jobID: id, stageID: number, name: site.name, callSite: site.callSite, taskCount: tasks))
    do {
      let result = try body(stage)
      events.post(stage.ended(start, nil))
      return result
    } catch {
      events.post(stage.ended(start, error))
      throw error
    }
  }
}

/// A stage that somebody watches.
package final class StageRun: Sendable {
  fileprivate let events: EventBus
  fileprivate let jobID: Int
  fileprivate let stageID: Int
  private let amounts = Mutex(TaskAmounts())

  fileprivate init(_ events: EventBus, jobID: Int, stageID: Int) {
    self.events = events
    self.jobID = jobID
    self.stageID = stageID
  }

  fileprivate func add(_ task: TaskAmounts) {
    amounts.withLock { amounts in
      amounts.spilledBytes += task.spilledBytes
      amounts.shuffleBytes += task.shuffleBytes
      amounts.shuffleRecords += task.shuffleRecords
    }
  }

  fileprivate func ended(_ start: Time, _ error: (any Error)?) -> StageEnded {
    let amounts = amounts.withLock { $0 }
    return StageEnded(
      jobID: jobID, stageID: stageID, startTime: start, endTime: .now, spilledBytes: amounts.spilledBytes,
      shuffleBytes: amounts.shuffleBytes, shuffleRecords: amounts.shuffleRecords, failureReason: error.map { "\($0)" })
  }
}

/// A task that somebody watches.
final class TaskRun: Sendable {
  private let stage: StageRun
  private let partition: Int
  private let start = Time.now
  private let amounts = Mutex(TaskAmounts())

  init(_ stage: StageRun, _ partition: Int) {
    self.stage = stage
    self.partition = partition
  }

  func addSpilled(bytes: Int) { amounts.withLock { $0.spilledBytes += bytes } }

  func addShuffled(bytes: Int, records: Int) {
    amounts.withLock { amounts in
      amounts.shuffleBytes += bytes
      amounts.shuffleRecords += records
    }
  }

  func end(_ error: (any Error)?) {
    let amounts = amounts.withLock { $0 }
    stage.add(amounts)
    if amounts.spilledBytes > 0 {
      stage.events.post(
        DataSpilled(
          time: .now, bytes: amounts.spilledBytes, jobID: stage.jobID, stageID: stage.stageID, partition: partition))
    }
    stage.events.post(
      TaskEnded(
        jobID: stage.jobID, stageID: stage.stageID, partition: partition, startTime: start, endTime: .now,
        spilledBytes: amounts.spilledBytes, shuffleBytes: amounts.shuffleBytes, shuffleRecords: amounts.shuffleRecords,
        failureReason: error.map { "\($0)" }))
  }
}

/// How much a task has moved.
private struct TaskAmounts {
  var spilledBytes = 0
  var shuffleBytes = 0
  var shuffleRecords = 0
}

/// What the jobs belong to that the calling thread starts: see `JobStarted.properties`.
package enum JobProperties {
  @TaskLocal package static var current: [String: String] = [:]
}
