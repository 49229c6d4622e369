package import MartletCore

/// Runs the plans of jobs on the worker threads of this process.
package final class LocalExecutor: Sendable {
  private let pool: WorkerPool
  private let events: EventBus
  private let settings: Result<MartletContext.Settings, any Error>

  init(_ pool: WorkerPool, _ events: EventBus, _ settings: Result<MartletContext.Settings, any Error>) {
    self.pool = pool
    self.events = events
    self.settings = settings
  }

  /// Makes RDDs ready to be read, in order: finds their facts, and runs the stages before them.
  func run(_ plan: JobSteps) throws {
    let job = events.isActive ? JobRun.current : nil
    for step in plan.steps {
      job?.enter(step)
      try step.makeReady(on: self)
    }
  }

  /// Runs a stage: `body` for each partition, with the partition named in the errors.
  ///
  /// - Parameters:
  ///   - depth: how many readers, one within the other, a task reads through.
  ///   - stage: the stage, once it is being watched.
  package func run<Result: Sendable>(
    _ partitions: Range<Int>, _ site: OperatorSite, isTrivial: Bool = false, depth: Int = 1, in stage: StageRun? = nil,
    _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    _ = try settings.get()
    // Apart from the rest, which then costs nothing where nobody watches.
    if events.isActive && stage == nil {
      return try observing(partitions, site, isTrivial: isTrivial, depth: depth, body)
    }
    let runTask: @Sendable (Int) throws -> Result = { partition in
      let context = TaskContext(partitionID: partition, run: stage.map { TaskRun($0, partition) })
      do {
        let result = try withStack(depth: depth, site) { try context.run { try body(partition) } }
        context.additions.commit()
        context.taskRun?.end(nil)
        return result
      } catch {
        let failure = located(site.failure(error), partition: partition)
        context.taskRun?.end(failure)
        throw failure
      }
    }
    if isTrivial { return try partitions.map(runTask) }
    let results = TaskResults<Result>(count: partitions.count)
    try pool.run(tasks: partitions.count) { task in
      results.set(task, try runTask(partitions.lowerBound + task))
    }
    return results.take()
  }

  @inline(never)
  private func observing<Result: Sendable>(
    _ partitions: Range<Int>, _ site: OperatorSite, isTrivial: Bool, depth: Int,
    _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    try JobRun.observe(events, site) { job in
      try job.observeStage(site, tasks: partitions.count) { stage in
        try run(partitions, site, isTrivial: isTrivial, depth: depth, in: stage, body)
      }
    }
  }
}

private func located(_ error: any Error, partition: Int) -> any Error {
  guard var failure = error as? OperatorFailure, failure.partition == nil else { return error }
  failure.partition = partition
  return failure
}

/// The results of tasks, set from several threads, each in its own place.
private final class TaskResults<Result: Sendable>: @unchecked Sendable {
  // Sendable: each task sets a place of its own, once; `take` is called after `WorkerPool.run`, whose lock orders it
  // after all.
  private let base: UnsafeMutablePointer<Result?>
  private let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: count)
    base.initialize(repeating: nil, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  func set(_ index: Int, _ result: Result) { base[index] = result }

  /// All results; called when every task has set its own.
  func take() -> [Result] { (0..<count).compactMap { base[$0] } }
}
