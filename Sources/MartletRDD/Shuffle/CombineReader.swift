import MartletCore
import Synchronization

/// Merges the next pairs into a table; false if there are no more.
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

/// Reads its inputs to their ends into a table, then hands out the table's entries.
///
/// Whether the table is too large is asked once a chunk.
final class CombineReader<Key: Hashable, Combined>: ChunkReader<(Key, Combined)> {
  private var inputs: ArraySlice<() throws -> TableInput<Key, Combined>>
  private var input: TableInput<Key, Combined>?
  private let merge: CombineKernel<Key, Combined, Combined>
  private let stage: CombineStage
  private let context: MartletContext
  private let site: OperatorSite
  /// How often the keys have been cut by their hashes already.
  private let level: Int
  private let space: SpillSpace<(Key, Combined)>
  private var table: AggregationTable<Key, Combined>
  private let sizeHint: TableSizeHint
  private var inputEnded = false
  /// What of the table has not been handed out.
  private var entries: Chunk<(Key, Combined)>?
  private var spill: CombineSpill<Key, Combined>?
  /// The sub-partitions that were written to disk.
  private var subPartitions: ChunkReader<(Key, Combined)>?
  private var gauge = TableGauge()

  /// - Parameters:
  ///   - inputs: read one after the other, each made when its turn comes.
  ///   - merge: merges entries that were written to disk.
  ///   - sizeHint: how large the tables of other partitions became.
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

  /// Reads until the table must be handed out, or the sub-partitions can be.
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

/// Judges how much memory a table takes.
private struct TableGauge {
  private var checks = 0
  private var pointedBytes = 0

  /// Whether the table takes more than the budget, and can be written to disk.
  mutating func isOver<Key, Value>(
    _ table: borrowing AggregationTable<Key, Value>, _ space: SpillSpace<(Key, Value)>
  ) -> Bool {
    // By the entries that there are: a table may be made larger than its partition turns out to need.
    let room = min(table.capacity, 2 * table.count)
    let own = room * (MemoryLayout<(Key, Value)>.stride + 2 * MemoryLayout<UInt64>.size)
    guard own > min(space.budget, 64 << 10), let codec = space.codec else { return false }
    // Looking at entries all over the table waits for memory: not every time.
    if checks & 15 == 0 { pointedBytes = codec.pointedBytes(table.entries, table.count, samples: 32) }
    checks += 1
    return own + pointedBytes > space.budget
  }
}
