import MartletCore
import Synchronization

/// Whether the jobs of an async call are to end before they are done.
final class JobCancellation: Sendable {
  private let isCancelled = Atomic<Bool>(false)

  /// That of the jobs that the current thread or async code submits; `nil` if they cannot be canceled.
  @TaskLocal static var current: JobCancellation?

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  /// - Throws: `MartletError` of the code `cancelled` if the jobs are to end.
  func check() throws {
    if isCancelled.load(ordering: .relaxed) { throw MartletError(.cancelled, "The job was cancelled.") }
  }
}

/// The elements of a source, for as long as the job is not canceled.
final class CancellableReader<Element>: ChunkReader<Element> {
  private let source: ChunkReader<Element>
  private let cancellation: JobCancellation

  init(_ source: ChunkReader<Element>, _ cancellation: JobCancellation) {
    self.source = source
    self.cancellation = cancellation
    super.init()
  }

  override func next() throws -> Chunk<Element>? {
    try cancellation.check()
    return try source.next()
  }
}

extension ChunkReader {
  /// This reader, which ends with an error as soon as the job of the current task is canceled, if it can be.
  ///
  /// For sources, and for operators that make many elements of one: a task may not come back to its source for long.
  func whileNotCancelled() -> ChunkReader<Element> {
    TaskContext.current?.cancellation.map { CancellableReader(self, $0) } ?? self
  }
}

/// Runs each piece of async code on a new thread of the system, which may block.
private final class NewThreadExecutor: TaskExecutor {
  static let shared = NewThreadExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    do {
      _ = try WorkerThread(starting: "martlet-action") { [self] in
        job.runSynchronously(on: asUnownedTaskExecutor())
      }
    } catch {
      // Then Swift's own threads must do.
      globalConcurrentExecutor.enqueue(job)
    }
  }
}

extension MartletContext {
  /// Runs actions without blocking a thread of Swift's concurrency: the task that calls this is suspended until they are
  /// done.
  ///
  /// ```swift
  /// let errors = try await sc.async { try sc.textFile("logs/*.txt").filter { $0.contains("ERROR") }.count() }
  /// ```
  /// The closure runs on a thread of its own, and may block. Task-local values are there as usual. If the task is canceled,
  /// the jobs of the closure end soon: a task of theirs stops when it is about to begin, or to take the next thousand
  /// elements of its source, of a `flatMap`, a `mapPartitions`, a join or a `cartesian`. A closure that is running, or a
  /// command of `pipe`, is not interrupted.
  /// - Throws: what the closure throws; `CancellationError` if a job has ended because the task was canceled;
  ///   `MartletError` of the code `nestedAction` inside a task of a job.
  public func async<Result: Sendable>(
    _ actions: @escaping @Sendable () throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Result {
    try refuseInsideTask("async", OperatorSite("async", file, line))
    let cancellation = JobCancellation()
    return try await withTaskCancellationHandler {
      try await JobCancellation.$current.withValue(cancellation) {
        try await withTaskExecutorPreference(NewThreadExecutor.shared) {
          do {
            try cancellation.check()
            return try actions()
          } catch let error as MartletError where error.code == .cancelled && Task.isCancelled {
            throw CancellationError()
          }
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }
}
