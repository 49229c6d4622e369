import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A thread of the operating system, for work that may block.
package final class WorkerThread: @unchecked Sendable {
  // Sendable: `condition` guards `finished`.
  private let condition = Condition()
  private var finished = false

  /// Starts a thread where no caller could handle an error. If the system cannot create one, prints a message to
  /// standard error and ends the process.
  package convenience init(name: String, _ body: @escaping @Sendable () -> Void) {
    do { try self.init(starting: name, body) } catch {
      // Unlike a precondition, this keeps its message in a release build.
      fatalError("\(error)")
    }
  }

  /// Starts a thread that runs `body` and ends. Linux shows the first 15 bytes of the name.
  ///
  /// - Throws: `MartletError` if the system cannot create a thread.
  package init(
    starting name: String, stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) throws {
    if RefusedThreads.names.contains(where: { name.hasPrefix($0) }) { throw threadError(name, EAGAIN) }
    let start = Unmanaged.passRetained(ThreadStart(name: name, self, body))
    let context = start.toOpaque()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // Users' sorts and parsers may recurse: by default, use as much stack as the main thread.
    pthread_attr_setstacksize(&attributes, stackBytes)
    #if canImport(Darwin)
      var thread: pthread_t?
      let result = pthread_create(&thread, &attributes, { threadMain($0) }, context)
    #else
      var thread = pthread_t()
      let result = pthread_create(&thread, &attributes, { threadMain($0) }, context)
    #endif
    pthread_attr_destroy(&attributes)
    guard result == 0 else {
      start.release()
      throw threadError(name, result)
    }
  }

  fileprivate func end() {
    condition.withLock {
      finished = true
      condition.broadcast()
    }
  }

  /// Waits as `join()` does, at most until `deadline`; returns whether the thread has ended.
  package func join(before deadline: MonotonicTime) -> Bool {
    condition.withLock {
      while !finished {
        if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { break }
      }
      return finished
    }
  }

  /// Waits for the thread to end and to release the captures of its body.
  package func join() {
    condition.withLock {
      while !finished { condition.wait() }
    }
  }
}

/// For tests: names, or prefixes of names, of threads that fail to start.
package enum RefusedThreads {
  @TaskLocal package static var names: [String] = []
}

private func threadError(_ name: String, _ code: Int32) -> MartletError {
  MartletError(
    .resourcesExhausted,
    """
    Cannot start the thread '\(name)': \(String(cString: strerror(code))) (errno \(code)). The process (ulimit -u, \
    ulimit -v) or its container (pids.max) has reached its limit on threads or memory. Increase the limit, or use \
    fewer threads and receivers.
    """)
}

private final class ThreadStart {
  let name: String
  let thread: WorkerThread
  var body: (() -> Void)?

  init(name: String, _ thread: WorkerThread, _ body: @escaping () -> Void) {
    self.name = name
    self.thread = thread
    self.body = body
  }
}

private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
  martlet_set_thread_name(start.name)
  start.body?()
  start.body = nil
  start.thread.end()
  return nil
}
