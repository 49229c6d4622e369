/// Appends more results of one partition to the buffer; appends nothing at the end.
public typealias ResultSource<Output> = (ElementBuffer<Output>) throws -> Void

/// Begins the work on a partition, given its number and its elements.
public typealias PartitionKernel<Input, Output> =
  @Sendable (Int, PartitionIterator<Input>) throws -> ResultSource<Output>

/// Begins the work on two partitions of the same number.
public typealias ZipPartitionsKernel<First, Second, Output> =
  @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> ResultSource<Output>

@inlinable @inline(__always)
package func partitionKernel<Input, Results: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (Int, PartitionIterator<Input>) throws -> Results
) -> PartitionKernel<Input, Results.Element> where Results.Iterator: SendableMetatype {
  { partition, elements in resultSource(try transform(partition, elements)) }
}

@inlinable @inline(__always)
package func zipPartitionsKernel<First, Second, Results: Sequence & SendableMetatype>(
  _ transform: @escaping @Sendable (PartitionIterator<First>, PartitionIterator<Second>) throws -> Results
) -> ZipPartitionsKernel<First, Second, Results.Element> where Results.Iterator: SendableMetatype {
  { first, second in resultSource(try transform(first, second)) }
}

/// Takes a chunk at a time from a sequence.
@inlinable @inline(__always)
package func resultSource<Results: Sequence>(_ results: Results) -> ResultSource<Results.Element> {
  var kept = results.makeIterator()
  return { output in
    var iterator = kept
    var cursor = OutputCursor(output)
    while cursor.count < chunkCapacity, let element = iterator.next() { cursor.append(element) }
    cursor.finish()
    kept = iterator
  }
}

/// Applies a partition kernel to its parent, as far as results are asked for.
package final class PartitionKernelReader<Output>: ChunkReader<Output> {
  private let begin: () throws -> ResultSource<Output>
  private let upstreamFailure: () -> (any Error)?
  private let site: OperatorSite
  private let output = ElementBuffer<Output>(capacity: chunkCapacity)
  private var source: ResultSource<Output>?
  private var isAtEnd = false

  package init<Input>(
    _ parent: ChunkReader<Input>, _ partition: Int, _ kernel: @escaping PartitionKernel<Input, Output>,
    _ site: OperatorSite
  ) {
    let elements = PartitionIterator(parent)
    begin = { try kernel(partition, elements) }
    upstreamFailure = { elements.failure }
    self.site = site
  }

  package init<First, Second>(
    _ first: ChunkReader<First>, _ second: ChunkReader<Second>,
    _ kernel: @escaping ZipPartitionsKernel<First, Second, Output>, _ site: OperatorSite
  ) {
    let firsts = PartitionIterator(first)
    let seconds = PartitionIterator(second)
    begin = { try kernel(firsts, seconds) }
    upstreamFailure = { firsts.failure ?? seconds.failure }
    self.site = site
  }

  package override func next() throws -> Chunk<Output>? {
    if isAtEnd { return nil }
    do {
      // Set once: a closure that is read and stored again gets a wrapper each time.
      if source == nil { source = try begin() }
      try source?(output)
    } catch {
      throw upstreamFailure() ?? site.failure(error)
    }
    if let failure = upstreamFailure() { throw failure }
    isAtEnd = output.count == 0
    return isAtEnd ? nil : output.takeAll()
  }
}
