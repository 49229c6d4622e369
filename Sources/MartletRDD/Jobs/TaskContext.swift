#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Information about the running task.
public final class TaskContext: Sendable {
  /// The partition that the task computes, from 0.
  public let partitionID: Int

  /// The task's additions to accumulators.
  let additions = AccumulatorAdditions()

  /// The task as others watch it, if somebody does.
  let taskRun: TaskRun?

  /// The request to end the job, if its task of Swift can be canceled.
  let cancellation: JobCancellation?

  init(partitionID: Int, run: TaskRun?, _ cancellation: JobCancellation?) {
    self.partitionID = partitionID
    taskRun = run
    self.cancellation = cancellation
  }

  /// The task of the calling thread or async code; `nil` outside of tasks.
  public static var current: TaskContext? {
    guard let context = pthread_getspecific(key) else { return ofAsyncWork }
    return Unmanaged<TaskContext>.fromOpaque(context).takeUnretainedValue()
  }

  /// The task that waits for the running async code.
  @TaskLocal static var ofAsyncWork: TaskContext?

  /// Runs `body` as this task. A task may wait for others, some of which then run on its thread.
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
