public import MartletCore

extension MartletContext {
  /// Runs one task for each of `partitions` of `rdd` and returns their results in that order.
  ///
  /// Partitions that do not exist are skipped; by default all are run. First runs the stages that `rdd` depends on.
  /// Blocks the calling thread, which runs tasks itself.
  /// - Parameter skipsNothing: true if an RDD that is known to be empty needs no tasks and has no results.
  @usableFromInline
  package func runJob<Element, Result: Sendable>(
    _ rdd: RDD<Element>, partitions: Range<Int>? = nil, _ site: OperatorSite, skipsNothing: Bool = false,
    _ body: @escaping @Sendable (ChunkReader<Element>) throws -> Result
  ) throws -> [Result] {
    try refuseInsideTask(site.name, site)
    guard !isStopped else {
      throw MartletError(
        .invalidState, "\(site.name) at \(site.callSite) was called on a stopped context. Create a new one.")
    }
    if eventBus.isActive && JobRun.current == nil {
      return try observing(rdd, partitions, site, skipsNothing: skipsNothing, body)
    }
    try rdd.makeReady()
    if skipsNothing && rdd.isSurelyEmpty {
      if case .failure(let problem) = settings { throw problem }
      return .init()
    }
    let all = 0..<rdd.knownPartitionCount
    let wanted = partitions?.clamped(to: all) ?? all
    guard wanted.count <= maximumPartitions else {
      throw site.refuses(
        """
        the RDD of \(rdd.site.name) at \(rdd.site.callSite) has \(wanted.count) partitions; the maximum is \
        \(maximumPartitions). Use coalesce(_:) to combine partitions.
        """)
    }
    if eventBus.isActive { JobRun.current?.enterResult(of: rdd) }
    // Where there is nothing to read, other threads would be woken for nothing.
    return try runTasks(wanted, site, isTrivial: rdd.isSurelyEmpty, depth: rdd.readerDepth) { partition in
      try body(rdd.reader(partition))
    }
  }

  @inline(never)
  private func observing<Element, Result: Sendable>(
    _ rdd: RDD<Element>, _ partitions: Range<Int>?, _ site: OperatorSite, skipsNothing: Bool,
    _ body: @escaping @Sendable (ChunkReader<Element>) throws -> Result
  ) throws -> [Result] {
    try JobRun.observe(eventBus, site, rdd) { _ in
      try runJob(rdd, partitions: partitions, site, skipsNothing: skipsNothing, body)
    }
  }

  /// Runs `body` for each partition on the worker threads, and names the partition in errors.
  ///
  /// - Parameter depth: the number of nested readers of a task.
  package func runTasks<Result: Sendable>(
    _ partitions: Range<Int>, _ site: OperatorSite, isTrivial: Bool = false, depth: Int = 1,
    _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    try executor.run(partitions, site, isTrivial: isTrivial, depth: depth, body)
  }

  /// Refuses an action inside a task: its job would wait for threads that wait for it.
  package func refuseInsideTask(_ action: String, _ site: OperatorSite) throws {
    guard TaskContext.current != nil else { return }
    throw MartletError(
      .nestedAction,
      """
      The action '\(action)' of the RDD made at \(site.callSite) was called inside the closure of a task. RDDs can \
      only be used by the driver: join the two RDDs, or collect the smaller one first and use the result in the \
      closure.
      """)
  }
}
