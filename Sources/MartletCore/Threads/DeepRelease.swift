// Unsafe code. Invariant: the reference in an `Unmanaged` argument is released once; the value of the thread's key is a
// `Pending` that only this thread uses.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Releases a reference to an object that may hold another of its kind, and so on: a chain that is longer than the
/// stack is deep is released step by step, not recursively.
package func releaseInSteps<Object: AnyObject>(_ object: Unmanaged<Object>) {
  let state = Pending.ofThread
  guard state.pointee.depth < Pending.deepest else {
    state.pointee.objects.append(Unmanaged.fromOpaque(object.toOpaque()))
    return
  }
  state.pointee.depth += 1
  object.release()
  state.pointee.depth -= 1
  guard state.pointee.depth == 0 else { return }
  while let next = state.pointee.objects.popLast() {
    state.pointee.depth = 1
    next.release()
    state.pointee.depth = 0
  }
}

/// The objects that the thread has yet to release.
private struct Pending {
  var depth = 0
  var objects: [Unmanaged<AnyObject>] = []

  static let deepest = 64

  static var ofThread: UnsafeMutablePointer<Pending> {
    if let known = pthread_getspecific(key) { return known.assumingMemoryBound(to: Pending.self) }
    let new = UnsafeMutablePointer<Pending>.allocate(capacity: 1)
    new.initialize(to: Pending())
    pthread_setspecific(key, new)
    return new
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    #if canImport(Darwin)
      pthread_key_create(&key) { free($0) }
    #else
      pthread_key_create(&key) { if let pending = $0 { free(pending) } }
    #endif
    return key
  }()

  private static func free(_ pending: UnsafeMutableRawPointer) {
    let pending = pending.assumingMemoryBound(to: Pending.self)
    pending.deinitialize(count: 1)
    pending.deallocate()
  }
}
