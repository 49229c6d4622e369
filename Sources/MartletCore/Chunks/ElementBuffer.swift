// Unsafe code. Invariant: exactly the elements `base[0 ..< count]` are initialized, and this object owns them.

/// A growable run of elements, filled by operators that make more, or fewer, elements than they read.
@usableFromInline package final class ElementBuffer<Element>: @unchecked Sendable {
  // Sendable: one task fills a buffer and passes it on; once several threads have it, nothing changes it.
  @usableFromInline package private(set) var base: UnsafeMutablePointer<Element>
  @usableFromInline package var count = 0
  @usableFromInline package private(set) var capacity: Int

  @usableFromInline
  package init(capacity: Int = 0) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// Makes space for at least one more element after the first `count`, which are kept.
  @usableFromInline
  package func grow(count: Int) -> UnsafeMutablePointer<Element> {
    self.count = count
    reserve(Swift.max(16, capacity * 2))
    return base
  }

  /// Makes space for `wanted` elements in total.
  package func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }

  /// Adds one element.
  package func append(element: consuming Element) {
    if count == capacity { reserve(Swift.max(16, capacity * 2)) }
    (base + count).initialize(to: element)
    count += 1
  }

  /// Takes the elements of `chunk`.
  package func append(_ chunk: Chunk<Element>) {
    if count + chunk.count > capacity { reserve(Swift.max(count + chunk.count, capacity * 2)) }
    (base + count).moveInitialize(from: chunk.base, count: chunk.count)
    count += chunk.count
  }

  /// Returns all elements and leaves the buffer empty; the memory stays valid until the next element is written.
  package func takeAll() -> Chunk<Element> {
    defer { count = 0 }
    return Chunk(base, count)
  }

  /// Copies a part of the elements.
  package func copy(_ range: Range<Int>, to target: UnsafeMutablePointer<Element>) {
    target.initialize(from: base + range.lowerBound, count: range.count)
  }

  /// Moves all elements into an array.
  package func takeArray() -> [Element] {
    let chunk = takeAll()
    // All empty arrays share one object, which must not be written to.
    if chunk.count == 0 { return [] }
    return Array(unsafeUninitializedCapacity: chunk.count) { target, initialized in
      target.baseAddress?.moveInitialize(from: chunk.base, count: chunk.count)
      initialized = chunk.count
    }
  }
}
