public import MartletCore

extension RDD {
  /// Calls the closure for each element, on the worker threads.
  @inlinable @inline(__always)
  public func foreach(
    _ body: @escaping @Sendable (Element) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    _ = try folded((), foldKernel { try body($1) }, OperatorSite("foreach", file, line))
  }

  /// Calls the closure for each partition, on the worker threads: for work that should be done once for many elements,
  /// such as opening a connection.
  ///
  /// ```swift
  /// try rdd.foreachPartition { records in
  ///   let transaction = try database.begin()
  ///   for record in records { try transaction.write(record) }
  ///   try transaction.commit()
  /// }
  /// ```
  /// A closure that reaches the end of its elements has seen the whole partition. The elements are computed before it
  /// is called, in memory and, beyond `martlet.task.memory.bytes`, on disk. If that fails, so does the task, and the
  /// closure is not called. Elements without a binary form stay in memory, regardless of their number.
  public func foreachPartition(
    _ body: @escaping @Sendable (PartitionIterator<Element>) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try foreachWholePartition(OperatorSite("foreachPartition", file, line), body)
  }

  /// Calls the async closure for each element, sequentially in each partition.
  ///
  /// A worker thread waits for each partition, so the number that run at a time is the number of the master's threads.
  @_disfavoredOverload
  public func foreach(
    _ body: @escaping @Sendable (Element) async throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try context.runJob(self, OperatorSite("foreach", file, line)) { reader in
      let elements = UnsharedElements(iterator: PartitionIterator(reader))
      try runTaskBlocking { while let element = elements.iterator.next() { try await body(element) } }
      if let failure = elements.iterator.failure { throw failure }
    }.reduce((), { _, _ in })
  }

  /// Calls the async closure for each partition, with the same guarantees as for the synchronous closure.
  ///
  /// A worker thread waits for each partition, so the number that run at a time is the number of the master's threads.
  @_disfavoredOverload
  public func foreachPartition(
    _ body: @escaping @Sendable (PartitionIterator<Element>) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try foreachWholePartition(OperatorSite("foreachPartition", file, line)) { elements in
      let elements = UnsharedElements(iterator: elements)
      try runTaskBlocking { try await body(elements.iterator) }
    }
  }

  private func foreachWholePartition(
    _ site: OperatorSite, _ body: @escaping @Sendable (PartitionIterator<Element>) throws -> Void
  ) throws {
    try context.runJob(self, site) { [context] reader in
      let call = AbandonableCall()
      let input = try ClosureInput(reader, context, isTransparent: false, call)
      do {
        if input.mayFail { try call.run { try body(input.elements) } } else { try body(input.elements) }
      } catch {
        throw input.elements.failure ?? error
      }
    }.reduce((), { _, _ in })
  }
}

/// Runs an async closure as a part of the current task, whose thread waits.
func runTaskBlocking<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
  let task = TaskContext.current
  return try runBlocking { try await TaskContext.$ofAsyncWork.withValue(task) { try await body() } }
}

/// Passes an iterator to the one task that uses it while its creator waits.
struct UnsharedElements<Element>: @unchecked Sendable {
  // Sendable: the creating thread waits until the one task that uses it has ended.
  let iterator: PartitionIterator<Element>
}
