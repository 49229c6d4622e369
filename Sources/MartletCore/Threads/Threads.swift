import CMartletSIMD

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread of the operating system, for work that may block.
package final class WorkerThread: @unchecked Sendable {
  private let condition = Condition()
  private var finished = false

  /// Starts a thread that runs `body` and ends. Linux shows the first 15 bytes of the name.
  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = ThreadStart(name: name) { [self] in
      body()
      condition.withLock {
        finished = true
        condition.broadcast()
      }
    }
    let context = Unmanaged.passRetained(start).toOpaque()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // Sorts and parsers of users may recurse: as much stack as a main thread has.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    #if canImport(Darwin)
      var thread: pthread_t?
      let result = pthread_create(&thread, &attributes, { threadMain($0) }, context)
    #else
      var thread = pthread_t()
      let result = pthread_create(&thread, &attributes, { threadMain($0) }, context)
    #endif
    pthread_attr_destroy(&attributes)
    // A process that cannot start a thread any more cannot go on either.
    precondition(result == 0, "Martlet cannot start the thread '\(name)': \(String(cString: strerror(result)))")
  }

  /// Waits for the thread to end.
  package func join() {
    condition.withLock {
      while !finished { condition.wait() }
    }
  }
}

private final class ThreadStart {
  let name: String
  let body: () -> Void

  init(name: String, _ body: @escaping () -> Void) {
    self.name = name
    self.body = body
  }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
  martlet_set_thread_name(start.name)
  start.body()
  return nil
}

/// Runs an async closure from a thread that may block, and waits for its result.
package func runBlocking<Result: Sendable>(
  _ body: @escaping @Sendable () async throws -> Result
) throws -> Result {
  let outcome = Outcome<Result>()
  Task {
    do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
  }
  return try outcome.wait().get()
}

/// A result that one thread waits for.
private final class Outcome<Value: Sendable>: @unchecked Sendable {
  private let condition = Condition()
  private var value: Swift.Result<Value, any Error>?

  func set(_ result: Swift.Result<Value, any Error>) {
    condition.withLock {
      value = result
      condition.signal()
    }
  }

  func wait() -> Swift.Result<Value, any Error> {
    condition.withLock {
      while true {
        if let value { return value }
        condition.wait()
      }
    }
  }
}
