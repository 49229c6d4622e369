public import MartletCore

/// The maximum average number of copies of an element. All copies of a chunk's elements are in memory at once.
@usableFromInline package let maximumCopies = 1_000_000.0

/// Moves those of `count` elements whose random number is between the bounds to the front; returns their number.
@usableFromInline
package typealias CellKernel<Element> =
  @Sendable (UnsafeMutablePointer<Element>, Int, Range<Double>, inout SampleGenerator) -> Int

/// Takes `count` elements and appends the number of copies drawn for each.
@usableFromInline
package typealias CopiesKernel<Element, Drawing> =
  @Sendable (UnsafeMutablePointer<Element>, Int, inout Drawing, ElementBuffer<Element>) throws -> Void

@inlinable @inline(__always)
package func cellKernel<Element>() -> CellKernel<Element> {
  { source, count, bounds, generator in
    var kept = 0
    for i in 0..<count {
      if bounds.contains(generator.unit()) {
        if kept < i { (source + kept).moveInitialize(from: source + i, count: 1) }
        kept &+= 1
      } else {
        (source + i).deinitialize(count: 1)
      }
    }
    return kept
  }
}

/// - Parameter copies: draws the number of copies of an element.
@inlinable @inline(__always)
package func copiesKernel<Element, Drawing>(
  _ copies: @escaping @Sendable (Element, inout Drawing) throws -> Int
) -> CopiesKernel<Element, Drawing> {
  { source, count, drawing, output in
    var cursor = OutputCursor(output)
    _ = try takeEach(source, count, &cursor) { place, cursor in
      let element = place.move()
      for _ in 0..<(try copies(element, &drawing)) { cursor.append(element) }
      return true
    }
  }
}

/// A random part of each partition.
final class SampledRDD<Element: Sendable>: NarrowRDD<Element, Element>, @unchecked Sendable {
  private let read: @Sendable (ChunkReader<Element>, SampleGenerator) -> ChunkReader<Element>
  private let seed: Int

  init(
    _ parent: RDD<Element>, seed: Int, _ site: OperatorSite,
    _ read: @escaping @Sendable (ChunkReader<Element>, SampleGenerator) -> ChunkReader<Element>
  ) {
    self.seed = seed
    self.read = read
    super.init(parent, site, keepsPartitioner: true)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    read(try parent.reader(partition), SampleGenerator(seed: seed, partition: partition))
  }
}

private final class CellReader<Element>: ChunkReader<Element> {
  private let parent: ChunkReader<Element>
  private let bounds: Range<Double>
  private var generator: SampleGenerator
  private let kernel: CellKernel<Element>

  init(
    _ parent: ChunkReader<Element>, _ bounds: Range<Double>, _ generator: SampleGenerator,
    _ kernel: @escaping CellKernel<Element>
  ) {
    self.parent = parent
    self.bounds = bounds
    self.generator = generator
    self.kernel = kernel
  }

  override func next() throws -> Chunk<Element>? {
    while let chunk = try parent.next() {
      let kept = kernel(chunk.base, chunk.count, bounds, &generator)
      if kept > 0 { return Chunk(chunk.base, kept) }
    }
    return nil
  }
}

/// Draws the number of copies of each element.
final class CopiesReader<Element, Drawing>: ChunkReader<Element> {
  private let parent: ChunkReader<Element>
  private var drawing: Drawing
  private let kernel: CopiesKernel<Element, Drawing>
  private let end: (Drawing) throws -> Void
  private let output = ElementBuffer<Element>(capacity: chunkCapacity)

  /// - Parameter end: called after the last element.
  init(
    _ parent: ChunkReader<Element>, _ drawing: Drawing, _ kernel: @escaping CopiesKernel<Element, Drawing>,
    end: @escaping (Drawing) throws -> Void = { _ in }
  ) {
    self.parent = parent
    self.drawing = drawing
    self.kernel = kernel
    self.end = end
  }

  override func next() throws -> Chunk<Element>? {
    while let chunk = try parent.next() {
      try kernel(chunk.base, chunk.count, &drawing, output)
      if output.count > 0 { return output.takeAll() }
    }
    try end(drawing)
    return nil
  }
}

extension RDD {
  @usableFromInline
  package func sampled(
    _ bounds: Range<Double>, seed: Int, _ kernel: @escaping CellKernel<Element>, _ site: OperatorSite
  ) -> RDD<Element> {
    SampledRDD(self, seed: seed, site) { CellReader($0, bounds, $1, kernel) }
  }

  @usableFromInline
  package func sampled(
    seed: Int, _ kernel: @escaping CopiesKernel<Element, SampleGenerator>, _ site: OperatorSite
  ) -> RDD<Element> {
    SampledRDD(self, seed: seed, site) { CopiesReader($0, $1, kernel) }
  }

  /// An RDD that throws the error for an invalid argument.
  @usableFromInline
  package func refused<Output>(_ site: OperatorSite, _ reason: String) -> RDD<Output> {
    FailedRDD(context, site, MartletError(.invalidArgument, "\(site.name) at \(site.callSite): \(reason)"))
  }

  /// A random sample of the elements, the same whenever it is computed.
  ///
  /// - Parameters:
  ///   - withReplacement: true if an element can be chosen several times.
  ///   - fraction: the probability of each element, from 0 to 1; with replacement, its average number of copies, from 0
  ///     to 1,000,000.
  ///   - seed: determines the sample; random by default.
  @inlinable @inline(__always)
  public func sample(
    withReplacement: Bool, fraction: Double, seed: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    let site = OperatorSite("sample", file, line)
    let seed = seed ?? Int.random(in: .min ... .max)
    if withReplacement {
      guard fraction >= 0 && fraction <= maximumCopies else {
        return refused(site, "the fraction is \(fraction); with replacement it must be from 0 to 1000000.")
      }
      return sampled(seed: seed, copiesKernel { $1.poisson(mean: fraction) }, site)
    }
    guard fraction >= 0 && fraction <= 1 else {
      return refused(site, "the fraction is \(fraction); it must be from 0 to 1.")
    }
    return sampled(0..<fraction, seed: seed, cellKernel(), site)
  }

  /// The elements, divided at random among the same number of RDDs as there are weights.
  ///
  /// Each element is in exactly one of them. Weights that do not add up to 1 are scaled. If there are no weights, or
  /// one is negative, or all are 0, actions on the results throw `MartletError`.
  @inlinable @inline(__always)
  public func randomSplit(
    _ weights: [Double], seed: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> [RDD<Element>] {
    let site = OperatorSite("randomSplit", file, line)
    let seed = seed ?? Int.random(in: .min ... .max)
    let total = weights.reduce(0, +)
    guard weights.allSatisfy({ $0 >= 0 }) && total > 0 && total.isFinite else {
      return weights.map { _ in
        refused(site, "the weights are \(weights); none may be negative, and at least one must be positive.")
      }
    }
    var sum = 0.0
    return weights.indices.map { i in
      let start = sum / total
      sum += weights[i]
      let end = i == weights.count - 1 ? 1 : sum / total
      return sampled(start..<Swift.max(start, end), seed: seed, cellKernel(), site)
    }
  }
}
