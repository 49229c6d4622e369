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

  /// Starts a thread that runs `body` and ends. Linux shows the first 15 bytes of the name.
  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = ThreadStart(name: name, self, body)
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

  fileprivate func end() {
    condition.withLock {
      finished = true
      condition.broadcast()
    }
  }

  /// Waits as `join()` does, at most until `deadline`; whether the thread has ended.
  package func join(before deadline: MonotonicTime) -> Bool {
    condition.withLock {
      while !finished {
        if !condition.wait(until: deadline) && MonotonicTime.now >= deadline { break }
      }
      return finished
    }
  }

  /// Waits for the thread to end and to let go of what its body holds.
  package func join() {
    condition.withLock {
      while !finished { condition.wait() }
    }
  }
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
