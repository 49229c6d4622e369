import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An error: the system has no memory for a stack of this size, or no further thread.
package struct StackUnavailable: Error {
  /// The system's message.
  package let reason: String
}

/// Runs `body` on a thread with a stack of `stackBytes`, and waits for it.
///
/// Only the used part of the stack occupies memory.
/// - Throws: `StackUnavailable`, or the error of `body`.
package func withStack<Result>(bytes stackBytes: Int, _ body: () throws -> Result) throws -> Result {
  var outcome: Swift.Result<Result, any Error>?
  try withoutActuallyEscaping(body) { body in
    // The thread has ended before either of them is destroyed.
    let call = DeepCall { outcome = Swift.Result { try body() } }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    var status = pthread_attr_setstacksize(&attributes, (stackBytes + page - 1) / page * page)
    let context = Unmanaged.passUnretained(call).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
      if status == 0 { status = pthread_create(&thread, &attributes, { deepCallMain($0) }, context) }
      if status == 0, let thread { pthread_join(thread, nil) }
    #else
      var thread = pthread_t()
      if status == 0 { status = pthread_create(&thread, &attributes, { deepCallMain($0) }, context) }
      if status == 0 { pthread_join(thread, nil) }
    #endif
    withExtendedLifetime(call) {}
    if status != 0 { throw StackUnavailable(reason: String(cString: strerror(status))) }
  }
  guard let outcome else { throw StackUnavailable(reason: "the thread did not run") }
  return try outcome.get()
}

private final class DeepCall {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

private func deepCallMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<DeepCall>.fromOpaque(context).takeUnretainedValue().body()
  return nil
}
