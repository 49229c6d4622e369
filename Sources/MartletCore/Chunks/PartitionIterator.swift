// Unsafe code. Invariant: the elements from `cursor.next` up to `cursor.end` are initialized and owned by the iterator.
// The cursor lives behind a pointer, because a change of a class's property would be checked for each element.

/// The elements of one partition, in order. It can be iterated once.
///
/// A closure that reaches the end of its iterator has seen the whole partition, so it may commit its results:
///
/// ```swift
/// try rdd.foreachPartition { records in
///   let transaction = try database.begin()
///   for record in records { try transaction.write(record) }
///   try transaction.commit()
/// }
/// ```
/// If the partition cannot be computed, the task fails and the closure is not called. If elements that were moved to
/// disk cannot be read back, the task fails and the closure never continues: its thread waits forever.
public final class PartitionIterator<Element>: Sequence, IteratorProtocol {
  @usableFromInline
  struct Cursor {
    @usableFromInline var next: UnsafeMutablePointer<Element>?
    @usableFromInline var end: UnsafeMutablePointer<Element>?
  }

  @usableFromInline let cursor: UnsafeMutablePointer<Cursor>
  private var reader: ChunkReader<Element>
  private let onFailure: (any Error) -> Void
  /// The error that ended the iterator early.
  package private(set) var failure: (any Error)?
  /// True if the last element has been returned.
  package private(set) var isAtEnd = false

  /// - Parameter onFailure: called if the next element cannot be computed. The iterator ends if it returns.
  package init(_ reader: ChunkReader<Element>, onFailure: @escaping (any Error) -> Void = { _ in }) {
    self.reader = reader
    self.onFailure = onFailure
    cursor = .allocate(capacity: 1)
    cursor.initialize(to: Cursor())
  }

  deinit {
    discardChunk()
    cursor.deallocate()
  }

  /// The next element, or `nil` at the end.
  @inlinable
  public func next() -> Element? {
    if cursor.pointee.next == cursor.pointee.end { refill() }
    guard let element = cursor.pointee.next else { return nil }
    cursor.pointee.next = element + 1
    return element.move()
  }

  /// Moves the cursor to the next chunk, or to an empty range at the end.
  @usableFromInline
  func refill() {
    cursor.pointee = Cursor()
    guard failure == nil, !isAtEnd else { return }
    do {
      if let chunk = try reader.next() {
        cursor.pointee = Cursor(next: chunk.base, end: chunk.base + chunk.count)
      } else {
        isAtEnd = true
      }
    } catch {
      failure = error
      // `onFailure` may never return, so the reader's resources, such as a file, are released first.
      reader = ChunkReader()
      onFailure(error)
    }
  }

  /// True if there is no next element, or it cannot be computed: see `failure`. Computes the next ones if necessary.
  package var isEmpty: Bool {
    if cursor.pointee.next == cursor.pointee.end { refill() }
    return cursor.pointee.next == nil
  }

  /// Passes the remaining elements to `body`, which takes them, a chunk at a time.
  /// - Throws: the errors of `body`, or `failure`.
  package func forEachChunk(_ body: (Chunk<Element>) throws -> Void) throws {
    while !isEmpty {
      guard let next = cursor.pointee.next, let end = cursor.pointee.end else { break }
      cursor.pointee.next = end
      try body(Chunk(next, end - next))
    }
    if let failure { throw failure }
  }

  private func discardChunk() {
    guard let next = cursor.pointee.next, let end = cursor.pointee.end else { return }
    next.deinitialize(count: end - next)
  }
}
