package import MartletCore
package import MartletRDD
import Synchronization

/// The loops of a window over pairs.
package struct WindowReduction<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>: Sendable {
  /// Combines the pairs of some batches by key.
  package let reduce: @Sendable (RDD<(Key, Input)>) -> RDD<(Key, Value)>
  /// Adds a newer table to an older one.
  package let add: TableKernel<Key, Value>
  package let partitioner: Partitioner<Key>
}

/// The sums by key of each pane of a window: computed by the first window that needs them, and stored until the last.
///
/// An empty pane has no table.
package final class PaneTables<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>: Sendable {
  package typealias Table = KeptRDD<(Key, Value)>

  package let span: WindowSpan
  package let reduction: WindowReduction<Key, Input, Value>
  private let parent: DStream<(Key, Input)>
  private let site: OperatorSite
  package let unwritable = UnwritableElements()
  private let tables = Mutex<[PaneGroup: Table?]>([:])
  /// Tables of single batches, by their times, for panes that are longer and have not been made yet.
  private let parts = Mutex<[Time: Table?]>([:])
  /// Tables that may not have been computed yet, and so retain their input, and the end time of each.
  private let unprepared = Mutex<[(end: Time, table: Table)]>([])

  package init(
    _ parent: DStream<(Key, Input)>, _ span: WindowSpan, _ reduction: WindowReduction<Key, Input, Value>,
    _ site: OperatorSite
  ) {
    self.parent = parent
    self.span = span
    self.reduction = reduction
    self.site = site
  }

  /// The table of a group of panes; `nil` if it is empty.
  package func table(_ group: PaneGroup, _ zero: Time) throws -> Table? {
    if let known = tables.withLock({ $0[group] }) { return known }
    let made = group.level == 0 ? try pane(group.index, zero) : try merged(try group.parts.map { try table($0, zero) })
    return tables.withLock { tables in
      if let known = tables[group] { return known }
      tables[group] = .some(made)
      return made
    }
  }

  private func pane(_ index: Int, _ zero: Time) throws -> Table? {
    let times = span.times(ofPane: index, zero)
    let tables = try times.map { try part($0) }.compactMap { $0 }
    parts.withLock { parts in
      for time in times { parts[time] = nil }
    }
    guard tables.count > 1, let end = times.last else { return tables.first }
    return keep(merge(tables), through: end)
  }

  /// The table of the batch at `time`, which will be added to those of other batches later; `nil` if it is empty.
  ///
  /// Batches are combined at their own times, so that only their sums need be retained.
  @discardableResult
  package func part(_ time: Time) throws -> Table? {
    if let known = parts.withLock({ $0[time] }) { return known }
    var made: Table?
    if let rdd = try parent.rdd(at: time), !rdd.isKnownEmpty { made = keep(reduction.reduce(rdd), through: time) }
    parts.withLock { $0[time] = .some(made) }
    return made
  }

  private func keep(_ rdd: RDD<(Key, Value)>, through end: Time) -> Table {
    let table = KeptRDD(rdd, unwritable, site)
    unprepared.withLock { $0.append((end, table)) }
    return table
  }

  /// Computes the tables up to `time`, unless that has been done.
  package func prepare(through time: Time) throws {
    let due = unprepared.withLock { unprepared in
      if unprepared.isEmpty { return [Table]() }
      let due = unprepared.filter { $0.end <= time }.map(\.table)
      unprepared.removeAll { $0.end <= time }
      return due
    }
    for table in due where !table.isKept { try table.makeReady() }
  }

  private func merged(_ tables: [Table?]) throws -> Table? {
    let tables = tables.compactMap { $0 }
    return tables.count < 2 ? tables.first : KeptRDD(merge(tables), unwritable, site)
  }

  /// The sum of tables, oldest first.
  package func merge(_ tables: [Table]) -> MergedTablesRDD<Key, Value> {
    let add = reduction.add
    return MergedTablesRDD(
      tables.map { .init($0, add) }, reduction.partitioner,
      mergeSpilled: { source, count, table in
        defer { source.deinitialize(count: count) }
        try add(source, count, &table)
      }, parent.context.sparkContext, site)
  }

  /// Forgets tables that begin before this pane.
  package func forget(before index: Int, _ zero: Time) {
    let start = zero + .nanoseconds(span.pane.nanoseconds * Int64(index))
    parts.withLock { parts in
      if parts.contains(where: { $0.key <= start }) { parts = parts.filter { $0.key > start } }
    }
    let old = tables.withLock { tables in
      let old = tables.filter { $0.key.panes.lowerBound < index }
      for group in old.keys { tables[group] = nil }
      return old
    }
    // The resources of a table are released outside of the lock.
    withExtendedLifetime(old) {}
  }

  /// The number of stored tables.
  package var count: Int { tables.withLock { $0.count } }
}

/// Panes whose sums are stored as one table: one pane, or four groups of the level below.
///
///     level 1  [-------------] [-------------] [-----
///     level 0  [-] [-] [-] [-] [-] [-] [-] [-] [-] [-
///     window               [-]=[-------------]=[-]        6 panes, 3 tables
package struct PaneGroup: Hashable, Sendable {
  package var level: Int
  package var index: Int

  package init(pane: Int) {
    level = 0
    index = pane
  }

  private init(level: Int, index: Int) {
    self.level = level
    self.index = index
  }

  /// The groups that it consists of.
  package var parts: [PaneGroup] {
    (0..<4).map { PaneGroup(level: level - 1, index: index * 4 + $0) }
  }

  package var panes: Range<Int> { index << (2 * level)..<(index + 1) << (2 * level) }

  /// The highest useful level of groups for windows of `panes` panes. Making a group costs as much as reading its parts
  /// once; in windows that are not twice as long it would hardly be read again.
  package static func highestLevel(panes: Int) -> Int {
    var level = 0
    while 2 << (2 * level + 2) <= panes { level += 1 }
    return level
  }

  /// The fewest groups, oldest first, that cover these panes.
  package static func groups(of panes: Range<Int>, highestLevel: Int) -> [PaneGroup] {
    var groups: [PaneGroup] = []
    var next = panes.lowerBound
    while next < panes.upperBound {
      var level = highestLevel
      while next & (1 << (2 * level) - 1) != 0 || next + 1 << (2 * level) > panes.upperBound { level -= 1 }
      groups.append(PaneGroup(level: level, index: next >> (2 * level)))
      next += 1 << (2 * level)
    }
    return groups
  }
}
