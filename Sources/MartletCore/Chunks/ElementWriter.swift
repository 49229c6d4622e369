// Unsafe code. Invariant: as in `OutputCursor`. A writer cannot be copied, and its creator destroys it before the
// buffer is used again.

/// Takes the elements that a ``PartitionReader`` reads.
///
/// A reader appends elements until the writer is full, and continues with the next call:
///
/// ```swift
/// mutating func read(into writer: inout ElementWriter<Text>) throws -> Bool {
///   while !writer.isFull {
///     guard let line = try file.nextLine() else { return false }
///     writer.append(line)
///   }
///   return true
/// }
/// ```
public struct ElementWriter<Element>: ~Copyable {
  @usableFromInline var output: OutputCursor<Element>

  /// Creates a writer after the elements in `buffer`.
  package init(_ buffer: ElementBuffer<Element>) { output = OutputCursor(buffer) }

  deinit { output.finish() }

  /// The number of elements appended so far.
  @inlinable public var count: Int { output.count }

  /// A Boolean value that indicates whether there are enough elements for one step: about 1,024.
  ///
  /// More can be appended, but all of them are in memory at once.
  @inlinable public var isFull: Bool { output.count >= chunkCapacity }

  /// Appends one element.
  @inlinable @inline(__always)
  public mutating func append(_ element: consuming Element) { output.append(element) }

  /// Appends the elements of a sequence, in order.
  @inlinable
  public mutating func append(contentsOf elements: some Sequence<Element>) {
    for element in elements { output.append(element) }
  }
}
