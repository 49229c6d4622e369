#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a task knows about itself.
public final class TaskContext: @unchecked Sendable {
  /// The partition that the task computes, from 0.
  public let partitionID: Int

  init(partitionID: Int) { self.partitionID = partitionID }

  /// The task that the calling thread runs; `nil` outside of tasks.
  public static var current: TaskContext? {
    guard let context = pthread_getspecific(key) else { return nil }
    return Unmanaged<TaskContext>.fromOpaque(context).takeUnretainedValue()
  }

  /// Runs `body` as this task. A task may wait for others, of which its thread then runs some.
  func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    let outer = pthread_getspecific(Self.key)
    pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    defer { pthread_setspecific(Self.key, outer) }
    return try withExtendedLifetime(self, body)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()
}
