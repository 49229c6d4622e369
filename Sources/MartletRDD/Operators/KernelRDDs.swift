public import MartletCore

/// An RDD whose partitions are those of its parent, passed through a reader.
package class NarrowRDD<Input: Sendable, Element: Sendable>: RDD<Element>, @unchecked Sendable {
  private let heldParent: Parent
  private let keptPartitioner: AnyPartitioner?

  init(_ parent: RDD<Input>, _ site: OperatorSite, preservesPartitioning: Bool = false) {
    heldParent = Parent(parent)
    keptPartitioner = preservesPartitioning ? parent.partitioner : nil
    super.init(context: parent.context, site: site)
  }

  final var parent: RDD<Input> { heldParent.rdd(of: Input.self) }

  package override var parents: [any Lineage] { parent.isCut ? [] : [parent] }
  package override func cutParents() { heldParent.cut(Input.self) }
  package override func visitParents(_ body: (any Lineage) throws -> Void) rethrows { try body(parent) }
  package override var partitionCount: Int { parent.knownPartitionCount }
  package override var partitionsAreThoseOf: (any Lineage)? { parent }
  package override var partitioner: AnyPartitioner? { keptPartitioner }
}

/// `map`, and operators based on it.
package final class MappedRDD<Input: Sendable, Element: Sendable>: NarrowRDD<Input, Element>, @unchecked Sendable {
  private let kernel: MapKernel<Input, Element>

  init(
    _ parent: RDD<Input>, _ kernel: @escaping MapKernel<Input, Element>, _ site: OperatorSite,
    preservesPartitioning: Bool = false
  ) {
    self.kernel = kernel
    super.init(parent, site, preservesPartitioning: preservesPartitioning)
  }

  package override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    MapReader(try parent.reader(partition), kernel, site)
  }
}

/// `filter`.
package final class FilteredRDD<Element: Sendable>: NarrowRDD<Element, Element>, @unchecked Sendable {
  private let kernel: FilterKernel<Element>

  init(_ parent: RDD<Element>, _ kernel: @escaping FilterKernel<Element>, _ site: OperatorSite) {
    self.kernel = kernel
    super.init(parent, site, preservesPartitioning: true)
  }

  package override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    FilterReader(try parent.reader(partition), kernel, site)
  }
}

/// `flatMap`, and operators based on it.
package final class FlatMappedRDD<Input: Sendable, Element: Sendable>: NarrowRDD<Input, Element>, @unchecked Sendable {
  private let kernel: FlatMapKernel<Input, Element>

  init(
    _ parent: RDD<Input>, _ kernel: @escaping FlatMapKernel<Input, Element>, _ site: OperatorSite,
    preservesPartitioning: Bool = false
  ) {
    self.kernel = kernel
    super.init(parent, site, preservesPartitioning: preservesPartitioning)
  }

  package override var isKnownEmpty: Bool { parent.isSurelyEmpty }

  package override func compute(partition: Int) throws -> ChunkReader<Element> {
    FlatMapReader(try parent.reader(partition), kernel, site).whileNotCancelled()
  }
}

extension RDD {
  @usableFromInline
  package func mapped<Output: Sendable>(
    _ kernel: @escaping MapKernel<Element, Output>, _ site: OperatorSite, preservesPartitioning: Bool = false
  ) -> RDD<Output> {
    MappedRDD(self, kernel, site, preservesPartitioning: preservesPartitioning)
  }

  @usableFromInline
  package func filtered(_ kernel: @escaping FilterKernel<Element>, _ site: OperatorSite) -> RDD<Element> {
    FilteredRDD(self, kernel, site)
  }

  @usableFromInline
  package func flatMapped<Output: Sendable>(
    _ kernel: @escaping FlatMapKernel<Element, Output>, _ site: OperatorSite, preservesPartitioning: Bool = false
  ) -> RDD<Output> {
    FlatMappedRDD(self, kernel, site, preservesPartitioning: preservesPartitioning)
  }
}

extension RDD {
  /// Every element, transformed.
  @inlinable @inline(__always)
  public func map<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Output> {
    mapped(mapKernel(transform), OperatorSite("map", file, line))
  }

  /// The elements that satisfy the condition.
  @inlinable @inline(__always)
  public func filter(
    _ isIncluded: @escaping @Sendable (Element) throws -> Bool, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    filtered(filterKernel(isIncluded), OperatorSite("filter", file, line))
  }

  /// The elements of the sequences that the closure returns for each element.
  @inlinable @inline(__always)
  public func flatMap<Segment: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Segment, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Segment.Element> where Segment.Element: Sendable, Segment.Iterator: SendableMetatype {
    flatMapped(flatMapKernel(transform), OperatorSite("flatMap", file, line))
  }

  /// The results of the closure that are not nil.
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
  ) -> RDD<Output> {
    flatMapped(compactMapKernel(transform), OperatorSite("compactMap", file, line))
  }

  /// An optional is not a sequence: `compactMap` keeps the results that are not `nil`.
  @available(*, unavailable, renamed: "compactMap(_:)")
  @_disfavoredOverload
  public func flatMap<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output?, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Output> {
    compactMap(transform, file: file, line: line)
  }
}
