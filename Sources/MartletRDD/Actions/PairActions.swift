public import MartletCore

extension RDD {
  /// The pairs as a dictionary. If a key occurs several times, its last value is used.
  ///
  /// NaN is one key, here and in the other dictionaries of results. But Swift's dictionaries cannot look it up, because
  /// it is not equal to itself: loop over the dictionary, or use `lookup(_:)`.
  public func collectAsMap<Key: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Key: Value] where Element == (Key, Value) {
    let pairs = try collect(OperatorSite("collectAsMap", file, line))
    return dictionary(pairs) { $1 }
  }

  /// The number of pairs with each key.
  @inlinable @inline(__always)
  public func countByKey<Key: Hashable, Value>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Key: Int] where Element == (Key, Value) {
    let site = OperatorSite("countByKey", file, line)
    return try mapped(mapKernel { ($0.0, 1) }, site).reducedLocally(reduceKernels(+), site, +)
  }

  /// The values of each key, combined two at a time, as a dictionary; without a shuffle.
  @inlinable @inline(__always)
  public func reduceByKeyLocally<Key: Hashable, Value>(
    _ combine: @escaping @Sendable (Value, Value) throws -> Value, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Key: Value] where Element == (Key, Value) {
    try reducedLocally(reduceKernels(combine), OperatorSite("reduceByKeyLocally", file, line), combine)
  }

  /// Combines by key within the partitions, and merges their results on the calling thread.
  @usableFromInline
  package func reducedLocally<Key: Hashable, Value>(
    _ kernels: CombineKernels<Key, Value, Value>, _ site: OperatorSite, _ combine: (Value, Value) throws -> Value
  ) throws -> [Key: Value] where Element == (Key, Value) {
    let pairs = try CombinedRDD(self, kernels.combine, merge: kernels.merge, .last, TableSizeHint(), site).collect(site)
    do { return try dictionary(pairs, uniquingKeysWith: combine) } catch { throw site.failure(error) }
  }

  /// The values of `key`. Only computes its partition if the RDD is partitioned by key.
  @inlinable @inline(__always)
  public func lookup<Key: Hashable, Value>(
    _ key: Key, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Value] where Element == (Key, Value) {
    try lookedUp(
      key, foldKernel { if $1.0 == key || SameKey($1.0) == SameKey(key) { $0.append($1.1) } },
      OperatorSite("lookup", file, line))
  }

  @usableFromInline
  package func lookedUp<Key: Hashable, Value>(
    _ key: Key, _ kernel: @escaping FoldKernel<Element, [Value]>, _ site: OperatorSite
  ) throws -> [Value] where Element == (Key, Value) {
    guard let partitioner = partitioner as? Partitioner<Key> else {
      return try folded([], kernel, into: [], site) { $0 += $1 }
    }
    let partition: Int
    do { partition = try partitioner.partition(of: key) } catch { throw site.failure(error) }
    return try context.runJob(self, partitions: partition..<partition + 1, site) { try $0.fold([], kernel) }
      .flatMap { $0 }
  }
}

extension RDD where Element: Hashable {
  /// The number of occurrences of each distinct element.
  @inlinable @inline(__always)
  public func countByValue(file: StaticString = #fileID, line: UInt = #line) throws -> [Element: Int] {
    let site = OperatorSite("countByValue", file, line)
    return try mapped(mapKernel { ($0, 1) }, site).reducedLocally(reduceKernels(+), site, +)
  }
}

extension RDD {
  /// The number of occurrences of each distinct pair. Tuples cannot be keys of a dictionary; `Pair` can.
  @inlinable @inline(__always)
  public func countByValue<First: Hashable, Second: Hashable>(
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Pair<First, Second>: Int] where Element == (First, Second) {
    let site = OperatorSite("countByValue", file, line)
    return try mapped(mapKernel { (Pair($0.0, $0.1), 1) }, site).reducedLocally(reduceKernels(+), site, +)
  }
}
