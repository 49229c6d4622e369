public import MartletCore

extension RDD {
  /// The precision for a standard error.
  @usableFromInline
  package func precision(relativeSD: Double, _ site: OperatorSite) throws -> Int {
    guard let precision = HyperLogLog.precision(relativeSD: relativeSD) else {
      throw site.refuses("the relative standard deviation is \(relativeSD); it must be from 0.00026 to less than 1.")
    }
    return precision
  }

  @usableFromInline
  package func approximatelyCounted(
    _ precision: Int, _ kernel: @escaping FoldKernel<Element, HyperLogLog>, _ site: OperatorSite
  ) throws -> Int {
    let none = HyperLogLog(precision: precision)
    return try folded(none, kernel, into: none, site) { $0.merge($1) }.estimate
  }
}

/// The hash used by the estimate, the same in every process. Equal keys have equal hashes.
@usableFromInline
package func distinctHash<Element: Hashable>(_ element: Element, _ watch: KeyWatch<Element>?) -> UInt64 {
  mix(withUnsafePointer(to: element) { partitionHash($0, watch) }, 0x9E37_79B9_7F4A_7C15)
}

extension RDD where Element: Hashable {
  /// The approximate number of distinct elements. Takes much less memory than `distinct().count()`.
  ///
  /// - Parameter relativeSD: the relative standard deviation of the estimate: 0.05 is 5 %, which takes about 400 bytes
  ///   in each task. Half of it takes four times the memory.
  @inlinable @inline(__always)
  public func countApproxDistinct(
    relativeSD: Double = 0.05, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Int {
    let site = OperatorSite("countApproxDistinct", file, line)
    let watch = keyWatch(Element.self)
    return try approximatelyCounted(
      precision(relativeSD: relativeSD, site), foldKernel { $0.add(distinctHash($1, watch)) }, site)
  }
}

extension RDD {
  @usableFromInline
  package func approximatelyCountedByKey<Key: Hashable, Value: Hashable>(
    _ relativeSD: Double, _ partitioner: Partitioner<Key>?, _ site: OperatorSite,
    _ kernels: (HyperLogLog) -> CombineKernels<Key, Value, HyperLogLog>
  ) -> RDD<(Key, Int)> where Element == (Key, Value) {
    do {
      let none = HyperLogLog(precision: try precision(relativeSD: relativeSD, site))
      return combined(kernels(none), partitioner, site)
        .mapped(mapValuesKernel { $0.estimate }, site, keepsPartitioner: true)
    } catch {
      return FailedRDD(context, site, error)
    }
  }

  /// The approximate number of distinct values of each key.
  ///
  /// - Parameters:
  ///   - relativeSD: the relative standard deviation of the estimates: 0.05 is 5 %.
  ///   - numPartitions: the number of partitions of the result, as for `reduceByKey`.
  @inlinable @inline(__always)
  public func countApproxDistinctByKey<Key: Hashable, Value: Hashable>(
    relativeSD: Double = 0.05, _ numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Int)> where Element == (Key, Value) {
    let watch = keyWatch(Value.self)
    return approximatelyCountedByKey(
      relativeSD, hashPartitioner(numPartitions), OperatorSite("countApproxDistinctByKey", file, line)
    ) { none in
      CombineKernels(
        combine: combineKernel(
          create: {
            var one = none
            one.add(distinctHash($0, watch))
            return one
          }, update: { $0.add(distinctHash($1, watch)) }), scatter: scatterKernel(),
        merge: combineKernel(create: { $0 }, update: { $0.merge($1) }))
    }
  }
}
