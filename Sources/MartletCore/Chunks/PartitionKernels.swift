/// Appends more results of one partition to the buffer; appends nothing at the end.
@usableFromInline package typealias ResultSource<Output> = (ElementBuffer<Output>) throws -> Void

/// The work on a partition, given its number and its elements.
@usableFromInline package struct PartitionKernel<Input, Output>: Sendable {
  package let begin: @Sendable (Int, PartitionIterator<Input>) throws -> ResultSource<Output>
  /// Whether taking results calls no code of the user's that could see where the elements end.
  package let isTransparent: Bool

  @usableFromInline
  package init(
    isTransparent: Bool, begin: @escaping @Sendable (Int, PartitionIterator<Input>) throws -> ResultSource<Output>
  ) {
    self.begin = begin
    self.isTransparent = isTransparent
  }
}

/// The work on two partitions of the same number.
@usableFromInline package struct ZipPartitionsKernel<First, Second, Output>: Sendable {
  package let begin: @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> ResultSource<Output>
  /// Whether taking results calls no code of the user's that could see where the elements end.
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

/// Takes a chunk at a time from a sequence, which is not asked again once it has ended.
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
