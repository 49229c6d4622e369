/// The threads that run tasks.
///
/// The thread that submits a job runs a share of its tasks, so a pool for N threads has N - 1 of its own, and a job
/// with one task, or none, wakes no thread. Threads without a task can be lent to a guest, such as an engine of queries,
/// which therefore needs no threads of its own.
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

  private var guest: Guest?
  /// The number of calls of `lend` that are not ended yet.
  private var loans = 0

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

  /// Work of others, which threads of the pool do while they have no task: a piece of it, if there is one.
  ///
  /// Returns false if there was nothing to do. Between two calls, a thread looks for tasks, which come first.
  package typealias Guest = @Sendable () -> Bool

  /// Lends the threads that have no task to the guest, until `endLoan()` has been called as often as this. A pool has one
  /// guest.
  package func lend(to guest: @escaping Guest) {
    guard workerCount > 0 else { return }
    start {
      self.guest = guest
      loans += 1
      return workerCount
    }
  }

  /// Ends a loan. Threads that are at work for the guest return later.
  package func endLoan() {
    guard workerCount > 0 else { return }
    // Released without the lock.
    _ = condition.withLock {
      loans -= 1
      defer { if loans == 0 { guest = nil } }
      return guest
    }
  }

  private func enqueue(_ job: PoolJob) {
    start {
      jobs.append(job)
      return job.tasks - 1
    }
  }

  /// Wakes as many threads as `change` returns, with the lock held; starts them before, if there are none.
  private func start(_ change: () -> Int) {
    let shortage: (started: Int, error: any Error)? = condition.withLock {
      let problem = workers.isEmpty ? startWorkers() : nil
      let wanted = min(idle, change())
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

  /// The next work of a thread; `nil` if there is none, or if as many threads work as may.
  private func nextWork() -> Work? {
    guard busy < workerCount - reserved else { return nil }
    return jobs.first { $0.hasTasks }.map { .job($0) } ?? guest.map { .guest($0) }
  }

  private enum Work {
    case job(PoolJob)
    case guest(Guest)
  }

  private func workerLoop() {
    // The time until a guest that had nothing to do is asked again.
    var pause: Duration?
    while true {
      condition.lock()
      var next = pause == nil ? nextWork() : nil
      while next == nil && !isShutDown {
        idle += 1
        if let time = pause {
          _ = condition.wait(until: .now + time)
          pause = nil
        } else {
          condition.wait()
        }
        idle -= 1
        next = nextWork()
      }
      busy += 1
      condition.unlock()
      defer { condition.withLock { busy -= 1 } }
      switch next {
      case .job(let job): job.work()
      case .guest(let guest): if !guest() { pause = .microseconds(200) }
      case nil: return
      }
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
