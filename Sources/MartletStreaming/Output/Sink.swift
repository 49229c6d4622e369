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
/// A part is the whole batch, or one partition. If it is a partition, the parts of a batch appear independently of each
/// other, unless the sink also implements ``commit(_:parts:)``. Then the parts' own `commit` need only store them, so
/// that `commit(_:parts:)` can make all of them appear at once, for example by renaming a folder or in one transaction:
///
/// ```swift
/// func begin(_ batch: SinkBatch) throws -> Bool { try !table.contains(batch.time) }
/// func begin(_ part: BatchPart) throws -> Rows? { Rows(file: try table.stage(part)) }
/// func commit(_ batch: SinkBatch, parts: [BatchPart]) throws { try table.add(parts, marker: batch.time) }
/// func abort(_ batch: SinkBatch) { table.removeStaged(batch.time) }
/// ```
/// The methods may be `async`, but need not be: they run on threads that may block.
public protocol Sink<Element>: Sendable {
  associatedtype Element
  associatedtype Writer: SinkWriter<Element>

  /// A Boolean value that indicates whether parts without elements are written, like empty files; false by default.
  var takesEmptyParts: Bool { get }

  /// Begins a batch, before its elements are computed; returns false if the sink already has all of it. Nothing else is
  /// called then. By default, returns true. False for a batch that no earlier run can have written fails the batch.
  func begin(_ batch: SinkBatch) async throws -> Bool

  /// Begins a part of a batch; returns `nil` if the sink already has it. Called at the first element of the part: a
  /// part without elements is skipped, unless `takesEmptyParts` is true.
  ///
  /// `nil` for a part that no earlier run can have written (``BatchPart/isRerun`` is `false`) fails the batch, because
  /// its elements would be lost: two streams that write to one sink take each other's parts for their own. Give each
  /// stream a sink with a place of its own.
  func begin(_ part: BatchPart) async throws -> Writer?

  /// Makes a batch appear, when all of its parts are committed; by default, does nothing. The batch is done only after
  /// this method has returned: if the process ends before, all methods are called again for the batch.
  ///
  /// - Parameter parts: the parts of the batch in the order of their partitions, including those for which `begin` has
  ///   returned `nil`; empty if the batch has no elements.
  func commit(_ batch: SinkBatch, parts: [BatchPart]) async throws

  /// Discards the parts of a batch that were committed; by default, does nothing. Called once if a part or the batch
  /// fails, after all parts have ended, and also after a `commit` that has thrown, whether or not it has taken effect.
  func abort(_ batch: SinkBatch) async
}

extension Sink {
  public var takesEmptyParts: Bool { false }
  public func begin(_ batch: SinkBatch) -> Bool { true }
  public func commit(_ batch: SinkBatch, parts: [BatchPart]) {}
  public func abort(_ batch: SinkBatch) {}
}

/// Writes one part of a batch to a sink.
///
/// One task calls it: `write(contentsOf:)`, which by default calls `write` for each element, in order, and then
/// `commit`; or `abort`, once, if any of these throws or an element cannot be computed. Nothing is called after that.
public protocol SinkWriter<Element> {
  associatedtype Element

  /// Writes an element. It need not appear before `commit`.
  mutating func write(_ element: Element) async throws

  /// Writes all elements of the part. Implement this method if elements can be written faster together.
  ///
  /// The iterator also ends if the next element cannot be computed. In that case, `abort` is called and not `commit`, as
  /// it is if the method returns before the end of the elements.
  mutating func write(contentsOf elements: PartitionIterator<Element>) async throws

  /// Makes all written elements appear, at once if the sink can do that; or stores them until the sink commits the
  /// batch. The batch is done only after this method has returned: if the process ends before, the part is written
  /// again.
  mutating func commit() async throws

  /// Discards elements that were written but not committed. Also called after a `commit` that has thrown, whether or
  /// not it has taken effect.
  mutating func abort() async
}

