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
  public func foreachPartition(
    _ body: @escaping @Sendable (PartitionIterator<Element>) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try context.runJob(self, OperatorSite("foreachPartition", file, line)) { reader in
      let elements = PartitionIterator(reader)
      do { try body(elements) } catch { throw elements.failure ?? error }
      if let failure = elements.failure { throw failure }
    }.reduce((), { _, _ in })
  }

  /// Runs the async closure for each element, one after the other in each partition.
  ///
  /// A worker thread waits for each partition, so that as many run at a time as the master has threads.
  @_disfavoredOverload
  public func foreach(
    _ body: @escaping @Sendable (Element) async throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try foreachPartition(OperatorSite("foreach", file, line)) { elements in
      while let element = elements.next() { try await body(element) }
    }
  }

  /// Runs the async closure for each partition.
  ///
  /// A worker thread waits for each partition, so that as many run at a time as the master has threads.
  @_disfavoredOverload
  public func foreachPartition(
    _ body: @escaping @Sendable (PartitionIterator<Element>) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try foreachPartition(OperatorSite("foreachPartition", file, line), body)
  }

  private func foreachPartition(
    _ site: OperatorSite, _ body: @escaping @Sendable (PartitionIterator<Element>) async throws -> Void
  ) throws {
    try context.runJob(self, site) { reader in
      let elements = UnsharedElements(iterator: PartitionIterator(reader))
      let task = TaskContext.current
      do {
        try runBlocking { try await TaskContext.$ofAsyncWork.withValue(task) { try await body(elements.iterator) } }
      } catch {
        throw elements.iterator.failure ?? error
      }
      if let failure = elements.iterator.failure { throw failure }
    }.reduce((), { _, _ in })
  }
}

/// Carries an iterator to the one task that uses it while its maker waits.
private struct UnsharedElements<Element>: @unchecked Sendable {
  // Sendable: the thread that made it waits until the one task that uses it has ended.
  let iterator: PartitionIterator<Element>
}
