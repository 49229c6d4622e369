public import MartletCore

/// A source of elements in partitions: what a program implements to read data of its own into an RDD.
///
/// ```swift
/// /// The squares of the numbers below `count`.
/// struct Squares: PartitionedSource {
///   let count: Int
///
///   func partitions() -> [Range<Int>] { [0..<count / 2, count / 2..<count] }
///
///   func makeReader(_ partition: Range<Int>) -> Reader { Reader(left: partition) }
///
///   struct Reader: PartitionReader {
///     var left: Range<Int>
///
///     mutating func read(into writer: inout ElementWriter<Int>) -> Bool {
///       while !writer.isFull, let number = left.popFirst() { writer.append(number * number) }
///       return !left.isEmpty
///     }
///   }
/// }
///
/// let sum = try sc.rdd(from: Squares(count: 1_000)).sum()
/// ```
/// The partitions are read by tasks, several at the same time, each a thousand elements at a time: a partition may be
/// larger than memory.
public protocol PartitionedSource<Element>: Sendable {
  /// What the source is made of.
  associatedtype Element: Sendable where Element == Reader.Element
  /// What it takes to read one partition, such as a file and a range of its bytes.
  associatedtype Partition: Sendable
  /// A pass over one partition.
  associatedtype Reader: PartitionReader

  /// The partitions, in the order of their elements.
  ///
  /// Called once for an RDD, before its first job, on the thread that submits it. What it throws fails the action.
  func partitions() throws -> [Partition]

  /// Begins a pass over one partition.
  ///
  /// Called in a task, and again whenever the partition is computed again, unless the RDD is cached. Every pass must find
  /// the same elements in the same order: an RDD that changes while it is used gives wrong results. What it throws fails
  /// the task.
  func makeReader(_ partition: Partition) throws -> Reader
}

/// A pass over one partition of a ``PartitionedSource``.
///
/// A reader belongs to one task, and need not be `Sendable`. It is let go as soon as it has come to its end, and before
/// that if nobody wants the rest, as with `take`: one that holds a file is a class whose `deinit` closes it.
public protocol PartitionReader<Element> {
  /// What the partition is made of.
  associatedtype Element: Sendable

  /// Appends the next elements to `writer`, until it is full or there are no more.
  ///
  /// - Returns: whether there may be more. If not, it is not called again.
  /// - Throws: what fails the task; the error that the action throws names the call of `rdd(from:)`. The elements appended
  ///   by the same call are dropped.
  mutating func read(into writer: inout ElementWriter<Element>) throws -> Bool
}

/// The elements of a source.
final class SourceRDD<Source: PartitionedSource>: PlannedRDD<Source.Partition, Source.Element>, @unchecked Sendable {
  private let source: Source

  init(_ source: Source, _ context: MartletContext, _ site: OperatorSite) {
    self.source = source
    super.init(context: context, site: site)
  }

  override func plan() throws -> [Source.Partition] {
    do { return try source.partitions() } catch { throw site.failure(ofSource: error) }
  }

  override func read(_ partition: Source.Partition) throws -> ChunkReader<Source.Element> {
    do { return SourceReader(try source.makeReader(partition), site) } catch { throw site.failure(ofSource: error) }
  }
}

/// Reads one partition of a source, a chunk at a time.
private final class SourceReader<Reader: PartitionReader>: ChunkReader<Reader.Element> {
  /// `nil` at the end.
  private var reader: Reader?
  private let elements = ElementBuffer<Reader.Element>()
  private let site: OperatorSite

  init(_ reader: Reader, _ site: OperatorSite) {
    self.reader = reader
    self.site = site
  }

  override func next() throws -> Chunk<Reader.Element>? {
    while reader != nil {
      do {
        if try !fill() { reader = nil }
      } catch {
        reader = nil
        throw site.failure(ofSource: error)
      }
      if elements.count > 0 { return elements.takeAll() }
    }
    return nil
  }

  private func fill() throws -> Bool {
    // Ends with this call, which tells the buffer what it has.
    var writer = ElementWriter(elements)
    return try reader?.read(into: &writer) ?? false
  }
}

extension MartletContext {
  /// The elements of a source of the program's own.
  ///
  /// The source is asked for its partitions by the first action.
  public func rdd<Source: PartitionedSource>(
    from source: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Source.Element> {
    SourceRDD(source, self, OperatorSite("rdd(from: \(Source.self))", file, line))
  }
}
