public import MartletCore

/// Sorts `count` pairs in place by their keys. The sort is stable.
@usableFromInline package typealias SortKernel<Key, Value> = @Sendable (UnsafeMutablePointer<(Key, Value)>, Int) -> Void

/// The loops of a sort by key.
@usableFromInline package struct SortKernels<Key: Sendable, Value: Sendable>: Sendable {
  /// True if the first key is ordered before the second.
  let isBefore: @Sendable (Key, Key) -> Bool
  let sort: SortKernel<Key, Value>
  /// For given bounds between the partitions, puts the number of the partition in front of each pair.
  let route: @Sendable ([Key]) -> MapKernel<(Key, Value), (Int, (Key, Value))>
  let scatter: ScatterKernel<Int, (Key, Value)>

  @usableFromInline
  package init(
    isBefore: @escaping @Sendable (Key, Key) -> Bool, sort: @escaping SortKernel<Key, Value>,
    route: @escaping @Sendable ([Key]) -> MapKernel<(Key, Value), (Int, (Key, Value))>,
    scatter: @escaping ScatterKernel<Int, (Key, Value)>
  ) {
    self.isBefore = isBefore
    self.sort = sort
    self.route = route
    self.scatter = scatter
  }
}

@inlinable @inline(__always)
package func sortKernels<Key: Comparable & Sendable, Value: Sendable>(
  ascending: Bool
) -> SortKernels<Key, Value> {
  SortKernels(
    isBefore: { ascending ? precedes($0, $1) : precedes($1, $0) },
    sort: { base, count in
      var pairs = UnsafeMutableBufferPointer(start: base, count: count)
      if ascending { pairs.sort { precedes($0.0, $1.0) } } else { pairs.sort { precedes($1.0, $0.0) } }
    },
    route: { bounds in
      mapKernel { pair -> (Int, (Key, Value)) in
        let partition = firstIndex(in: bounds) { bound in
          ascending ? !precedes(bound, pair.0) : !precedes(pair.0, bound)
        }
        return (partition, pair)
      }
    },
    scatter: scatterKernel())
}

/// The index of the first of the ordered bounds that is not less than the key; their count if there is none.
@inlinable @inline(__always)
package func firstIndex<Key>(in bounds: [Key], where isReached: (Key) -> Bool) -> Int {
  var low = 0
  var high = bounds.count
  while low < high {
    let middle = (low &+ high) / 2
    if isReached(bounds[middle]) { high = middle } else { low = middle &+ 1 }
  }
  return low
}

/// All pairs in the order of their keys, across and within the partitions.
///
/// A first job takes a sample of the keys, which determines the bounds between the partitions.
final class SortedRDD<Key: Sendable, Value: Sendable>: RDD<(Key, Value)>, @unchecked Sendable {
  private let parent: RDD<(Key, Value)>
  private let wanted: Int?
  private let kernels: SortKernels<Key, Value>
  private let routed = Once<RDD<(Int, (Key, Value))>>()

  init(_ parent: RDD<(Key, Value)>, _ wanted: Int?, _ kernels: SortKernels<Key, Value>, _ site: OperatorSite) {
    self.parent = parent
    self.wanted = wanted
    self.kernels = kernels
    super.init(context: parent.context, site: site)
  }

  override var parents: [any Lineage] { [routed.value ?? parent] }
  override var partitionCount: Int { routed.value?.knownPartitionCount ?? 0 }
  override var partitionsAreThoseOf: (any Lineage)? { wanted == nil ? parent : nil }
  override func countOwnPartitions(depth: Int) -> Int? { hasFacts ? knownPartitionCount : wanted }

  override var ownStageOutputs: [Stage.Output] {
    if routed.value?.isReady ?? false { return [] }
    return routed.value == nil && wanted != 1 ? [.facts, .shuffle] : [.shuffle]
  }

  override func runStages(on executor: LocalExecutor) throws {
    try routed.make {
      let count = wanted ?? parent.knownPartitionCount
      let bounds = count > 1 ? try sampleBounds(count, executor) : []
      let numbered = parent.mapped(kernels.route(bounds), site)
      let target = NumberPartitioner(numPartitions: bounds.count + 1)
      return PartitionedRDD(numbered, target, kernels.scatter, site)
    }
    try routed.value.map { try executor.run(JobSteps($0)) }
  }

  override func compute(partition: Int) throws -> ChunkReader<(Key, Value)> {
    guard let reader = try routed.value?.reader(partition) else { return ChunkReader() }
    return try sortPartition(MapReader(reader, mapKernel { $0.1 }, site), kernels, context)
  }