extension SinkWriter {
  /// Calls `write` for each element.
  @inlinable
  public mutating func write(contentsOf elements: PartitionIterator<Element>) async throws {
    while let element = elements.next() { try await write(element) }
  }

  /// Does nothing: for writers whose connections are closed, and transactions rolled back, when they are released.
  public func abort() {}
}

/// A batch, as a sink sees it.
public struct SinkBatch: Sendable, Hashable, CustomStringConvertible {
  /// The time of the batch. A batch that runs again has the same time.
  public let time: Time
  /// A Boolean value that indicates whether the batch had begun before the program was started, so that the sink may
  /// already have it, or parts of it. If this is `false`, the sink does not have it. Earlier runs are only known with a
  /// checkpoint.
  public let isRerun: Bool
  /// A number that tells the checkpoints of programs apart; `nil` without a checkpoint.
  package let checkpoint: UInt64?

  /// Creates a batch, for tests of a sink.
  public init(time: Time, isRerun: Bool = false) { self.init(time: time, isRerun: isRerun, checkpoint: nil) }

  package init(time: Time, isRerun: Bool, checkpoint: UInt64?) {
    self.time = time
    self.isRerun = isRerun
    self.checkpoint = checkpoint
  }

  /// Creates the batch of a time, as the journal knows it.
  init(time: Time, journal: (any BatchJournal)?) {
    self.init(time: time, isRerun: journal?.isRerun(time) ?? false, checkpoint: journal?.id)
  }

  public var description: String { "the batch of \(time)" }
}

/// The elements that one writer of a sink commits: a batch, or one partition of it.
public struct BatchPart: Sendable, Hashable, CustomStringConvertible {
  /// The batch that the part belongs to.
  public let batch: SinkBatch
  /// The number of the partition, from 0; 0 if the part is the whole batch.
  public let partition: Int

  /// The time of the batch. A batch that runs again has the same time.
  public var time: Time { batch.time }
  /// A Boolean value that indicates whether the sink may already have the part: see ``SinkBatch/isRerun``.
  public var isRerun: Bool { batch.isRerun }

  /// Creates a part.
  public init(_ batch: SinkBatch, partition: Int) {
    self.batch = batch
    self.partition = partition
  }

  /// Creates a part, for tests of a sink.
  public init(time: Time, partition: Int = 0, isRerun: Bool = false) {
    self.init(SinkBatch(time: time, isRerun: isRerun), partition: partition)
  }

  public var description: String { "partition \(partition) of \(batch)" }
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
  ///     for parts then relies on the same elements being in the same partition when the batch runs again. They are if
  ///     the stream is partitioned by key with a fixed number of partitions, as by `reduceByKey(+, 4)`. By default, the
  ///     whole batch is one part, regardless of its partitions, and one thread writes it. It is computed before the
  ///     part begins, by all threads, in memory and, beyond `martlet.task.memory.bytes` for each thread, on disk;
  ///     elements without a binary form stay in memory. Change this only after a graceful stop, because it changes the
  ///     parts.
  public func write(
    to sink: some Sink<Element>, byPartition: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("write", file, line)
    write(to: sink, byPartition: byPartition, site, located: site.failure(ofClosure:))
  }

  /// `write(to:)` as an output operation with another name.
  ///
  /// - Parameters:
  ///   - place: the place to which it writes, if no other operation may write there.
  ///   - located: adds the place in the program to an error of the sink.
  package func write(
    to sink: some Sink<Element>, byPartition: Bool = false, place: String? = nil, _ site: OperatorSite,
    located: @escaping @Sendable (any Error) -> any Error
  ) {
    output(site, place: place) { [context] rdd, time in
      let batch = SinkBatch(time: time, journal: context.journal)
      let write = BatchWrite(
        sink: sink, batch: batch, division: byPartition ? .partitions : .whole, site: site, journal: context.journal,
        located: located)
      try write.run(rdd)
    }
  }
}
