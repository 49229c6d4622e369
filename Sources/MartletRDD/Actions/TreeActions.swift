public import MartletCore

extension RDD {
  /// The results of the partitions, merged in `depth` rounds. All but the last round run in tasks.
  @usableFromInline
  package func mergedInRounds<Result: Sendable>(
    _ parts: [Result], depth: Int, _ site: OperatorSite,
    _ merge: @escaping @Sendable (Result, Result) throws -> Result
  ) throws -> Result? {
    var parts = parts
    // The size of groups for which `depth` rounds are enough.
    let count = parts.count
    let scale = (2...Swift.max(2, count)).first { depth >= 64 || pow($0, depth) >= count } ?? 2
    while parts.count > scale + (parts.count + scale - 1) / scale {
      let before = parts
      parts = try context.runTasks(0..<(parts.count + scale - 1) / scale, site) { group in
        let members = before[group * scale..<Swift.min(before.count, (group + 1) * scale)]
        return try members.dropFirst().reduce(members[group * scale], merge)
      }
    }
    guard let first = parts.first else { return nil }
    do { return try parts.dropFirst().reduce(first, merge) } catch { throw site.failure(error) }
  }

  private func pow(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { power, _ in
      let (product, overflow) = power.multipliedReportingOverflow(by: base)
      return overflow ? .max : product
    }
  }

  @usableFromInline
  package func refuseDepth(_ depth: Int, _ site: OperatorSite) throws {
    guard depth < 1 else { return }
    throw site.refuses("the depth is \(depth); it must be at least 1.")
  }

  /// The same as `reduce`, but the results of partitions are combined in several rounds, of which all but the last run
  /// in tasks: for many partitions and an expensive `combine`.
  ///
  /// - Parameter depth: the approximate number of rounds; at least 1.
  /// - Throws: `MartletError` with the code `emptyCollection` if there are no elements.
  @inlinable @inline(__always)
  public func treeReduce(
    _ combine: @escaping @Sendable (Element, Element) throws -> Element, depth: Int = 2,
    file: StaticString = #fileID, line: UInt = #line
  ) throws -> Element {
    let site = OperatorSite("treeReduce", file, line)
    try refuseDepth(depth, site)
    let parts = try folded(nil, reduceKernel(combine), site).compactMap { $0 }
    guard let result = try mergedInRounds(parts, depth: depth, site, combine) else { throw site.isEmpty }
    return result
  }

  /// The same as `aggregate`, but the results of partitions are merged in several rounds, of which all but the last run
  /// in tasks: for many partitions and an expensive `combOp`.
  ///
  /// - Parameters:
  ///   - zero: the initial result of each partition; it must be neutral.
  ///   - depth: the approximate number of rounds; at least 1.
  @inlinable @inline(__always)
  public func treeAggregate<Result: Sendable>(
    _ zero: Result, _ seqOp: @escaping @Sendable (Result, Element) throws -> Result,
    _ combOp: @escaping @Sendable (Result, Result) throws -> Result, depth: Int = 2, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> Result {
    let site = OperatorSite("treeAggregate", file, line)
    try refuseDepth(depth, site)
    let parts = try folded(zero, foldKernel { $0 = try seqOp($0, $1) }, site)
    return try mergedInRounds(parts, depth: depth, site, combOp) ?? zero
  }
}