  /// At most `count - 1` bounds that divide the keys into parts of similar size.
  private func sampleBounds(_ count: Int, _ executor: LocalExecutor) throws -> [Key] {
    let size = Swift.max(1, 60 * count / Swift.max(1, parent.knownPartitionCount))
    let samples = try executor.run(0..<parent.knownPartitionCount, site, depth: parent.readerDepth) {
      [parent] partition in
      try sampleKeys(parent.reader(partition), size, SampleGenerator(seed: 0, partition: partition))
    }
    let weighted = samples.flatMap { sample in
      sample.keys.map { (key: $0, weight: Double(sample.total) / Double(sample.keys.count)) }
    }
    return chooseBounds(weighted.sorted { kernels.isBefore($0.key, $1.key) }, count, kernels.isBefore)
  }
}

/// The elements of one partition, sorted; on disk if they exceed the task's memory.
func sortPartition<Key, Value>(
  _ reader: ChunkReader<(Key, Value)>, _ kernels: SortKernels<Key, Value>, _ context: MartletContext
) throws -> ChunkReader<(Key, Value)> {
  let sorter = ExternalSorter<(Key, Value)>(context, by: { kernels.isBefore($0.0, $1.0) }, sort: kernels.sort)
  try reader.forEachChunk(sorter.add)
  return try sorter.sorted()
}

/// A uniform sample of `size` keys of a partition, and the number of its pairs.
private func sampleKeys<Key, Value>(
  _ reader: ChunkReader<(Key, Value)>, _ size: Int, _ generator: SampleGenerator
) throws -> (keys: [Key], total: Int) {
  var generator = generator
  var keys: [Key] = []
  var total = 0
  try reader.forEachChunk { chunk in
    for i in 0..<chunk.count {
      if keys.count < size {
        keys.append(chunk.base[i].0)
      } else {
        let place = Int.random(in: 0...total, using: &generator)
        if place < size { keys[place] = chunk.base[i].0 }
      }
      total += 1
    }
    chunk.discard()
  }
  return (keys, total)
}

/// Divides sorted keys with weights into `count` parts of similar weight.
func chooseBounds<Key>(
  _ keys: [(key: Key, weight: Double)], _ count: Int, _ isBefore: (Key, Key) -> Bool
) -> [Key] {
  let share = keys.reduce(0) { $0 + $1.weight } / Double(count)
  var bounds: [Key] = []
  var sum = 0.0
  for (key, weight) in keys where bounds.count < count - 1 {
    sum += weight
    guard sum >= share * Double(bounds.count + 1) else { continue }
    if let last = bounds.last, !isBefore(last, key) { continue }
    bounds.append(key)
  }
  return bounds
}

extension RDD {
  @usableFromInline
  package func sorted<Key, Value>(
    _ kernels: SortKernels<Key, Value>, _ numPartitions: Int?, _ site: OperatorSite
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    if let numPartitions, let refusal: RDD<(Key, Value)> = context.refusal(ofPartitions: numPartitions, site) {
      return refusal
    }
    return SortedRDD(self, numPartitions, kernels, site)
  }

  /// The pairs in the order of their keys, across all partitions. The sort is stable. NaN is the greatest
  /// floating-point number.
  ///
  /// The first action also runs a job that takes a sample of the keys.
  /// - Parameter numPartitions: the maximum number of partitions of the result; by default that of this RDD.
  @inlinable @inline(__always)
  public func sortByKey<Key: Comparable, Value>(
    ascending: Bool = true, numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    sorted(sortKernels(ascending: ascending), numPartitions, OperatorSite("sortByKey", file, line))
  }

  /// The same as `sortByKey(ascending:numPartitions:)`.
  @inlinable @inline(__always)
  public func sortByKey<Key: Comparable, Value>(
    _ ascending: Bool, numPartitions: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<(Key, Value)> where Element == (Key, Value) {
    sortByKey(ascending: ascending, numPartitions: numPartitions, file: file, line: line)
  }

  /// The elements in the order of the keys that the closure returns. The sort is stable. NaN is the greatest
  /// floating-point number.
  ///
  /// The first action also runs a job that takes a sample of the keys.
  /// - Parameter numPartitions: the maximum number of partitions of the result; by default that of this RDD.
  @inlinable @inline(__always)
  public func sortBy<Key: Comparable & Sendable>(
    _ key: @escaping @Sendable (Element) throws -> Key, ascending: Bool = true, numPartitions: Int? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    let site = OperatorSite("sortBy", file, line)
    return mapped(mapKernel { (try key($0), $0) }, site)
      .sorted(sortKernels(ascending: ascending), numPartitions, site).mapped(mapKernel { $0.1 }, site)
  }

  /// The same as `sortBy`, with a trailing closure: `counts.sortBy(ascending: false) { $0.1 }`.
  @inlinable @inline(__always)
  public func sortBy<Key: Comparable & Sendable>(
    ascending: Bool, numPartitions: Int? = nil, _ key: @escaping @Sendable (Element) throws -> Key,
    file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    sortBy(key, ascending: ascending, numPartitions: numPartitions, file: file, line: line)
  }
}
