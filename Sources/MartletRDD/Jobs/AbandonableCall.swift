import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A call of user code that may have to be abandoned in its middle.
///
/// A `for` loop cannot throw from within its iterator. If the next element cannot be read, the loop must not end
/// normally, because the code after it could commit a part for the whole. The code therefore runs on a thread of its
/// own, and is abandoned there: the thread blocks forever, and the caller gets the error.
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

  /// Makes the running call throw `error` to its caller, and never returns to the code that runs in it. Returns at once
  /// if no call is running.
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

/// Passes a closure to the one thread that runs it while its creator waits.
private struct UnsharedBody: @unchecked Sendable {
  // Sendable: the creating thread waits until the one that runs it has ended, or is blocked forever.
  let run: () throws -> Void
}
