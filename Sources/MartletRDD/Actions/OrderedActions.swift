public import MartletCore

/// Keeps the first `limit` elements of an order; of equal elements, the earlier ones.
@inlinable @inline(__always)
package func smallestKernel<Element>(
  _ limit: Int, _ isBefore: @escaping @Sendable (Element, Element) throws -> Bool
) -> FoldKernel<Element, Smallest<Element>> {
  { source, count, smallest in
    var i = 0
    do {
      while i < count {
        let element = (source + i).move()
        i &+= 1
        if let last = smallest.last, try !isBefore(element, last) { continue }
        smallest.elements.append(element)
        if smallest.elements.count >= smallest.capacity { try smallest.trim(limit, isBefore) }
      }
    } catch {
      (source + i).deinitialize(count: count &- i)
      throw error
    }
  }
}

/// The smallest elements so far, and more that are not sorted yet.
@usableFromInline
package struct Smallest<Element: Sendable>: Sendable {
  @usableFromInline var elements: [Element] = []
  /// Elements that are not ordered before this one are ignored.
  @usableFromInline var last: Element?
  /// The number of elements to collect before they are sorted.
  @usableFromInline let capacity: Int

  @usableFromInline
  package init(limit: Int) { capacity = limit < 512 ? 1024 : limit < Int.max / 2 ? limit * 2 : Int.max }

  @inlinable
  package mutating func trim(_ limit: Int, _ isBefore: (Element, Element) throws -> Bool) throws {
    try elements.sort(by: isBefore)
    guard elements.count >= limit else { return }
    elements.removeLast(elements.count - limit)
    last = elements.last
  }
}

extension RDD {
  @usableFromInline
  package func smallest(
    _ count: Int, _ kernel: @escaping FoldKernel<Element, Smallest<Element>>, _ site: OperatorSite,
    _ isBefore: @escaping @Sendable (Element, Element) throws -> Bool
  ) throws -> [Element] {
    guard count >= 0 else { throw site.refuses("the number of elements is \(count); it must not be negative.") }
    if count == 0 { return try take(0, site) }
    let parts = try context.runJob(self, site) { reader in
      var smallest = try reader.fold(Smallest(limit: count), kernel)
      try smallest.trim(count, isBefore)
      return smallest.elements
    }
    do { return Array(try parts.joined().sorted(by: isBefore).prefix(count)) } catch { throw site.failure(error) }
  }

  /// The first `count` elements by your own order, in that order; of equal elements, the earlier ones.
  ///
  /// - Parameter areInIncreasingOrder: returns true if the first argument is ordered before the second.
  @inlinable @inline(__always)
  public func takeOrdered(
    _ count: Int, by areInIncreasingOrder: @escaping @Sendable (Element, Element) throws -> Bool,
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Element] {
    try smallest(
      count, smallestKernel(count, areInIncreasingOrder), OperatorSite("takeOrdered", file, line),
      areInIncreasingOrder)
  }

  /// The `count` elements with the least keys, in the order of the keys. NaN is the greatest number.
  @inlinable @inline(__always)
  public func takeOrdered<Key: Comparable & SendableMetatype>(
    _ count: Int, key: @escaping @Sendable (Element) throws -> Key, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> [Element] {
    try takeOrdered(count, by: { try precedes(key($0), key($1)) }, file: file, line: line)
  }

  /// The last `count` elements by your own order, the last one first; of equal elements, the earlier ones.
  ///
  /// - Parameter areInIncreasingOrder: returns true if the first argument is ordered before the second.
  @inlinable @inline(__always)
  public func top(
    _ count: Int, by areInIncreasingOrder: @escaping @Sendable (Element, Element) throws -> Bool,
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Element] {
    try smallest(
      count, smallestKernel(count) { try areInIncreasingOrder($1, $0) }, OperatorSite("top", file, line)
    ) { try areInIncreasingOrder($1, $0) }
  }

  /// The `count` elements with the greatest keys, the greatest first: `counts.top(10) { $0.1 }`. NaN is the greatest
  /// number.
  @inlinable @inline(__always)
  public func top<Key: Comparable & SendableMetatype>(
    _ count: Int, key: @escaping @Sendable (Element) throws -> Key, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> [Element] {
    try top(count, by: { try precedes(key($0), key($1)) }, file: file, line: line)
  }
}

extension RDD where Element: Comparable {
  /// The `count` least elements, the least first. NaN is the greatest number.
  @inlinable @inline(__always)
  public func takeOrdered(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Element] {
    try takeOrdered(count, by: { precedes($0, $1) }, file: file, line: line)
  }

  /// The `count` greatest elements, the greatest first. NaN is the greatest number.
  @inlinable @inline(__always)
  public func top(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Element] {
    try top(count, by: { precedes($0, $1) }, file: file, line: line)
  }
}
