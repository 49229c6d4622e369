public import MartletRDD
public import MartletCore

/// Calls a closure with every RDD of a stream.
package final class ForEachOutput<Element: Sendable>: OutputNode {
  package let site: OperatorSite
  package let folders: BatchFolders?
  package let place: String?
  private let stream: DStream<Element>
  private let body: @Sendable (RDD<Element>, Time) throws -> Void

  init(
    _ stream: DStream<Element>, _ site: OperatorSite, _ folders: BatchFolders?, _ place: String?,
    _ body: @escaping @Sendable (RDD<Element>, Time) throws -> Void
  ) {
    self.stream = stream
    self.site = site
    self.folders = folders
    self.place = place
    self.body = body
  }

  package var root: any StreamNode { stream }

  package func job(_ time: Time) throws -> (@Sendable () throws -> Void)? {
    guard let rdd = try stream.rdd(at: time) else { return nil }
    return { [body] in try body(rdd, time) }
  }
}

extension DStream {
  /// Registers an output operation: the basis of all others.
  ///
  /// - Parameters:
  ///   - folders: the folders that it publishes, if any.
  ///   - place: the place to which it writes, if no other operation may write there.
  package func output(
    _ site: OperatorSite, folders: BatchFolders? = nil, place: String? = nil,
    _ body: @escaping @Sendable (RDD<Element>, Time) throws -> Void
  ) {
    guard context.graph.mayChange(site) else { return }
    context.graph.add(ForEachOutput(self, site, folders, place, body))
  }

  /// Calls the closure with every RDD of the stream, on the driver, one batch at a time.
  ///
  /// Guarantee: at least once for a batch that runs again after a failure. Use the batch time to make writes to other
  /// systems idempotent.
  /// ```swift
  /// counts.foreachRDD { rdd in
  ///   try rdd.foreachPartition { records in
  ///     let connection = try connect()
  ///     for record in records { try connection.send(record) }
  ///     connection.close()
  ///   }
  /// }
  /// ```
  public func foreachRDD(
    _ body: @escaping @Sendable (RDD<Element>) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line)) { rdd, _ in try body(rdd) }
  }

  /// The same as `foreachRDD`, with the time of the batch.
  public func foreachRDD(
    _ body: @escaping @Sendable (RDD<Element>, Time) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line), body)
  }

  /// The same as `foreachRDD`, with an async closure: the batch ends when it returns.
  public func foreachRDD(
    _ body: @escaping @Sendable (RDD<Element>) async throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line)) { rdd, _ in try runBlocking { try await body(rdd) } }
  }

  /// The same as `foreachRDD`, with the time of the batch and an async closure: the batch ends when it returns.
  public func foreachRDD(
    _ body: @escaping @Sendable (RDD<Element>, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line)) { rdd, time in try runBlocking { try await body(rdd, time) } }
  }

  /// The same as `foreachRDD` with the time of the batch, in the order of Python.
  @_disfavoredOverload
  public func foreachRDD(
    _ body: @escaping @Sendable (Time, RDD<Element>) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line)) { rdd, time in try body(time, rdd) }
  }

  /// The same as `foreachRDD` with the time of the batch and an async closure, in the order of Python.
  @_disfavoredOverload
  public func foreachRDD(
    _ body: @escaping @Sendable (Time, RDD<Element>) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    output(OperatorSite("foreachRDD", file, line)) { rdd, time in try runBlocking { try await body(time, rdd) } }
  }
}
