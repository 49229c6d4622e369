#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a task knows about itself.
public final class TaskContext: Sendable {
  /// The partition that the task computes, from 0.
  public let partitionID: Int

  /// What the task has added to accumulators.
  let additions = AccumulatorAdditions()

  /// Whether the task is to end before it is done; `nil` if it cannot be cancelled.
  let cancellation: JobCancellation?

  init(partitionID: Int, _ cancellation: JobCancellation?) {
    self.partitionID = partitionID
    self.cancellation = cancellation
  }

  /// The task that the calling thread, or async code, runs for; `nil` outside of tasks.
  public static var current: TaskContext? {
    guard let context = pthread_getspecific(key) else { return ofAsyncWork }
    return Unmanaged<TaskContext>.fromOpaque(context).takeUnretainedValue()
  }

  /// The task that waits for the running async code.
  @TaskLocal static var ofAsyncWork: TaskContext?

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
