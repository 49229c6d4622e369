public import MartletCore
import MartletRDD

/// A destination for the elements of a stream, such as a database, a broker or a file store.
///
/// `stream.write(to: sink)` writes each batch to the sink in three steps: it begins a part, writes each element, and
/// commits.
///
/// ```swift
/// struct CountsTable: Sink {
///   let database: Database
///
///   func begin(_ part: BatchPart) throws -> Rows? {
///     let transaction = try database.begin()
///     let isNew = try transaction.insertUnlessThere("batches", part.time.milliseconds, part.partition)
///     return isNew ? Rows(transaction: transaction, time: part.time) : nil
///   }
///
///   struct Rows: SinkWriter {
///     let transaction: Transaction
///     let time: Time
///
///     func write(_ count: (Text, Int)) throws {
///       try transaction.insert("counts", time.milliseconds, String(count.0), count.1)
///     }
///     func commit() throws { try transaction.commit() }
///     func abort() { transaction.rollBack() }
///   }
/// }
/// ```
///
/// Guarantee: exactly once, in a context with a checkpoint, if `commit` makes all elements of the part and a marker for
/// the part appear at once, and `begin` returns `nil` if the marker exists. A sink that only overwrites the data of an
/// earlier run of the part, such as one that sets a value for each key, needs no marker. A sink that does neither gets
/// elements at least once.
///
/// `commit` is called only when each element of the part has been computed and written. If anything fails before that,
/// `abort` is called instead, and the batch fails. A sink therefore never takes some of a part's elements for all of
/// them.
///
/// The methods may be `async`, but need not be: they run on threads that may block.
public protocol Sink<Element>: Sendable {
  associatedtype Element
  associatedtype Writer: SinkWriter<Element>

  /// Begins a part of a batch; returns `nil` if the sink already has it. Called at the first element of the part: a
  /// part without elements is skipped.
  ///
  /// `nil` for a part that no earlier run can have written (``BatchPart/isRerun`` is `false`) fails the batch, because
  /// its elements would be lost: two streams that write to one sink take each other's parts for their own. Give each
  /// stream a sink with a place of its own.
  func begin(_ part: BatchPart) async throws -> Writer?
}

/// Writes one part of a batch to a sink.
///
/// One task calls it: `write` for each element, in order, and `commit` after the last one; or `abort`, once, if any of
/// these throws or an element cannot be computed. Nothing is called after that.
public protocol SinkWriter<Element> {
  associatedtype Element

  /// Writes an element. It need not appear before `commit`.
  mutating func write(_ element: Element) async throws

  /// Makes all written elements appear, at once if the sink can do that. The batch is done only after this method has
  /// returned: if the process ends before, the part is written again.
  mutating func commit() async throws

  /// Discards elements that were written but not committed. Also called after a `commit` that has thrown, whether or
  /// not it has taken effect.
  mutating func abort() async
}

extension SinkWriter {
  /// Does nothing: for writers whose connections are closed, and transactions rolled back, when they are released.
  public func abort() {}
}

/// The elements that a sink commits at once: a batch, or one partition of it.
public struct BatchPart: Sendable, Hashable, CustomStringConvertible {
  /// The time of the batch. A batch that runs again has the same time.
  public let time: Time
  /// The number of the partition, from 0; 0 if the part is the whole batch.
  public let partition: Int
  /// A Boolean value that indicates whether the batch had begun before the program was started, so that the sink may
  /// already have the part. If this is `false`, the sink does not have it. Earlier runs are only known with a
  /// checkpoint.
  public let isRerun: Bool

  /// Creates a part, for tests of a sink.
  public init(time: Time, partition: Int = 0, isRerun: Bool = false) {
    self.time = time
    self.partition = partition
    self.isRerun = isRerun
  }

  public var description: String { "partition \(partition) of the batch of \(time)" }
}

extension DStream {
  /// Writes the elements of each batch to a sink.
  ///
  /// ```swift
  /// counts.write(to: CountsTable(database: database))
  /// ```
  /// Guarantee: that of the sink, which is exactly once for a sink as described in ``Sink``, with a checkpoint. An
  /// error of the sink fails the batch; it names the batch and this line, and the partition if that is a part.
  ///
  /// - Parameters:
  ///   - sink: the destination.
  ///   - byPartition: true if each partition is a part, so that several threads write at a time. A sink with markers
  ///     then relies on the same elements being in the same partition when the batch runs again. They are if the stream
  ///     is partitioned by key with a fixed number of partitions, as by `reduceByKey(+, 4)`. By default, the whole
  ///     batch is one part, regardless of its partitions, and one thread writes it. It is computed before the sink
  ///     begins, by all threads, in memory and, beyond `martlet.task.memory.bytes` for each thread, on disk; elements
  ///     without a binary form stay in memory. Change this only after a graceful stop, because it changes the parts.
  public func write(
    to sink: some Sink<Element>, byPartition: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("write", file, line)
    output(site) { [context] rdd, time in
      let checkpoint = context.journal
      let isRerun = checkpoint?.isRerun(time) ?? false
      try rdd.foreachPart(byPartition ? .partitions : .whole, site) { partition, elements in
        let part = BatchPart(time: time, partition: byPartition ? partition : 0, isRerun: isRerun)
        try await writePart(elements, part, to: sink) {
          checkpoint?.note(.outputStaged)
          if let fence = checkpoint?.fence { throw fence }
        }
        checkpoint?.note(.outputPublished)
      }
    }
  }
}

/// An error: a sink has a part already that nothing has been able to write.
private struct PartIsTaken: Error, CustomStringConvertible {
  let part: BatchPart

  var description: String {
    """
    begin(_:) returned nil for the \(part), as if the sink had it already, but no earlier run of the batch can have \
    written it. Do two streams write to the same sink, or did another program? A sink finds its parts by time and \
    partition, so give each stream a sink of its own, such as another folder or table, or write the union of the streams.
    """
  }
}

/// Writes the elements of a part, and commits them if they are complete.
///
/// - Parameter mayCommit: throws if the part must not be committed, because another process has taken over the
///   checkpoint.
private func writePart<S: Sink>(
  _ elements: PartitionIterator<S.Element>, _ part: BatchPart, to sink: S, _ mayCommit: () throws -> Void
) async throws {
  var next = elements.next()
  if let failure = elements.failure { throw failure }
  guard next != nil else { return }
  guard var writer = try await sink.begin(part) else {
    if part.isRerun { return }
    throw PartIsTaken(part: part)
  }
  do {
    while let element = next {
      try await writer.write(element)
      next = elements.next()
    }
    if let failure = elements.failure { throw failure }
    try mayCommit()
    try await writer.commit()
  } catch {
    await writer.abort()
    throw error
  }
}
