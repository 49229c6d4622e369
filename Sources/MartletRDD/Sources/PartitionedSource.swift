public import MartletCore

/// A source of elements in partitions, which a program implements to read its own data into an RDD.
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
/// Tasks read several partitions at the same time, each about a thousand elements at a time, so a partition may be
/// larger than memory.
public protocol PartitionedSource<Element>: Sendable {
  /// The type of the source's elements.
  associatedtype Element: Sendable where Element == Reader.Element
  /// The description of one partition, such as a file and a range of its bytes.
  associatedtype Partition: Sendable
  /// A pass over one partition.
  associatedtype Reader: PartitionReader

  /// Returns the partitions, in the order of their elements.
  ///
  /// Called once for an RDD, before its first job, on the thread that submits it. An error fails the action.
  func partitions() throws -> [Partition]

  /// Begins a pass over one partition.
  ///
  /// Called in a task, and again whenever the partition is computed again, unless the RDD is cached. Every pass must
  /// return the same elements in the same order: an RDD that changes while it is used has wrong results. An error fails
  /// the task.
  func makeReader(_ partition: Partition) throws -> Reader
}

/// A pass over one partition of a ``PartitionedSource``.
///
/// A reader belongs to one task, and need not be `Sendable`. It is released at its end, or earlier if the rest is not
/// needed, as for `take`: make a reader that holds a file a class whose `deinit` closes it.
public protocol PartitionReader<Element> {
  /// The type of the partition's elements.
  associatedtype Element: Sendable

  /// Appends elements to `writer`, until it is full or there are no more.
  ///
  /// - Returns: true if there may be more. If not, the method is not called again.
  /// - Throws: an error that fails the task; the error of the action names the call of `rdd(from:)`. Elements appended
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

/// Reads one partition of a source, one chunk at a time.
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
    // The writer's lifetime ends with this call, which updates the number of elements in the buffer.
    var writer = ElementWriter(elements)
    return try reader?.read(into: &writer) ?? false
  }
}

extension MartletContext {
  /// Creates an RDD of the elements of your own source.
  ///
  /// The first action calls the source for its partitions.
  public func rdd<Source: PartitionedSource>(
    from source: Source, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Source.Element> {
    rdd(from: source, OperatorSite("rdd(from: \(Source.self))", file, line))
  }

  package func rdd<Source: PartitionedSource>(from source: Source, _ site: OperatorSite) -> RDD<Source.Element> {
    SourceRDD(source, self, site)
  }
}
