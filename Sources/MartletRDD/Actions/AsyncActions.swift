public import MartletCore

extension RDD {
  /// Runs actions of this RDD without blocking a thread of Swift's concurrency: the task that calls this is suspended until
  /// they are done.
  ///
  /// ```swift
  /// let total = try await numbers.async { try $0.reduce(+) }
  /// ```
  /// All that `async` of the context says holds here: what is thrown, and what happens when the task is canceled.
  public func async<Result: Sendable>(
    _ actions: @escaping @Sendable (RDD<Element>) throws -> Result, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Result {
    try await context.async({ try actions(self) }, file: file, line: line)
  }

  /// `collect()`, for async code: see `async(_:)`.
  public func collectAsync(file: StaticString = #fileID, line: UInt = #line) async throws -> [Element] {
    try await async({ try $0.collect(file: file, line: line) }, file: file, line: line)
  }

  /// `count()`, for async code: see `async(_:)`.
  public func countAsync(file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
    try await async({ try $0.count(file: file, line: line) }, file: file, line: line)
  }

  /// `take(_:)`, for async code: see `async(_:)`.
  public func takeAsync(_ count: Int, file: StaticString = #fileID, line: UInt = #line) async throws -> [Element] {
    try await async({ try $0.take(count, file: file, line: line) }, file: file, line: line)
  }

  /// `foreach(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func foreachAsync(
    _ body: @escaping @Sendable (Element) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try await async({ try $0.foreach(body, file: file, line: line) }, file: file, line: line)
  }

  /// `foreachPartition(_:)`, for async code: see `async(_:)`.
  public func foreachPartitionAsync(
    _ body: @escaping @Sendable (PartitionIterator<Element>) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) async throws {
    try await async({ try $0.foreachPartition(body, file: file, line: line) }, file: file, line: line)
  }
}
