import MartletCore
import Synchronization

/// Merges the next pairs into a table; returns `false` if there are no more.
typealias TableInput<Key: Hashable, Combined> = (inout AggregationTable<Key, Combined>) throws -> Bool

/// The pairs of `reader`, merged by `kernel`.
func tableInput<Key: Hashable, Value, Combined>(
  _ reader: ChunkReader<(Key, Value)>, _ kernel: @escaping CombineKernel<Key, Value, Combined>, _ site: OperatorSite
) -> TableInput<Key, Combined> {
  { table in
    guard let chunk = try reader.next() else { return false }
    do { try kernel(chunk.base, chunk.count, &table) } catch { throw site.failure(error) }
    return true
  }
}

/// Reads its inputs to their ends into a table, then returns the entries of the table.
///
/// Checks once per chunk whether the table is too large.
final class CombineReader<Key: Hashable, Combined>: ChunkReader<(Key, Combined)> {
  private var inputs: ArraySlice<() throws -> TableInput<Key, Combined>>
  private var input: TableInput<Key, Combined>?
  private let merge: CombineKernel<Key, Combined, Combined>
  private let stage: CombineStage
  private let context: MartletContext
  private let site: OperatorSite
  /// The number of times that the keys have already been divided by their hashes.
  private let level: Int
  private let space: SpillSpace<(Key, Combined)>
  private var table: AggregationTable<Key, Combined>
  private let sizeHint: TableSizeHint
  private var inputEnded = false
  /// The entries that have not been returned yet.
  private var entries: Chunk<(Key, Combined)>?
  private var spill: CombineSpill<Key, Combined>?
  /// The sub-partitions that were written to disk.
  private var subPartitions: ChunkReader<(Key, Combined)>?
  private var gauge = TableGauge()

  /// - Parameters:
  ///   - inputs: read in sequence, each created when the previous one ends.
  ///   - merge: merges entries that were written to disk.
  ///   - sizeHint: the sizes of the tables of other partitions.
  init(
    _ inputs: [() throws -> TableInput<Key, Combined>], merge: @escaping CombineKernel<Key, Combined, Combined>,
    _ stage: CombineStage, _ context: MartletContext, _ site: OperatorSite, level: Int = 0,
    sizeHint: TableSizeHint = TableSizeHint()
  ) {
    self.inputs = inputs[...]
    self.merge = merge
    self.stage = stage
    self.context = context
    self.site = site
    self.level = level
    space = SpillSpace(context)
    self.sizeHint = sizeHint
    table = AggregationTable(expectedCount: sizeHint.value)
  }

  deinit { entries?.discard() }

  override func next() throws -> Chunk<(Key, Combined)>? {
    while true {
      if let left = entries, left.count > 0 {
        let size = min(left.count, chunkCapacity)
        entries = left.dropFirst(size)
        return Chunk(left.base, size)
      }
      if let subPartitions { return try subPartitions.next() }
      if inputEnded { return nil }
      if entries != nil { startTable() }
      try readInput()
    }
  }

  /// Reads until the entries of the table, or the sub-partitions, can be returned.
  private func readInput() throws {
    while try mergeNext() {
      guard gauge.isOver(table, space) else { continue }
      switch stage {
      case .beforeShuffle:
        entries = table.takeAll()
        return
      case .last where level < CombineSpill<Key, Combined>.maximumLevel && table.count > 1: try spillTable()
      case .last: break
      }
    }
    inputEnded = true
    sizeHint.note(table.count)
    if spill == nil {
      entries = table.takeAll()
    } else {
      try spillTable()
      readSubPartitions()
    }
  }

  private func mergeNext() throws -> Bool {
    while true {
      if let input, try input(&table) { return true }
      guard let next = inputs.popFirst() else { return false }
      input = try next()
    }
  }

  private func spillTable() throws {
    var spill = self.spill ?? CombineSpill(space, level: level)
    defer { self.spill = spill }
    defer { startTable() }
    try spill.write(table.takeAll())
  }

  private func readSubPartitions() {
    let readers = spill?.readers() ?? []
    spill = nil
    subPartitions = ConcatenatedReader(readers.indices) { [merge, context, site, level] number in
      let input = tableInput(try readers[number](), merge, site)
      return CombineReader([{ input }], merge: merge, .last, context, site, level: level + 1)
    }
  }

  private func startTable() {
    entries = nil
    table = AggregationTable()
    gauge = TableGauge()
  }
}

/// Estimates the memory of a table.
private struct TableGauge {
  private var checks = 0
  private var pointedBytes = 0

  /// Returns true if the table exceeds the budget, and can be written to disk.
  mutating func isOver<Key, Value>(
    _ table: borrowing AggregationTable<Key, Value>, _ space: SpillSpace<(Key, Value)>
  ) -> Bool {
    // By the number of entries: a table may be allocated larger than its partition turns out to need.
    let room = min(table.capacity, 2 * table.count)
    let own = room * (MemoryLayout<(Key, Value)>.stride + 2 * MemoryLayout<UInt64>.size)
    guard own > min(space.budget, 64 << 10), let codec = space.codec else { return false }
    // Looking at entries all over the table waits for memory, so it is not done every time.
    if checks & 15 == 0 { pointedBytes = codec.pointedBytes(table.entries, table.count, samples: 32) }
    checks += 1
    return own + pointedBytes > space.budget
  }
}
