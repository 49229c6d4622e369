/// The threads that run tasks.
///
/// The thread that submits a job runs a share of its tasks, so a pool for N threads has N - 1 of its own, and a job
/// with one task, or none, wakes no thread.
package final class WorkerPool: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var jobs: [PoolJob] = []
  private var isShutDown = false
  private var workers: [WorkerThread] = []
  private var idle = 0
  private var busy = 0
  /// The number of threads of the pool, without the submitting one.
  private let workerCount: Int

  private let onShortage: (@Sendable (_ started: Int, any Error) -> Void)?
  private var isShortageReported = false

  /// A pool that runs `threads` tasks at a time.
  ///
  /// - Parameter onShortage: called once if the system starts fewer threads: the pool then works with those, or only
  ///   with the submitting one.
  package init(threads: Int, onShortage: (@Sendable (_ started: Int, any Error) -> Void)? = nil) {
    workerCount = max(0, threads - 1)
    self.onShortage = onShortage
  }

  private var reserved = 0

  /// The number of tasks that can run at a time.
  package var threads: Int { condition.withLock { max(0, workerCount - reserved) + 1 } }

  /// Reserves `count` threads of the pool for others, such as receivers, from the next job on.
  package func reserve(_ count: Int) { condition.withLock { reserved = count } }

  /// Runs `body` for each task from 0 and returns when all have ended.
  ///
  /// If a task throws, tasks that have not begun are skipped, and the error of the first failed task by number is
  /// thrown.
  package func run(tasks: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    guard tasks > 0 else { return }
    let job = PoolJob(tasks: tasks, body)
    let isShared = tasks > 1 && workerCount > 0
    if isShared { enqueue(job) }
    job.work()
    if isShared { remove(job) }
    try job.finish()
  }

  private func enqueue(_ job: PoolJob) {
    let shortage: (started: Int, error: any Error)? = condition.withLock {
      let problem = workers.isEmpty ? startWorkers() : nil
      jobs.append(job)
      let wanted = min(idle, job.tasks - 1)
      if wanted > 1 { condition.broadcast() } else if wanted == 1 { condition.signal() }
      guard let problem, !isShortageReported else { return nil }
      isShortageReported = true
      return (workers.count, problem)
    }
    if let shortage { onShortage?(shortage.started, shortage.error) }
  }

  /// Starts as many threads as possible; returns the error if there are fewer than needed.
  private func startWorkers() -> (any Error)? {
    for n in 0..<workerCount {
      do {
        workers.append(try WorkerThread(starting: "martlet-task-\(n)") { [self] in workerLoop() })
      } catch {
        return error
      }
    }
    return nil
  }

  private func remove(_ job: PoolJob) {
    condition.withLock { jobs.removeAll { $0 === job } }
  }

  private func nextJob() -> PoolJob? {
    busy < workerCount - reserved ? jobs.first { $0.hasTasks } : nil
  }

  private func workerLoop() {
    while true {
      condition.lock()
      var next = nextJob()
      while next == nil && !isShutDown {
        idle += 1
        condition.wait()
        idle -= 1
        next = nextJob()
      }
      busy += 1
      condition.unlock()
      defer { condition.withLock { busy -= 1 } }
      guard let next else { return }
      next.work()
    }
  }

  /// Ends the pool's threads after their current tasks.
  package func shutDown() {
    condition.withLock {
      isShutDown = true
      condition.broadcast()
    }
  }
}

/// The tasks of one job, assigned by number.
private final class PoolJob: @unchecked Sendable {
  // Sendable: `condition` guards the variables. `body` is read without it by threads that are counted in `running`, and
  // released by `finish` when there are none and no task is left.
  let tasks: Int
  /// Released when all tasks have ended: a worker may hold the job a little longer, but nothing that the job used.
  private var body: (@Sendable (Int) throws -> Void)?
  private let condition = Condition()
  private var next = 0
  private var running = 0
  private var failure: (task: Int, error: any Error)?

  init(tasks: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
    self.tasks = tasks
    self.body = body
  }

  var hasTasks: Bool { condition.withLock { next < tasks } }

  /// Runs tasks until none are left.
  func work() {
    while true {
      let task: Int? = condition.withLock {
        guard next < tasks else { return nil }
        defer { next += 1 }
        running += 1
        return next
      }
      guard let task else { return }
      var thrown: (any Error)?
      do { try body?(task) } catch { thrown = error }
      condition.withLock {
        running -= 1
        if let thrown {
          if failure.map({ task < $0.task }) ?? true { failure = (task, thrown) }
          next = tasks
        }
        if running == 0 && next >= tasks { condition.broadcast() }
      }
    }
  }

  /// Waits for the tasks of other threads; throws the error of the first failed task.
  func finish() throws {
    condition.lock()
    while running > 0 { condition.wait() }
    let failure = failure
    let ended = body
    body = nil
    condition.unlock()
    withExtendedLifetime(ended) {}
    if let failure { throw failure.error }
  }
}
