public import MartletCore

/// The buckets between ascending bounds.
@frozen @usableFromInline
package struct Buckets: Sendable {
  @usableFromInline let bounds: [Double]
  @usableFromInline let isEven: Bool

  /// - Parameter isEven: true if all are equally wide, so that no search is needed.
  @usableFromInline
  package init(_ bounds: [Double], isEven: Bool) {
    self.bounds = bounds
    // Bounds with an infinite difference need a search.
    self.isEven = isEven && (bounds[bounds.count - 1] - bounds[0]).isFinite
  }

  @usableFromInline package var count: Int { bounds.count - 1 }

  /// The index of the bucket of a number; `nil` if it is outside of all, as NaN is. The last bucket includes its upper
  /// bound.
  @inlinable
  package func index(of number: Double) -> Int? {
    let (least, greatest) = (bounds[0], bounds[bounds.count &- 1])
    guard number >= least && number <= greatest else { return nil }
    if isEven {
      if greatest == least { return 0 }
      return Swift.min(Int((number - least) / (greatest - least) * Double(bounds.count &- 1)), bounds.count &- 2)
    }
    var (low, high) = (0, bounds.count &- 1)
    while high &- low > 1 {
      let middle = (low &+ high) / 2
      if bounds[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }
}

extension RDD {
  @usableFromInline
  package func evenBuckets(
    _ count: Int, _ kernel: @escaping FoldKernel<Element, StatCounter>, _ site: OperatorSite
  ) throws -> Buckets {
    guard count >= 1 else { throw site.refuses("the number of buckets is \(count); it must be at least 1.") }
    let stats = try counter(kernel, site)
    let (least, greatest) = (stats.min, stats.max)
    guard least.isFinite && greatest.isFinite else {
      throw site.refuses(
        stats.count == 0
          ? "the RDD is empty, so the buckets have no bounds. Pass the bounds instead."
          : "the elements include NaN or infinity, so the buckets have no bounds. Filter these out, or pass the bounds."
      )
    }
    if least == greatest { return Buckets([least, least], isEven: true) }
    let span = greatest - least
    let inner = (0..<count).map { step in
      span.isFinite
        ? least + Double(step) * span / Double(count)
        : least * (1 - Double(step) / Double(count)) + greatest * (Double(step) / Double(count))
    }
    return Buckets(inner + [greatest], isEven: true)
  }

  @usableFromInline
  package func buckets(_ bounds: [Double], isEven: Bool, _ site: OperatorSite) throws -> Buckets {
    guard bounds.count >= 2 else {
      throw site.refuses("the number of bounds is \(bounds.count); it must be at least 2.")
    }
    for (lower, upper) in Swift.zip(bounds, bounds.dropFirst()) where !(lower < upper) {
      throw site.refuses("the bound \(upper) comes after \(lower); the bounds must ascend.")
    }
    return Buckets(bounds, isEven: isEven)
  }

  @usableFromInline
  package func counted(
    _ buckets: Buckets, _ kernel: @escaping FoldKernel<Element, [Int]>, _ site: OperatorSite
  ) throws -> [Int] {
    let none = Array(repeating: 0, count: buckets.count)
    return try folded(none, kernel, into: none, site) { total, part in
      for number in total.indices { total[number] += part[number] }
    }
  }
}

extension RDD {
  /// The loops of both kinds of `histogram`, over elements that `number` converts to numbers.
  @inlinable @inline(__always)
  package func histogram(
    _ bucketCount: Int, _ site: OperatorSite, _ number: @escaping @Sendable (Element) -> Double
  ) throws -> (buckets: [Double], counts: [Int]) {
    let buckets = try evenBuckets(bucketCount, foldKernel { $0.merge(number($1)) }, site)
    return (buckets.bounds, try histogram(buckets, site, number))
  }

  @inlinable @inline(__always)
  package func histogram(
    _ buckets: Buckets, _ site: OperatorSite, _ number: @escaping @Sendable (Element) -> Double
  ) throws -> [Int] {
    try counted(buckets, foldKernel { if let n = buckets.index(of: number($1)) { $0[n] += 1 } }, site)
  }
}

extension RDD where Element: BinaryFloatingPoint {
  /// The numbers of elements in `bucketCount` equally wide buckets between the least and the greatest element, and the
  /// bounds of the buckets, one more than there are buckets.
  ///
  /// A bucket includes its lower bound, and the last one also its upper bound. If all elements are equal, there is one
  /// bucket.
  /// - Throws: `MartletError` with the code `invalidArgument` if there are no elements, or NaN or infinity among them.
  @inlinable @inline(__always)
  public func histogram(
    _ bucketCount: Int, file: StaticString = #fileID, line: UInt = #line
  ) throws -> (buckets: [Double], counts: [Int]) {
    try histogram(bucketCount, OperatorSite("histogram", file, line)) { Double($0) }
  }

  /// The numbers of elements between each of `buckets` and the next. Elements outside of all buckets, and NaN, are not
  /// counted.
  ///
  /// A bucket includes its lower bound, and the last one also its upper bound.
  /// - Parameters:
  ///   - buckets: at least two ascending bounds. They may be infinite.
  ///   - evenBuckets: true if the bounds are equidistant, so that each element is counted in constant time.
  @inlinable @inline(__always)
  public func histogram(
    _ buckets: [Double], evenBuckets: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Int] {
    let site = OperatorSite("histogram", file, line)
    return try histogram(self.buckets(buckets, isEven: evenBuckets, site), site) { Double($0) }
  }
}

extension RDD where Element: FixedWidthInteger {
  /// The numbers of elements in `bucketCount` equally wide buckets between the least and the greatest element, and the
  /// bounds of the buckets, as for floating-point numbers.
  ///
  /// - Throws: `MartletError` with the code `invalidArgument` if there are no elements.
  @inlinable @inline(__always)
  public func histogram(
    _ bucketCount: Int, file: StaticString = #fileID, line: UInt = #line
  ) throws -> (buckets: [Double], counts: [Int]) {
    try histogram(bucketCount, OperatorSite("histogram", file, line)) { Double($0) }
  }

  /// The numbers of elements between each of `buckets` and the next, as for floating-point numbers.
  @inlinable @inline(__always)
  public func histogram(
    _ buckets: [Double], evenBuckets: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Int] {
    let site = OperatorSite("histogram", file, line)
    return try histogram(self.buckets(buckets, isEven: evenBuckets, site), site) { Double($0) }
  }
}
