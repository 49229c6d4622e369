public import MartletCore

extension MartletContext {
  /// Runs one task for each of `partitions` of `rdd` and returns their results in that order.
  ///
  /// Partitions that `rdd` does not have are left out; without `partitions`, all are run.
  /// First the stages that `rdd` depends on are run. Blocks the calling thread, which runs tasks itself.
  /// - Parameter skipsNothing: whether an RDD that is known to have no elements can do without its tasks: then there are
  ///   no results.
  @usableFromInline
  package func runJob<Element, Result: Sendable>(
    _ rdd: RDD<Element>, partitions: Range<Int>? = nil, _ site: OperatorSite, skipsNothing: Bool = false,
    _ body: @escaping @Sendable (ChunkReader<Element>) throws -> Result
  ) throws -> [Result] {
    try refuseInsideTask(site.name, site)
    guard !isStopped else {
      throw MartletError(
        .invalidState, "\(site) was called on a context that has been stopped.")
    }
    try rdd.prepareLineage()
    if skipsNothing && rdd.isSurelyEmpty {
      if case .failure(let problem) = settings { throw problem }
      return .init()
    }
    let all = 0..<rdd.knownPartitionCount
    let wanted = partitions?.clamped(to: all) ?? all
    guard wanted.count <= maximumPartitions else {
      throw site.invalidArgument(
        """
        the RDD made by \(rdd.site) has \(wanted.count) partitions; a job takes at most \
        \(maximumPartitions). coalesce(_:) puts several into one.
        """)
    }
    // Where there is nothing to read, other threads would be woken for nothing.
    return try runTasks(wanted, site, isTrivial: rdd.isSurelyEmpty, depth: rdd.readerDepth) { partition in
      try body(rdd.reader(partition))
    }
  }

  /// Runs `body` for each partition on the worker threads, with the partition named in the errors.
  ///
  /// - Parameter depth: how many readers, one within the other, a task reads through.
  package func runTasks<Result: Sendable>(
    _ partitions: Range<Int>, _ site: OperatorSite, isTrivial: Bool = false, depth: Int = 1,
    _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    _ = try settings.get()
    let cancellation = JobCancellation.current
    let runTask: @Sendable (Int) throws -> Result = { partition in
      do {
        try cancellation?.check()
        let context = TaskContext(partitionID: partition, cancellation)
        let result = try self.withStack(depth: depth, site) { try context.run { try body(partition) } }
        context.additions.commit()
        return result
      } catch {
        throw located(site.failure(error), partition: partition)
      }
    }
    if isTrivial { return try partitions.map(runTask) }
    let results = TaskResults<Result>(count: partitions.count)
    try pool.run(tasks: partitions.count) { task in
      results.set(task, try runTask(partitions.lowerBound + task))
    }
    return results.take()
  }

  /// Refuses an action inside a task: its job would wait for threads that wait for it.
  package func refuseInsideTask(_ action: String, _ site: OperatorSite) throws {
    guard TaskContext.current != nil else { return }
    throw MartletError(
      .nestedAction,
      """
      The action '\(action)' of the RDD made at \(site.callSite) was called inside a task's closure. RDDs can be used \
      by the driver only: join the two RDDs, or collect the smaller one first and use the result in the closure.
      """)
  }
}

private func located(_ error: any Error, partition: Int) -> any Error {
  guard var failure = error as? OperatorFailure, failure.partition == nil else { return error }
  failure.partition = partition
  return failure
}

/// The results of tasks, set from several threads, each in its own place.
private final class TaskResults<Result: Sendable>: @unchecked Sendable {
  // Sendable: each task sets a place of its own, once; `take` is called behind `WorkerPool.run`, whose lock orders it
  // after all.
  private let base: UnsafeMutablePointer<Result?>
  private let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: count)
    base.initialize(repeating: nil, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  func set(_ index: Int, _ result: Result) { base[index] = result }

  /// All results; called when every task has set its own.
  func take() -> [Result] { (0..<count).compactMap { base[$0] } }
}
