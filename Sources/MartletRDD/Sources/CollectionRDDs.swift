package import MartletCore

/// The elements of an array, divided into slices of similar length.
final class ParallelCollectionRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let elements: [Element]
  private let slices: Int
  private let isEmpty: Bool

  init(_ elements: [Element], slices: Int, _ context: MartletContext, _ site: OperatorSite) {
    self.elements = elements
    self.slices = slices
    isEmpty = elements.isEmpty
    super.init(context: context, site: site)
  }

  override var partitionCount: Int { slices }
  override var isKnownEmpty: Bool { isEmpty }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    ArrayReader(elements, slice(partition, of: slices, length: elements.count))
  }
}

/// The bounds of slice `index` of `count`, as in Spark.
func slice(_ index: Int, of count: Int, length: Int) -> Range<Int> {
  func start(_ i: Int) -> Int { count.dividingFullWidth(i.multipliedFullWidth(by: length)).quotient }
  return start(index)..<start(index + 1)
}

/// Integers at equal distances.
final class RangeRDD: RDD<Int>, @unchecked Sendable {
  private let start: Int
  private let step: Int
  private let count: Int
  private let slices: Int

  init(start: Int, step: Int, count: Int, slices: Int, _ context: MartletContext, _ site: OperatorSite) {
    self.start = start
    self.step = step
    self.count = count
    self.slices = slices
    super.init(context: context, site: site)
  }

  override var partitionCount: Int { slices }

  override func compute(partition: Int) throws -> ChunkReader<Int> {
    RangeReader(start: start, step: step, slice(partition, of: slices, length: count))
  }
}

private final class RangeReader: ChunkReader<Int> {
  private let start: Int
  private let step: Int
  private var left: Range<Int>
  private let numbers = ElementBuffer<Int>(capacity: chunkCapacity)

  init(start: Int, step: Int, _ range: Range<Int>) {
    self.start = start
    self.step = step
    left = range
  }

  override func next() throws -> Chunk<Int>? {
    let size = min(chunkCapacity, left.count)
    guard size > 0 else { return nil }
    let first = start &+ left.lowerBound &* step
    let base = numbers.base
    for i in 0..<size { base[i] = first &+ i &* step }
    left = left.lowerBound + size..<left.upperBound
    return Chunk(base, size)
  }
}

/// Partitions that are read by readers that a closure creates.
package final class ReadersRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let readers: [@Sendable () -> ChunkReader<Element>]

  package init(
    _ readers: [@Sendable () -> ChunkReader<Element>], _ context: MartletContext, _ site: OperatorSite
  ) {
    self.readers = readers
    super.init(context: context, site: site)
  }

  package override var partitionCount: Int { readers.count }
  package override var isKnownEmpty: Bool { readers.isEmpty }

  package override func compute(partition: Int) throws -> ChunkReader<Element> { readers[partition]() }
}

/// An RDD without elements.
package final class EmptyRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let partitions: Int
  private let keyPartitioner: AnyPartitioner?

  package init(
    _ context: MartletContext, _ site: OperatorSite, partitions: Int = 0, partitioner: AnyPartitioner? = nil
  ) {
    self.partitions = partitions
    keyPartitioner = partitioner
    super.init(context: context, site: site)
  }

  package override var partitionCount: Int { partitions }
  package override var partitioner: AnyPartitioner? { keyPartitioner }
  package override var isKnownEmpty: Bool { true }
  package override var needsPreparation: Bool { false }
}

extension MartletContext {
  /// Creates an RDD of the elements of a sequence.
  ///
  /// - Parameter numSlices: the number of partitions; by default the default parallelism. If it is less than 1, the
  ///   first action throws an error.
  public func parallelize<Elements: Sequence>(
    _ elements: Elements, _ numSlices: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Elements.Element> where Elements.Element: Sendable {
    let site = OperatorSite("parallelize", file, line)
    let slices = numSlices ?? defaultParallelism
    return refusal(ofPartitions: slices, site) ?? ParallelCollectionRDD(Array(elements), slices: slices, self, site)
  }

  /// The integers from `start` up to, but not including, `end`, at a distance of `step`.
  ///
  /// If `step` is 0, or there are more numbers than an `Int` can count, actions on the result throw `MartletError`.
  public func range(
    _ start: Int, _ end: Int, step: Int = 1, numSlices: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Int> {
    let site = OperatorSite("range", file, line)
    guard step != 0 else { return FailedRDD(self, site, site.refuses("the step is 0.")) }
    let isEmpty = step > 0 ? start >= end : start <= end
    // Distances between Ints can be twice as large as an Int.
    let distance = isEmpty ? 0 : UInt(bitPattern: step > 0 ? end &- start : start &- end)
    let whole = distance.quotientAndRemainder(dividingBy: step.magnitude)
    let numbers = whole.quotient + (whole.remainder > 0 ? 1 : 0)
    guard let count = Int(exactly: numbers) else {
      return FailedRDD(
        self, site, site.refuses("the range has \(numbers) numbers; the maximum is \(Int.max). Use a larger step."))
    }
    let slices = numSlices ?? defaultParallelism
    return refusal(ofPartitions: slices, site)
      ?? RangeRDD(start: start, step: step, count: count, slices: slices, self, site)
  }

  /// An RDD without elements and without partitions.
  public func emptyRDD<Element: Sendable>(
    of type: Element.Type = Element.self, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    EmptyRDD(self, OperatorSite("emptyRDD", file, line))
  }
}

/// An RDD that could not be created: its first action throws the error.
package final class FailedRDD<Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let error: any Error

  package init(_ context: MartletContext, _ site: OperatorSite, _ error: any Error) {
    self.error = error
    super.init(context: context, site: site)
  }

  package override func prepare() throws { throw error }
}
