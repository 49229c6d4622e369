public import MartletCore

/// The loops of `distinct`: to make keys of the elements, to drop equal ones, and to make elements of them again.
@usableFromInline package struct DistinctKernels<Element: Sendable, Key: Hashable & Sendable>: Sendable {
  @usableFromInline let key: MapKernel<Element, (Key, Void)>
  @usableFromInline let combine: CombineKernels<Key, Void, Void>
  @usableFromInline let element: MapKernel<(Key, Void), Element>

  @usableFromInline
  package init(
    key: @escaping MapKernel<Element, (Key, Void)>, combine: CombineKernels<Key, Void, Void>,
    element: @escaping MapKernel<(Key, Void), Element>
  ) {
    self.key = key
    self.combine = combine
    self.element = element
  }
}

@inlinable @inline(__always)
package func distinctKernels<Element: Sendable, Key: Hashable & Sendable>(
  key: @escaping @Sendable (Element) -> Key, element: @escaping @Sendable (Key) -> Element
) -> DistinctKernels<Element, Key> {
  DistinctKernels(
    key: mapKernel { (key($0), ()) }, combine: reduceKernels { first, _ in first },
    element: mapKernel { element($0.0) })
}

/// The loops of `intersection` and of `subtract`: with keys made of the elements, and elements made of the keys left.
@usableFromInline package struct SetKernels<Element: Sendable, Key: Hashable & Sendable>: Sendable {
  @usableFromInline let key: MapKernel<Element, (Key, Void)>
  @usableFromInline let group: CoGroupKernels<Key, Void, Void>
  @usableFromInline let element: FlatMapKernel<(Key, ([Void], [Void])), Element>

  @usableFromInline
  package init(
    key: @escaping MapKernel<Element, (Key, Void)>, group: CoGroupKernels<Key, Void, Void>,
    element: @escaping FlatMapKernel<(Key, ([Void], [Void])), Element>
  ) {
    self.key = key
    self.group = group
    self.element = element
  }
}

/// Each element as often as `copies` says, given how often the two RDDs have it.
@inlinable @inline(__always)
package func setKernels<Element: Sendable, Key: Hashable & Sendable>(
  key: @escaping @Sendable (Element) -> Key, element: @escaping @Sendable (Key) -> Element,
  copies: @escaping @Sendable (Int, Int) -> Int
) -> SetKernels<Element, Key> {
  SetKernels(
    key: mapKernel { (key($0), ()) }, group: coGroupKernels(),
    element: flatMapKernel { repeatElement(element($0.0), count: copies($0.1.0.count, $0.1.1.count)) })
}

extension RDD {
  @usableFromInline
  package func distinct<Key>(
    _ kernels: DistinctKernels<Element, Key>, _ numPartitions: Int?, _ site: OperatorSite
  ) -> RDD<Element> {
    mapped(kernels.key, site).combined(kernels.combine, hashPartitioner(numPartitions), site)
      .mapped(kernels.element, site)
  }

  @usableFromInline
  package func setOperation<Key>(
    _ other: RDD<Element>, _ kernels: SetKernels<Element, Key>, _ numPartitions: Int?, _ site: OperatorSite
  ) -> RDD<Element> {
    mapped(kernels.key, site)
      .coGrouped(other.mapped(kernels.key, site), kernels.group, hashPartitioner(numPartitions), site)
      .flatMapped(kernels.element, site)
  }
}

extension RDD where Element: Hashable {
  /// The different elements, each once.
  @inlinable @inline(__always)
  public func distinct(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    distinct(distinctKernels(key: { $0 }, element: { $0 }), numPartitions, OperatorSite("distinct", file, line))
  }

  /// The different elements that this RDD and the other have both, each once.
  @inlinable @inline(__always)
  public func intersection(
    _ other: RDD<Element>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    setOperation(
      other, setKernels(key: { $0 }, element: { $0 }, copies: { $0 > 0 && $1 > 0 ? 1 : 0 }), numPartitions,
      OperatorSite("intersection", file, line))
  }

  /// The elements that the other RDD does not have; those that this RDD has several times stay several.
  @inlinable @inline(__always)
  public func subtract(
    _ other: RDD<Element>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    setOperation(
      other, setKernels(key: { $0 }, element: { $0 }, copies: { $1 > 0 ? 0 : $0 }), numPartitions,
      OperatorSite("subtract", file, line))
  }
}

// Tuples are not `Hashable`; these do the same for pairs.
extension RDD {
  /// The different pairs, each once.
  @inlinable @inline(__always)
  public func distinct<First: Hashable, Second: Hashable>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (First, Second) {
    distinct(
      distinctKernels(key: { Pair($0.0, $0.1) }, element: { ($0.first, $0.second) }), numPartitions,
      OperatorSite("distinct", file, line))
  }

  /// The different pairs that this RDD and the other have both, each once.
  @inlinable @inline(__always)
  public func intersection<First: Hashable, Second: Hashable>(
    _ other: RDD<Element>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (First, Second) {
    setOperation(
      other,
      setKernels(
        key: { Pair($0.0, $0.1) }, element: { ($0.first, $0.second) }, copies: { $0 > 0 && $1 > 0 ? 1 : 0 }),
      numPartitions, OperatorSite("intersection", file, line))
  }

  /// The pairs that the other RDD does not have; those that this RDD has several times stay several.
  @inlinable @inline(__always)
  public func subtract<First: Hashable, Second: Hashable>(
    _ other: RDD<Element>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (First, Second) {
    setOperation(
      other,
      setKernels(key: { Pair($0.0, $0.1) }, element: { ($0.first, $0.second) }, copies: { $1 > 0 ? 0 : $0 }),
      numPartitions, OperatorSite("subtract", file, line))
  }
}
