import Synchronization

/// Runs an async closure on the calling thread, which blocks, and returns its result.
///
/// It needs none of Swift's own threads, which are few: it makes progress even if all of them are blocked.
package func runBlocking<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) throws -> Result { try BlockingTask().run(body) }

/// An async closure that runs on the thread that waits for it, and can be canceled.
package final class BlockingTask: Sendable {
  /// The waiting thread. Once the closure has ended, other threads take over.
  package let executor: any TaskExecutor
  private let thread = CallingThreadExecutor()
  private let state = Mutex<(task: Task<Void, Never>?, isCancelled: Bool)>((nil, false))

  package init() { executor = thread }

  /// Runs the closure. Called once.
  package func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
    let outcome = Outcome<Result>()
    BlockingCall.$isInside.withValue(true) {
      let task = Task(executorPreference: thread) {
        do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
      }
      let isCancelled = state.withLock { state in
        state.task = task
        return state.isCancelled
      }
      if isCancelled { task.cancel() }
    }
    return try thread.run { outcome.value }.get()
  }

  /// Cancels the closure, whether or not it has begun.
  package func cancel() {
    let task = state.withLock { state in
      state.isCancelled = true
      return state.task
    }
    task?.cancel()
  }
}

/// A mark of code in a closure that a thread of the engine waits for.
package enum BlockingCall {
  @TaskLocal package static var isInside = false
}

/// The result of the closure.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  var value: Result<Value, any Error>? { result.withLock { $0 } }

  func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
}

/// Runs the jobs of one task on the thread that waits for its result.
private final class CallingThreadExecutor: TaskExecutor, @unchecked Sendable {
  // Sendable: `condition` guards both variables.
  private let condition = Condition()
  private var jobs: [UnownedJob] = []
  private var hasEnded = false

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isLate = condition.withLock {
      if hasEnded { return true }
      jobs.append(job)
      condition.signal()
      return false
    }
    // The job belongs to a task that outlives the call.
    if isLate {
      do {
        _ = try WorkerThread(starting: "martlet-async") { [self] in
          job.runSynchronously(on: asUnownedTaskExecutor())
        }
      } catch {
        // Fall back to Swift's own threads.
        globalConcurrentExecutor.enqueue(job)
      }
    }
  }

  /// Runs jobs until there is a value.
  func run<Value>(until value: () -> Value?) -> Value {
    while true {
      let job = condition.withLock {
        while jobs.isEmpty { condition.wait() }
        return jobs.removeFirst()
      }
      job.runSynchronously(on: asUnownedTaskExecutor())
      guard let value = value() else { continue }
      let rest = condition.withLock {
        hasEnded = true
        defer { jobs = [] }
        return jobs
      }
      for job in rest { job.runSynchronously(on: asUnownedTaskExecutor()) }
      return value
    }
  }
}
