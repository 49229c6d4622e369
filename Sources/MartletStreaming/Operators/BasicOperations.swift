public import MartletCore
public import MartletRDD

// Operators that only look at one batch, like those of RDD.
extension DStream {
  /// Every element, transformed.
  @inlinable @inline(__always)
  public func map<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    mapped(mapKernel(transform), OperatorSite("map", file, line))
  }

  /// The elements that satisfy the condition.
  @inlinable @inline(__always)
  public func filter(
    _ isIncluded: @escaping @Sendable (Element) throws -> Bool, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    filtered(filterKernel(isIncluded), OperatorSite("filter", file, line))
  }

  /// The elements of the sequences that the closure returns for each element.
  @inlinable @inline(__always)
  public func flatMap<Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Segment.Element> where Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapKernel(transform), OperatorSite("flatMap", file, line))
  }

  /// The results of the closure that are not `nil`.
  ///
  /// ```swift
  /// let numbers = lines.compactMap { Int($0) }
  /// ```
  ///
  /// A closure of several statements that begins with `return nil` needs its result type, as for Swift's own
  /// `compactMap`: `{ line -> (Text, Int)? in … }`.
  @inlinable @inline(__always)
  public func compactMap<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output?, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    flatMapped(compactMapKernel(transform), OperatorSite("compactMap", file, line))
  }

  /// An optional is not a sequence: `compactMap` keeps the results that are not `nil`.
  @available(*, unavailable, renamed: "compactMap(_:)")
  @_disfavoredOverload
  public func flatMap<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output?, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Output> {
    compactMap(transform, file: file, line: line)
  }

  /// The elements of each partition, as one array.
  public func glom(file: StaticString = #fileID, line: UInt = #line) -> DStream<[Element]> {
    let site = OperatorSite("glom", file, line)
    return perBatch(site) { rdd, _ in rdd.glommed(site) }
  }

  /// The results of the closure for all elements of a partition, which have been computed before it is called: see
  /// `mapPartitions` of `RDD`.
  @inlinable @inline(__always)
  public func mapPartitions<Results: Sequence & SendableMetatype>(
    preservesPartitioning: Bool = false,
    _ transform: @escaping @Sendable (PartitionIterator<Element>) throws -> Results, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsMapped(
      partitionKernel { _, elements in try transform(elements) }, OperatorSite("mapPartitions", file, line),
      keepsPartitioner: preservesPartitioning)
  }

  /// The results of the closure for the number of a partition, from 0, and all its elements.
  @inlinable @inline(__always)
  public func mapPartitionsWithIndex<Results: Sequence & SendableMetatype>(
    preservesPartitioning: Bool = false,
    _ transform: @escaping @Sendable (Int, PartitionIterator<Element>) throws -> Results,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Results.Element> where Results.Element: Sendable, Results.Iterator: SendableMetatype {
    partitionsMapped(
      partitionKernel(transform), OperatorSite("mapPartitionsWithIndex", file, line),
      keepsPartitioner: preservesPartitioning)
  }

  /// The same elements, spread evenly over `numPartitions` partitions.
  @inlinable @inline(__always)
  public func repartition(
    _ numPartitions: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    repartitioned(numPartitions, repartitionKernels(), OperatorSite("repartition", file, line))
  }

  /// The elements of this stream and another. Both must have the same slide duration.
  public func union(
    _ other: DStream<Element>, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Element> {
    context.union([self, other], file: file, line: line)
  }
}

// Operators with one element per batch.
extension DStream {
  /// The number of elements in each batch; 0 for an empty one.
  public func count(file: StaticString = #fileID, line: UInt = #line) -> DStream<Int> {
    let site = OperatorSite("count", file, line)
    return perBatch(site) { rdd, _ in rdd.counted(site) }
  }

  /// The elements of each batch, combined two at a time; no element for an empty batch. `combine` must be associative
  /// and commutative.
  @inlinable @inline(__always)
  public func reduce(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Element> {
    reduced(reduceKernel(combine), OperatorSite("reduce", file, line))
  }

  /// The number of occurrences of each element in each batch.
  ///
  /// - Parameter numPartitions: the number of partitions of the result; by default the default parallelism.
  @inlinable @inline(__always)
  public func countByValue(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<(Element, Int)> where Element: Hashable {
    let site = OperatorSite("countByValue", file, line)
    return mapped(mapKernel { ($0, 1) }, site).combined(
      reduceKernels { $0 + $1 }, hashPartitioner(numPartitions, site), site)
  }
}
