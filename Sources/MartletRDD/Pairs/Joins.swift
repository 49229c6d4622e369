public import MartletCore

/// The groups of a cogroup, expanded into joined pairs.
final class JoinedRDD<Key: Hashable & Sendable, Left: Sendable, Right: Sendable, Element: Sendable>:
  NarrowRDD<(Key, ([Left], [Right])), Element>, @unchecked Sendable
{
  private let kernel: JoinKernel<Key, Left, Right, Element>

  init(
    _ parent: RDD<(Key, ([Left], [Right]))>, _ kernel: @escaping JoinKernel<Key, Left, Right, Element>,
    _ site: OperatorSite
  ) {
    self.kernel = kernel
    super.init(parent, site, preservesPartitioning: true)
  }

  override func compute(partition: Int) throws -> ChunkReader<Element> {
    JoinReader(try parent.reader(partition), kernel).whileNotCancelled()
  }
}

/// Applies a join kernel; groups with many pairs are expanded in several steps.
private final class JoinReader<Key, Left, Right, Output>: ChunkReader<Output> {
  private let parent: ChunkReader<(Key, ([Left], [Right]))>
  private let kernel: JoinKernel<Key, Left, Right, Output>
  private let output = ElementBuffer<Output>(capacity: chunkCapacity + 64)
  private var pending: Chunk<(Key, ([Left], [Right]))>?
  private var taken = 0

  init(
    _ parent: ChunkReader<(Key, ([Left], [Right]))>, _ kernel: @escaping JoinKernel<Key, Left, Right, Output>
  ) {
    self.parent = parent
    self.kernel = kernel
  }

  deinit { pending?.discard() }

  override func next() throws -> Chunk<Output>? {
    while true {
      guard let groups = try pending ?? parent.next() else { return nil }
      pending = nil
      let done = kernel(groups.base, groups.count, output, &taken)
      if done < groups.count { pending = groups.dropFirst(done) }
      if output.count > 0 { return output.takeAll() }
    }
  }
}

extension RDD {
  @usableFromInline
  package func joined<Key: Hashable, Left, Right, Output: Sendable>(
    _ other: RDD<(Key, Right)>, _ kernels: JoinKernels<Key, Left, Right, Output>, _ partitioner: Partitioner<Key>?,
    _ site: OperatorSite
  ) -> RDD<Output> where Element == (Key, Left) {
    JoinedRDD(coGrouped(other, kernels.group, partitioner, site), kernels.expand, site)
  }

  /// A pair for each pair of values of this RDD and the other with the same key.
  ///
  /// An RDD that is already partitioned like the result is not shuffled. Keys are in the order of this RDD, then of the
  /// other; the values of a key are in the order of their partitions.
  /// - Parameter numPartitions: the number of partitions of the result. By default, that of a parent that is
  ///   partitioned by key; otherwise that of the largest parent, or `martlet.default.parallelism` if it is set.
  @inlinable @inline(__always)
  public func join<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left, Right))> where Element == (Key, Left) {
    joined(other, innerJoinKernels(), hashPartitioner(numPartitions), OperatorSite("join", file, line))
  }

  /// The same as `join`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func join<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left, Right))> where Element == (Key, Left) {
    joined(other, innerJoinKernels(), partitioner, OperatorSite("join", file, line))
  }

  /// Each value with each value of the other RDD for the same key, or with `nil` if there is none.
  @inlinable @inline(__always)
  public func leftOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left, Right?))> where Element == (Key, Left) {
    joined(other, leftOuterJoinKernels(), hashPartitioner(numPartitions), OperatorSite("leftOuterJoin", file, line))
  }

  /// The same as `leftOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func leftOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left, Right?))> where Element == (Key, Left) {
    joined(other, leftOuterJoinKernels(), partitioner, OperatorSite("leftOuterJoin", file, line))
  }

  /// Each value of the other RDD with each value of this one for the same key, or with `nil` if there is none.
  @inlinable @inline(__always)
  public func rightOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left?, Right))> where Element == (Key, Left) {
    joined(other, rightOuterJoinKernels(), hashPartitioner(numPartitions), OperatorSite("rightOuterJoin", file, line))
  }

  /// The same as `rightOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func rightOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left?, Right))> where Element == (Key, Left) {
    joined(other, rightOuterJoinKernels(), partitioner, OperatorSite("rightOuterJoin", file, line))
  }

  /// Each value of either RDD with each value of the other for the same key, or with `nil` if there is none.
  @inlinable @inline(__always)
  public func fullOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left?, Right?))> where Element == (Key, Left) {
    joined(other, fullOuterJoinKernels(), hashPartitioner(numPartitions), OperatorSite("fullOuterJoin", file, line))
  }

  /// The same as `fullOuterJoin`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func fullOuterJoin<Key: Hashable, Left, Right>(
    _ other: RDD<(Key, Right)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, (Left?, Right?))> where Element == (Key, Left) {
    joined(other, fullOuterJoinKernels(), partitioner, OperatorSite("fullOuterJoin", file, line))
  }
}
