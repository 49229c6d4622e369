public import MartletCore

extension RDD {
  /// Runs the closure for each element, on the worker threads.
  @inlinable @inline(__always)
  public func foreach(
    _ body: @escaping @Sendable (Element) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    _ = try folded((), foldKernel { try body($1) }, OperatorSite("foreach", file, line))
  }

  /// Runs the closure for each partition, on the worker threads: for work that is worth doing once for many elements,
  /// such as opening a connection.
  ///
  /// ```swift
  /// try rdd.foreachPartition { records in
  ///   let transaction = try database.begin()
  ///   for record in records { try transaction.write(record) }
  ///   try transaction.commit()
  /// }
  /// ```
  /// A closure that gets to the end of its elements has seen the whole partition. They are computed before it is called,
  /// in memory and, beyond `martlet.task.memory.bytes`, on disk; if that fails, so does the task, and the closure is not
  /// called. Elements that have no binary form stay in memory, however many there are.
  public func foreachPartition(
    _ body: @escaping @Sendable (PartitionIterator<Element>) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try foreachWholePartition(OperatorSite("foreachPartition", file, line), body)
  }

  /// Runs the async closure for each element, one after the other in each partition.
  ///
  /// A worker thread waits for each partition, so that as many run at a time as the master has threads.
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

  /// Runs the async closure for each partition, with all its elements, as the closure that is not async.
  ///
  /// A worker thread waits for each partition, so that as many run at a time as the master has threads.
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
func runTaskBlocking(_ body: @escaping @Sendable () async throws -> Void) throws {
  let task = TaskContext.current
  try runBlocking { try await TaskContext.$ofAsyncWork.withValue(task) { try await body() } }
}

/// Carries an iterator to the one task that uses it while its maker waits.
struct UnsharedElements<Element>: @unchecked Sendable {
  // Sendable: the thread that made it waits until the one task that uses it has ended.
  let iterator: PartitionIterator<Element>
}
