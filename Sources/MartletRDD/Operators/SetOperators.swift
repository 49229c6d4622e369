public import MartletCore

/// The loops of `distinct`, which convert elements to keys, drop equal ones, and convert keys to elements.
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

/// The loops of `intersection` and `subtract`, with conversions between elements and keys.
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

/// Each element, with the number of copies that `copies` returns for its numbers in the two RDDs.
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
  /// The distinct elements.
  @inlinable @inline(__always)
  public func distinct(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    distinct(distinctKernels(key: { $0 }, element: { $0 }), numPartitions, OperatorSite("distinct", file, line))
  }

  /// The distinct elements that are in both this RDD and the other.
  @inlinable @inline(__always)
  public func intersection(
    _ other: RDD<Element>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    setOperation(
      other, setKernels(key: { $0 }, element: { $0 }, copies: { $0 > 0 && $1 > 0 ? 1 : 0 }), numPartitions,
      OperatorSite("intersection", file, line))
  }

  /// The elements that are not in the other RDD, including duplicates.
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
  /// The distinct pairs.
  @inlinable @inline(__always)
  public func distinct<First: Hashable, Second: Hashable>(
    _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> where Element == (First, Second) {
    distinct(
      distinctKernels(key: { Pair($0.0, $0.1) }, element: { ($0.first, $0.second) }), numPartitions,
      OperatorSite("distinct", file, line))
  }

  /// The distinct pairs that are in both this RDD and the other.
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

  /// The pairs that are not in the other RDD, including duplicates.
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
