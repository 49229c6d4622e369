import MartletCore
public import MartletRDD
public import MartletStreaming

/// A source that can be read again from any earlier offset, which a program implements for a stream that survives a
/// restart.
///
/// ```swift
/// /// The orders of a table whose rows are numbered as they come.
/// struct Orders: ReplayableSource {
///   let table: OrderTable
///
///   func latest(after offset: Int?) throws -> Int? {
///     // At most 10,000 rows for each batch.
///     // Not before `offset`, even if rows have been deleted.
///     max(offset ?? 0, min(try table.lastNumber(), (offset ?? 0) + 10_000))
///   }
///
///   func rdd(after offset: Int?, through last: Int, in context: MartletContext) throws -> RDD<Order> {
///     context.parallelize(try table.rows(after: offset ?? 0, through: last))
///   }
/// }
///
/// let orders = ssc.stream(from: Orders(table: table)).name("orders")
/// ```
/// Every batch gets the elements between two offsets. With a checkpoint, the offsets are on disk before the batch is
/// computed. After a restart, unfinished batches, and windows that look back, request the same ranges again, and the
/// next batch begins at the end of the last one.
///
/// *Guarantee:* each element is in exactly one batch, also across restarts with a checkpoint, if the source returns the
/// same elements for the same two offsets. Without a checkpoint, a new process begins at `initialOffset()`.
///
/// Read a large range in the tasks: create the RDD from a ``PartitionedSource`` with `context.rdd(from:)`.
public protocol ReplayableSource<Element>: Sendable {
  /// The type of the stream's elements.
  associatedtype Element: Sendable
  /// A position in the source, such as a number, or a number for each partition. There are no elements between two
  /// equal offsets.
  ///
  /// Checkpoints store offsets through their `Codable` conformance, so that later versions of the program can read
  /// them.
  associatedtype Offset: Codable & Equatable & Sendable

  /// Returns the offset at which the first batch begins, if there is none in a checkpoint; `nil`, the default, is the
  /// beginning of the source.
  ///
  /// Called once, by `start()`, which throws its errors. Return the current end of the source to read only new
  /// elements.
  func initialOffset() async throws -> Offset?

  /// Returns the offset at which the next batch ends: the current end of the source, or less, to limit the size of a
  /// batch.
  ///
  /// Called for each batch when it is made, and when the context stops gracefully, to check for elements of a last
  /// batch. The batch waits for the result, so a slow source should cache its latest offset.
  ///
  /// If it throws, the batch gets no elements of the source, the log gets a warning, and the next batch calls it again.
  /// - Parameter offset: the end of the previous batch; `nil` at the beginning of the source.
  /// - Returns: the end of the batch; `offset` or `nil` if there are no new elements. An earlier offset, if the type is
  ///   `Comparable`, counts as an error.
  func latest(after offset: Offset?) async throws -> Offset?

  /// Returns the elements after one offset, up to and including another.
  ///
  /// Called when a batch is made, and again for the same range after a restart: it must return the same elements then.
  /// If it throws, the batch fails, which stops the context; nothing is lost, because a restart calls it again.
  /// - Parameters:
  ///   - offset: the beginning of the range; `nil` for the beginning of the source.
  ///   - last: the end of the range, which `latest(after:)` has returned in this process or an earlier one.
  ///   - context: creates the RDD.
  func rdd(after offset: Offset?, through last: Offset, in context: MartletContext) throws -> RDD<Element>

  /// States that nothing up to `offset` will be requested again: the source may delete it, or acknowledge it to its
  /// server. Does nothing by default.
  ///
  /// Called in order, some batches after the one that ended there: windows and `remember` may look back at it until
  /// then. With a checkpoint, the record that the batch is done is already on disk. Some calls may be missing, for
  /// example when the process ends: a call includes all earlier ones. If it throws, the log gets a warning, and the
  /// stream continues.
  func commit(_ offset: Offset) async throws
}

extension ReplayableSource {
  /// Returns the beginning of the source.
  public func initialOffset() async throws -> Offset? { nil }

  /// Does nothing.
  public func commit(_ offset: Offset) async throws {}
}

extension StreamingContext {
  /// A stream of the elements of your own source.
  ///
  /// A checkpoint identifies the stream by the type of the source. If a program has two of the same type, or the type
  /// may be renamed, give the stream a name: `.name("orders")`.
  ///
  /// *Guarantee:* that of ``ReplayableSource``: exactly once with a checkpoint.
  public func stream<Source: ReplayableSource>(
    from source: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Source.Element> {
    ReplayableInput(source, self, OperatorSite("stream(from: \(Source.self))", file, line))
  }
}
