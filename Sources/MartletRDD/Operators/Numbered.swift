public import MartletCore

/// Takes `count` elements from the first pointer and writes the same number to the second; the numbers begin at the
/// first integer and grow by the second.
@usableFromInline package typealias NumberKernel<Input, Output> =
  @Sendable (UnsafeMutablePointer<Input>, Int, Int, Int, UnsafeMutablePointer<Output>) -> Void

@inlinable @inline(__always)
package func numberKernel<Element, Output>(
  _ make: @escaping @Sendable (consuming Element, Int) -> Output
) -> NumberKernel<Element, Output> {
  { source, count, first, step, target in
    for i in 0..<count {
      (target + i).initialize(to: make((source + i).move(), first &+ i &* step))
    }
  }
}

/// Numbers the elements of a partition.
final class NumberReader<Input, Output>: ChunkReader<Output> {
  private let parent: ChunkReader<Input>
  private let kernel: NumberKernel<Input, Output>
  private var first: Int
  private let step: Int
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)

  init(_ parent: ChunkReader<Input>, _ kernel: @escaping NumberKernel<Input, Output>, first: Int, step: Int) {
    self.parent = parent
    self.kernel = kernel
    self.first = first
    self.step = step
  }

  override func next() throws -> Chunk<Output>? {
    guard let chunk = try parent.next() else { return nil }
    output.reserve(chunk.count)
    kernel(chunk.base, chunk.count, first, step, output.base)
    first &+= chunk.count &* step
    return Chunk(output.base, chunk.count)
  }
}

/// The numbering of an RDD's elements.
enum Numbering {
  /// From a start for each partition, derived from its number.
  case scattered
  /// Partition p of n: p, p + n, p + 2n …
  case unique
  /// In order, over all partitions.
  case consecutive
}

/// The elements, with a number each.
final class NumberedRDD<Input: Sendable, Element: Sendable>: NarrowRDD<Input, Element>, @unchecked Sendable {
  private let kernel: NumberKernel<Input, Element>
  private let numbering: Numbering
  /// For `consecutive`: the number of the first element of each partition.
  private let starts = Once<[Int]>()

  init(
    _ parent: RDD<Input>, _ numbering: Numbering, _ kernel: @escaping NumberKernel<Input, Element>,
    _ site: OperatorSite
  ) {
    self.kernel = kernel
    self.numbering = numbering
    super.init(parent, site)
  }

  override var ownStageOutputs: [Stage.Output] {
    numbering == .consecutive && starts.value == nil ? [.facts] : []
  }

  override func runStages(on executor: LocalExecutor) throws {
    guard numbering == .consecutive else { return }
    try starts.make {
      // The length of the last partition is not needed.
      let counted = Swift.max(0, parent.knownPartitionCount - 1)
      let counts = try executor.run(0..<counted, site, depth: parent.readerDepth) { [parent] partition in
        try parent.reader(partition).fold(0, countKernel())
      }
      return counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    }
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    let reader = try parent.reader(partition)
    switch numbering {
    case .scattered:
      let start = Int(truncatingIfNeeded: partition.stableHash(seed: 0) &>> 33)
      return NumberReader(reader, kernel, first: start, step: 1)
    case .unique:
      return NumberReader(reader, kernel, first: partition, step: partitionCount)
    case .consecutive:
      return NumberReader(reader, kernel, first: starts.value?[partition] ?? 0, step: 1)
    }
  }
}

extension RDD {
  @usableFromInline
  package func zippedWithIndex(
    _ kernel: @escaping NumberKernel<Element, (Element, Int)>, _ site: OperatorSite
  ) -> RDD<(Element, Int)> {
    NumberedRDD(self, .consecutive, kernel, site)
  }

  @usableFromInline
  package func zippedWithUniqueId(
    _ kernel: @escaping NumberKernel<Element, (Element, Int)>, _ site: OperatorSite
  ) -> RDD<(Element, Int)> {
    NumberedRDD(self, .unique, kernel, site)
  }

  /// Each element with its index, in the order of the partitions, from 0.
  ///
  /// The first action runs a job that counts the elements of all partitions but the last.
  @inlinable @inline(__always)
  public func zipWithIndex(file: StaticString = #fileID, line: UInt = #line) -> RDD<(Element, Int)> {
    zippedWithIndex(numberKernel { ($0, $1) }, OperatorSite("zipWithIndex", file, line))
  }

  /// Each element with a unique number: in partition p of n, the numbers are p, p + n, p + 2n and so on.
  @inlinable @inline(__always)
  public func zipWithUniqueId(file: StaticString = #fileID, line: UInt = #line) -> RDD<(Element, Int)> {
    zippedWithUniqueId(numberKernel { ($0, $1) }, OperatorSite("zipWithUniqueId", file, line))
  }
}
