// Unsafe code. Invariant: the receiver of a chunk owns its elements: it moves each of them out or deinitializes it,
// exactly once, before it requests the next chunk. The memory itself stays with its provider.

/// A run of elements that one operator passes to the next.
@frozen
public struct Chunk<Element> {
  @usableFromInline package var base: UnsafeMutablePointer<Element>
  @usableFromInline package var count: Int

  @inlinable
  package init(_ base: UnsafeMutablePointer<Element>, _ count: Int) {
    self.base = base
    self.count = count
  }

  /// Deinitializes elements that are not needed.
  @inlinable
  package func discard() { base.deinitialize(count: count) }

  /// The elements from `offset` on.
  @inlinable
  package func dropFirst(_ offset: Int) -> Chunk<Element> { Chunk(base + offset, count - offset) }
}

/// The approximate number of elements that operators pass on at once: enough to make the cost of a step negligible, few
/// enough to stay in the processor's nearest cache.
@usableFromInline package let chunkCapacity = 1024

/// One pass over the elements of one partition, a chunk at a time.
///
/// Every operator of a pipeline is a reader that pulls from its parent. A reader belongs to one task and is read by one
/// thread.
// Open for the other floors. It cannot be created outside of the package.
open class ChunkReader<Element> {
  @usableFromInline package init() {}

  /// The next elements, at least one, or `nil` at the end. The caller takes the elements.
  open func next() throws -> Chunk<Element>? { nil }
}

extension ChunkReader {
  /// Reads to the end, passing each chunk to `body`, which takes the elements.
  @inlinable
  package func forEachChunk(_ body: (Chunk<Element>) throws -> Void) throws {
    while let chunk = try next() { try body(chunk) }
  }

  /// Reads to the end into one buffer.
  package func readAll() throws -> ElementBuffer<Element> {
    let all = ElementBuffer<Element>()
    try forEachChunk(all.append)
    return all
  }
}
