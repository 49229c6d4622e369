import MartletCore
public import MartletRDD
public import MartletStreaming

/// A source that can be read again from where it was read before: what a program implements for a stream that survives
/// a restart.
///
/// ```swift
/// /// The orders of a table whose rows are numbered as they come.
/// struct Orders: ReplayableSource {
///   let table: OrderTable
///
///   func latest(after offset: Int?) throws -> Int? {
///     // At most 10,000 rows a batch.
///     min(try table.lastNumber(), (offset ?? 0) + 10_000)
///   }
///
///   func rdd(after offset: Int?, through last: Int, in context: MartletContext) throws -> RDD<Order> {
///     context.parallelize(try table.rows(after: offset ?? 0, through: last))
///   }
/// }
///
/// let orders = ssc.stream(from: Orders(table: table)).name("orders")
/// ```
/// Every batch gets the elements between two offsets. With a checkpoint, the offsets are on the disk before anything is
/// computed of the batch. After a restart, unfinished batches, and windows that look back, ask for the same ranges again,
/// and the next batch begins where the last one ended.
///
/// *Guarantee:* each element is in exactly one batch, also across restarts with a checkpoint, if the source gives the same
/// elements for the same two offsets. Without a checkpoint, a new process begins at `initialOffset()`.
///
/// A large range is best read in the tasks: make the RDD of a ``PartitionedSource`` with `context.rdd(from:)`.
public protocol ReplayableSource<Element>: Sendable {
  /// What the stream is made of.
  associatedtype Element: Sendable
  /// A place in the source, such as a number, or a number for each partition. Two that are equal have nothing between
  /// them.
  ///
  /// Checkpoints hold offsets as their `Codable` conformance writes them, for later versions of the program to read.
  associatedtype Offset: Codable & Equatable & Sendable

  /// Where the first batch begins, if no checkpoint says so; `nil`, the default, for the beginning of the source.
  ///
  /// Called once, by `start()`, which throws what this throws. A source that is to give only what is new returns where it
  /// ends now.
  func initialOffset() async throws -> Offset?

  /// How far the next batch reads: where the source ends now, or less, so that a batch does not get too much.
  ///
  /// Called for each batch when it is made, and when the context stops gracefully, to find out whether there is more for a
  /// last batch. The batch waits for it, so a source that cannot tell soon should keep what it knows at hand.
  ///
  /// If it throws, the batch gets nothing of the source, the log gets a warning, and the next batch asks again.
  /// - Parameter offset: where the batch before has ended; `nil` at the beginning of the source.
  /// - Returns: what equals `offset`, or `nil`, if there is nothing new.
  func latest(after offset: Offset?) async throws -> Offset?

  /// The elements behind one offset, up to and with another.
  ///
  /// Called when a batch is made, and again for the same range after a restart: it must give the same elements then. If it
  /// throws, the batch fails, which stops the context; nothing is lost, since a restart asks again.
  /// - Parameters:
  ///   - offset: where the range begins; `nil` for the beginning of the source.
  ///   - last: where the range ends: what `latest(after:)` has returned, in this process or an earlier one.
  ///   - context: makes the RDD.
  func rdd(after offset: Offset?, through last: Offset, in context: MartletContext) throws -> RDD<Element>

  /// Nothing up to `offset` will be asked for again: the source may delete it, or tell its server so. Does nothing by
  /// default.
  ///
  /// Called in order, some batches after the one that ended there is done: windows and `remember` may look back at it
  /// until then. With a checkpoint, what says that the batch is done is on the disk by then. Some calls may be left out, as
  /// when the process ends: a later one stands for all before it. If it throws, the log gets a warning, and the stream goes
  /// on.
  func commit(_ offset: Offset) async throws
}

extension ReplayableSource {
  /// The beginning of the source.
  public func initialOffset() async throws -> Offset? { nil }

  /// Does nothing.
  public func commit(_ offset: Offset) async throws {}
}

extension StreamingContext {
  /// A stream of what comes in a source of the program's own.
  ///
  /// A checkpoint knows the stream by the type of the source. Where a program has two of one type, or the type may be
  /// renamed, give the stream a name: `.name("orders")`.
  ///
  /// *Guarantee:* that of ``ReplayableSource``: exactly once with a checkpoint.
  public func stream<Source: ReplayableSource>(
    from source: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Source.Element> {
    ReplayableInput(source, self, OperatorSite("stream(from: \(Source.self))", file, line))
  }
}
