// Unsafe code. Invariant: the elements from `cursor.next` up to `cursor.end` are initialised and owned by the iterator.
// The cursor lives behind a pointer, because a change of a class's property would be checked for each element.

/// The elements of one partition, one after the other, computed as they are asked for.
///
/// It can be passed over once. When computing an element fails, the iterator ends early, and the task fails with that
/// error, whatever is made of the elements before.
public final class PartitionIterator<Element>: Sequence, IteratorProtocol {
  @usableFromInline
  struct Cursor {
    @usableFromInline var next: UnsafeMutablePointer<Element>?
    @usableFromInline var end: UnsafeMutablePointer<Element>?
  }

  @usableFromInline let cursor: UnsafeMutablePointer<Cursor>
  private let reader: ChunkReader<Element>
  /// Why the iterator ended before its time.
  package private(set) var failure: (any Error)?

  package init(_ reader: ChunkReader<Element>) {
    self.reader = reader
    cursor = .allocate(capacity: 1)
    cursor.initialize(to: Cursor())
  }

  deinit {
    discardChunk()
    cursor.deallocate()
  }

  /// The next element; `nil` when there are no more.
  @inlinable
  public func next() -> Element? {
    if cursor.pointee.next == cursor.pointee.end { refill() }
    guard let element = cursor.pointee.next else { return nil }
    cursor.pointee.next = element + 1
    return element.move()
  }

  /// Sets the cursor to the next chunk, or to nothing at the end.
  @usableFromInline
  func refill() {
    cursor.pointee = Cursor()
    guard failure == nil else { return }
    do {
      guard let chunk = try reader.next() else { return }
      cursor.pointee = Cursor(next: chunk.base, end: chunk.base + chunk.count)
    } catch {
      failure = error
    }
  }

  private func discardChunk() {
    guard let next = cursor.pointee.next, let end = cursor.pointee.end else { return }
    next.deinitialize(count: end - next)
  }
}
