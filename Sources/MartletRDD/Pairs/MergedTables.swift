public import MartletCore

/// Merges pairs, which remain their owner's, into a table.
@usableFromInline package typealias TableKernel<Key: Hashable, Value> =
  @Sendable (UnsafeMutablePointer<(Key, Value)>, Int, inout AggregationTable<Key, Value>) throws -> Void

/// Adds pairs: the value of an existing key is changed by `update`.
@inlinable @inline(__always)
package func addKernel<Key: Hashable & Sendable, Value: Sendable>(
  _ update: @escaping @Sendable (inout Value, Value) throws -> Void
) -> TableKernel<Key, Value> {
  { source, count, table in try table.merge(sharing: source, count, create: { $0 }, update: update) }
}

/// Subtracts pairs from existing keys.
@inlinable @inline(__always)
package func subtractKernel<Key: Hashable & Sendable, Value: Sendable>(
  _ subtract: @escaping @Sendable (Value, Value) throws -> Value
) -> TableKernel<Key, Value> {
  { source, count, table in try table.update(sharing: source, count) { $0 = try subtract($0, $1) } }
}

/// Tables with the same partitioning, merged in sequence, partition by partition: nothing is shuffled or copied.
package final class MergedTablesRDD<Key: Hashable & Sendable, Value: Sendable>: RDD<(Key, Value)>, @unchecked Sendable {
  /// A table with unique keys, and the kernel that merges it.
  package struct Part: Sendable {
    let table: KeptRDD<(Key, Value)>
    let kernel: TableKernel<Key, Value>

    package init(_ table: KeptRDD<(Key, Value)>, _ kernel: @escaping TableKernel<Key, Value>) {
      self.table = table
      self.kernel = kernel
    }
  }

  private let parts: [Part]
  private let target: Partitioner<Key>
  private let mergeSpilled: CombineKernel<Key, Value, Value>?

  /// - Parameter mergeSpilled: merges entries that were written to disk because the result exceeds a task's memory.
  ///   Without it the result stays in memory: a part that subtracts must find all additions of the previous parts.
  package init(
    _ parts: [Part], _ target: Partitioner<Key>, mergeSpilled: CombineKernel<Key, Value, Value>?,
    _ context: MartletContext, _ site: OperatorSite
  ) {
    self.parts = parts
    self.target = target
    self.mergeSpilled = mergeSpilled
    super.init(context: context, site: site)
  }

  package override var parents: [any Lineage] { parts.map { $0.table } }
  package override var partitionCount: Int { target.numPartitions }
  package override func countOwnPartitions(depth: Int) -> Int? { target.numPartitions }
  package override var partitioner: AnyPartitioner? { target }
  package override var isKnownEmpty: Bool { parts.allSatisfy { $0.table.isSurelyEmpty } }

  package override func compute(partition: Int) throws -> ChunkReader<(Key, Value)> {
    let sizeHint = TableSizeHint()
    for part in parts { sizeHint.note(part.table.count(partition)) }
    let inputs = parts.map { part -> () throws -> TableInput<Key, Value> in
      { [site] in
        let pass = try part.table.sharedPass(partition)
        return { table in
          try pass.next { base, count in
            do { try part.kernel(base, count, &table) } catch { throw site.failure(error) }
          }
        }
      }
    }
    return CombineReader(
      inputs, merge: mergeSpilled ?? { _, _, _ in }, .last, context, site,
      level: mergeSpilled == nil ? CombineSpill<Key, Value>.maximumLevel : 0, sizeHint: sizeHint)
  }
}
