import Synchronization

/// Runs an async closure on the calling thread, which blocks, and returns its result.
///
/// Nothing of it needs Swift's own threads, which are few: it goes on though they are all blocked.
package func runBlocking<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let outcome = Outcome<Result>()
  let executor = CallingThreadExecutor()
  BlockingCall.$isInside.withValue(true) {
    _ = Task(executorPreference: executor) {
      do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
    }
  }
  return try executor.run { outcome.value }.get()
}

/// Whether code runs in a closure for which a thread of the engine waits.
package enum BlockingCall {
  @TaskLocal package static var isInside = false
}

/// What the closure has come to.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  var value: Result<Value, any Error>? { result.withLock { $0 } }

  func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }
}

/// Runs the jobs of one task on the thread that waits for it.
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
    // Of a task that outlives the call.
    if isLate {
      do {
        _ = try WorkerThread(starting: "martlet-async") { [self] in
          job.runSynchronously(on: asUnownedTaskExecutor())
        }
      } catch {
        // Then Swift's own threads must do.
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
