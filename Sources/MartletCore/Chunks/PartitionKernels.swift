/// Appends more results of one partition to the buffer; appends nothing at the end.
@usableFromInline package typealias ResultSource<Output> = (ElementBuffer<Output>) throws -> Void

/// A function from the number and elements of a partition to a source of results.
@usableFromInline package struct PartitionKernel<Input, Output>: Sendable {
  package let begin: @Sendable (Int, PartitionIterator<Input>) throws -> ResultSource<Output>
  /// True if taking results calls no user code that could see where the elements end.
  package let isTransparent: Bool

  @usableFromInline
  package init(
    isTransparent: Bool, begin: @escaping @Sendable (Int, PartitionIterator<Input>) throws -> ResultSource<Output>
  ) {
    self.begin = begin
    self.isTransparent = isTransparent
  }
}

/// A function from two partitions with the same number to a source of results.
@usableFromInline package struct ZipPartitionsKernel<First, Second, Output>: Sendable {
  package let begin: @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> ResultSource<Output>
  /// True if taking results calls no user code that could see where the elements end.
  package let isTransparent: Bool

  @usableFromInline
  package init(
    isTransparent: Bool,
    begin: @escaping @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> ResultSource<Output>
  ) {
    self.begin = begin
    self.isTransparent = isTransparent
  }
}

@inlinable @inline(__always)
package func partitionKernel<Input, Results: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Int, PartitionIterator<Input>) throws -> Results
) -> PartitionKernel<Input, Results.Element> where Results.Iterator: SendableMetatype {
  PartitionKernel(isTransparent: isTransparent(Results.self)) { partition, elements in
    resultSource(try transform(partition, elements))
  }
}

@inlinable @inline(__always)
package func zipPartitionsKernel<First, Second, Results: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> Results
) -> ZipPartitionsKernel<First, Second, Results.Element> where Results.Iterator: SendableMetatype {
  ZipPartitionsKernel(isTransparent: isTransparent(Results.self)) { first, second in
    resultSource(try transform(first, second))
  }
}

/// Takes one chunk at a time from a sequence, and never asks again after its end.
@inlinable @inline(__always)
package func resultSource<Results: Sequence>(_ results: Results) -> ResultSource<Results.Element> {
  var kept: Results.Iterator? = results.makeIterator()
  return { output in
    guard var iterator = kept else { return }
    var cursor = OutputCursor(output)
    var hasMore = true
    while cursor.count < chunkCapacity {
      guard let element = iterator.next() else {
        hasMore = false
        break
      }
      cursor.append(element)
    }
    cursor.finish()
    kept = hasMore ? iterator : nil
  }
}
