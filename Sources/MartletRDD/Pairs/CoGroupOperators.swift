public import MartletCore

// The group of a cogroup contains an array of values for each of its RDDs.
extension RDD {
  /// For each key of this RDD or the other: all values of this RDD, and all values of the other.
  ///
  /// An RDD that is already partitioned like the result is not shuffled. The values of a key are in the order of their
  /// partitions.
  /// - Parameter numPartitions: the number of partitions of the result. By default, that of a parent that is
  ///   partitioned by key; otherwise that of the largest parent, or `martlet.default.parallelism` if it is set.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second>(
    _ other: RDD<(Key, Second)>, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second]))> where Element == (Key, First) {
    coGrouped(other, coGroupKernels(), hashPartitioner(numPartitions), OperatorSite("cogroup", file, line))
  }

  /// The same as `cogroup`, with the partitioner of the result.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second>(
    _ other: RDD<(Key, Second)>, _ partitioner: Partitioner<Key>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second]))> where Element == (Key, First) {
    coGrouped(other, coGroupKernels(), partitioner, OperatorSite("cogroup", file, line))
  }

  /// Another name of `cogroup`.
  @inlinable @inline(__always)
  public func groupWith<Key: Hashable, First, Second>(
    _ other: RDD<(Key, Second)>, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second]))> where Element == (Key, First) {
    coGrouped(other, coGroupKernels(), nil, OperatorSite("groupWith", file, line))
  }

  /// For each key: all values of this RDD and of each of the two others.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second, Third>(
    _ second: RDD<(Key, Second)>, _ third: RDD<(Key, Third)>, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second], [Third]))> where Element == (Key, First) {
    let site = OperatorSite("cogroup", file, line)
    let merge: CombineKernel<Key, ([First], [Second], [Third]), ([First], [Second], [Third])> = combineKernel(
      create: { $0 },
      update: {
        $0.0.append(contentsOf: $1.0); $0.1.append(contentsOf: $1.1); $0.2.append(contentsOf: $1.2)
      })
    let target = coGroupPartitioner(hashPartitioner(numPartitions), [AnyRDD(second), AnyRDD(third)])
    return coGrouped(
      [
        coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([$0], [], []) }, update: { $0.0.append($1) }),
            mergeCombined: merge),
          target, site),
        second.coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([], [$0], []) }, update: { $0.1.append($1) }),
            mergeCombined: merge),
          target, site),
        third.coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([], [], [$0]) }, update: { $0.2.append($1) }),
            mergeCombined: merge),
          target, site),
      ], target, site)
  }

  /// Another name of `cogroup`.
  @inlinable @inline(__always)
  public func groupWith<Key: Hashable, First, Second, Third>(
    _ second: RDD<(Key, Second)>, _ third: RDD<(Key, Third)>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second], [Third]))> where Element == (Key, First) {
    cogroup(second, third, nil, file: file, line: line)
  }

  /// For each key: all values of this RDD and of each of the three others.
  @inlinable @inline(__always)
  public func cogroup<Key: Hashable, First, Second, Third, Fourth>(
    _ second: RDD<(Key, Second)>, _ third: RDD<(Key, Third)>, _ fourth: RDD<(Key, Fourth)>, _ numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second], [Third], [Fourth]))> where Element == (Key, First) {
    let site = OperatorSite("cogroup", file, line)
    let merge: CombineKernel<Key, ([First], [Second], [Third], [Fourth]), ([First], [Second], [Third], [Fourth])> =
      combineKernel(
        create: { $0 },
        update: {
          $0.0.append(contentsOf: $1.0); $0.1.append(contentsOf: $1.1); $0.2.append(contentsOf: $1.2);
          $0.3.append(contentsOf: $1.3)
        })
    let target = coGroupPartitioner(
      hashPartitioner(numPartitions), [AnyRDD(second), AnyRDD(third), AnyRDD(fourth)])
    return coGrouped(
      [
        coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([$0], [], [], []) }, update: { $0.0.append($1) }),
            mergeCombined: merge),
          target, site),
        second.coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([], [$0], [], []) }, update: { $0.1.append($1) }),
            mergeCombined: merge),
          target, site),
        third.coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([], [], [$0], []) }, update: { $0.2.append($1) }),
            mergeCombined: merge),
          target, site),
        fourth.coGroupSource(
          GroupKernels(
            scatter: scatterKernel(), merge: combineKernel(create: { ([], [], [], [$0]) }, update: { $0.3.append($1) }),
            mergeCombined: merge),
          target, site),
      ], target, site)
  }

  /// Another name of `cogroup`.
  @inlinable @inline(__always)
  public func groupWith<Key: Hashable, First, Second, Third, Fourth>(
    _ second: RDD<(Key, Second)>, _ third: RDD<(Key, Third)>, _ fourth: RDD<(Key, Fourth)>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, ([First], [Second], [Third], [Fourth]))> where Element == (Key, First) {
    cogroup(second, third, fourth, nil, file: file, line: line)
  }
}
