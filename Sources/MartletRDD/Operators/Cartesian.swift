public import MartletCore

/// Writes pairs of the element at the first pointer and each of `count` elements at the second to the third.
@usableFromInline package typealias CrossKernel<First, Second, Output> =
  @Sendable (UnsafePointer<First>, UnsafePointer<Second>, Int, UnsafeMutablePointer<Output>) -> Void

@inlinable @inline(__always)
package func crossKernel<First, Second>() -> CrossKernel<First, Second, (First, Second)> {
  { first, seconds, count, target in
    for i in 0..<count { (target + i).initialize(to: (first.pointee, seconds[i])) }
  }
}

/// All pairs of an element of one RDD and an element of another.
final class CartesianRDD<First: Sendable, Second: Sendable, Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let first: RDD<First>
  private let second: RDD<Second>
  private let kernel: CrossKernel<First, Second, Element>

  init(
    _ first: RDD<First>, _ second: RDD<Second>, _ kernel: @escaping CrossKernel<First, Second, Element>,
    _ site: OperatorSite
  ) {
    self.first = first
    self.second = second
    self.kernel = kernel
    super.init(context: first.context, site: site)
  }

  override var parents: [any Lineage] { [first, second] }
  override var partitionCount: Int {
    let (count, overflow) = first.knownPartitionCount.multipliedReportingOverflow(by: second.knownPartitionCount)
    return overflow ? .max : count
  }

  override func countOwnPartitions(depth: Int) -> Int? {
    guard let rows = countPartitions(of: first, depth: depth + 1),
      let columns = countPartitions(of: second, depth: depth + 1)
    else { return nil }
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    return overflow ? .max : count
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let (row, column) = partition.quotientAndRemainder(dividingBy: second.knownPartitionCount)
    return CrossReader(try first.reader(row), try second.reader(column), kernel).whileNotCancelled()
  }
}

/// Reads the second partition into memory, then iterates over it for each element of the first.
private final class CrossReader<First, Second, Output>: ChunkReader<Output> {
  private let first: ChunkReader<First>
  private let second: ChunkReader<Second>
  private let kernel: CrossKernel<First, Second, Output>
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var seconds: ElementBuffer<Second>?
  private var firsts: Chunk<First>?
  private var position = 0

  init(
    _ first: ChunkReader<First>, _ second: ChunkReader<Second>, _ kernel: @escaping CrossKernel<First, Second, Output>
  ) {
    self.first = first
    self.second = second
    self.kernel = kernel
  }

  deinit { firsts?.discard() }

  override func next() throws -> Chunk<Output>? {
    let seconds = try seconds ?? second.readAll()
    self.seconds = seconds
    guard seconds.count > 0, let row = try firsts ?? first.next() else { return nil }
    let count = min(chunkCapacity, seconds.count - position)
    kernel(row.base, seconds.base + position, count, output.base)
    position += count
    firsts = row
    if position == seconds.count {
      position = 0
      row.base.deinitialize(count: 1)
      firsts = row.count > 1 ? row.dropFirst(1) : nil
    }
    return Chunk(output.base, count)
  }
}

extension RDD {
  @usableFromInline
  package func crossed<Other, Output: Sendable>(
    _ other: RDD<Other>, _ kernel: @escaping CrossKernel<Element, Other, Output>, _ site: OperatorSite
  ) -> RDD<Output> {
    CartesianRDD(self, other, kernel, site)
  }

  /// All pairs of an element of this RDD and one of the other.
  ///
  /// The result has one partition for each pair of partitions. A task holds one partition of the other RDD in memory.
  @inlinable @inline(__always)
  public func cartesian<Other>(
    _ other: RDD<Other>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Element, Other)> {
    crossed(other, crossKernel(), OperatorSite("cartesian", file, line))
  }
}
