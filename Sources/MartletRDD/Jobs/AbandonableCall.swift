import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Calls of a user's code that may have to be left in their middle.
///
/// A `for` loop cannot throw from within its iterator. Where the next element cannot be had, the loop must not end as if
/// there were no more: the code after it could commit a part for the whole. So the code runs on a thread of its own, and
/// is left there: the thread stands still, and the caller gets the error.
final class AbandonableCall: @unchecked Sendable {
  // Sendable: `condition` guards the variables.
  private let condition = Condition()
  private var isRunning = false
  private var outcome: Result<Void, any Error>?

  /// Runs `body` on a thread of its own, as a part of the current task, and waits until it ends or is abandoned.
  func run(_ body: @escaping () throws -> Void) throws {
    condition.withLock {
      isRunning = true
      outcome = nil
    }
    let body = UnsharedBody(run: body)
    let task = TaskContext.current
    _ = try WorkerThread(starting: "martlet-apart") { [self] in
      end(Result { try task?.run(body.run) ?? body.run() })
    }
    try condition.withLock {
      while true {
        if let outcome { return outcome }
        condition.wait()
      }
    }.get()
  }

  /// Has the running call throw `error` to its caller, and never returns to the code that runs in it. Returns at once if
  /// no call is running.
  func abandon(_ error: any Error) {
    guard condition.withLock({ isRunning }) else { return }
    end(.failure(error))
    while true { pause() }
  }

  private func end(_ outcome: Result<Void, any Error>) {
    condition.withLock {
      self.outcome = outcome
      isRunning = false
      condition.broadcast()
    }
  }
}

/// Carries a closure to the one thread that runs it while its maker waits.
private struct UnsharedBody: @unchecked Sendable {
  // Sendable: the thread that made it waits until the one that runs it has ended, or stands still for good.
  let run: () throws -> Void
}
