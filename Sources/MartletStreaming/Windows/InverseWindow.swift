package import MartletCore
package import MartletRDD
import Synchronization

/// The values of each key in a window, computed from the previous window: leaving panes are subtracted, entering panes
/// are added.
///
///      _____________________________________
///     |  leaving  |   in both    |           |
///     |___________|______________|           |
///                 |   in both    | entering  |
///                 |______________|___________|
///
///     window = previous window - leaving panes + entering panes
///
/// The window is a table that stays in memory. Its cost depends on the number of keys, not of panes.
package final class InverseWindow<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>:
  PanedWindow<Key, Input, Value>, @unchecked Sendable
{
  private typealias Table = KeptRDD<(Key, Value)>

  private struct Previous {
    var time: Time
    var panes: Range<Int>
    /// `nil` before the first element.
    var table: Table?
    /// The number of consecutive windows that no job has requested.
    var unused: Int
  }

  private let subtract: TableKernel<Key, Value>
  private let isKept: FilterKernel<(Key, Value)>?
  private let previous = Mutex<Previous?>(nil)

  init(
    _ parent: DStream<(Key, Input)>, _ span: WindowSpan, _ reduction: WindowReduction<Key, Input, Value>,
    _ subtract: @escaping TableKernel<Key, Value>, _ isKept: FilterKernel<(Key, Value)>?, _ site: OperatorSite
  ) {
    self.subtract = subtract
    self.isKept = isKept
    super.init(parent, span, reduction, site)
  }

  package override func compute(_ time: Time) throws -> RDD<(Key, Value)>? {
    guard let zero = zeroTime else { return nil }
    let range = panes.span.panes(endingAt: time, zero)
    var before = previous.withLock { $0 }
    // After a restart there is no previous window: all panes enter.
    if let known = before, known.time != time - slideDuration { before = nil }
    let leaving = try tables(before?.panes ?? 0..<0, without: range, zero)
    let entering = try tables(range, without: before?.panes ?? 0..<0, zero)
    let table = window(before?.table, leaving, entering)
    var unused = 0
    if let old = before?.table, !old.isKept {
      unused = (before?.unused ?? 0) + 1
      // Each window that no job has requested retains the previous one, and its panes.
      if unused >= Self.maximumUnused {
        try old.makeReady()
        unused = 0
      }
    }
    previous.withLock { $0 = Previous(time: time, panes: range, table: table, unused: unused) }
    panes.forget(before: range.lowerBound, zero)
    return table ?? nothing
  }

  private static var maximumUnused: Int { 10 }

  private func tables(_ range: Range<Int>, without others: Range<Int>, _ zero: Time) throws -> [Table] {
    try range.lazy.filter { !others.contains($0) }.compactMap { try self.panes.table(PaneGroup(pane: $0), zero) }
  }

  private func window(_ before: Table?, _ leaving: [Table], _ entering: [Table]) -> Table? {
    // If nothing changes, the window stays the same.
    if leaving.isEmpty && entering.isEmpty { return before }
    if before == nil && entering.count == 1 && isKept == nil { return entering[0] }
    let add = panes.reduction.add
    var parts: [MergedTablesRDD<Key, Value>.Part] = []
    if let before {
      parts.append(.init(before, add))
      parts += leaving.map { .init($0, subtract) }
    }
    parts += entering.map { .init($0, add) }
    let merged = MergedTablesRDD(
      parts, panes.reduction.partitioner, mergeSpilled: nil, context.sparkContext, site)
    return KeptRDD(isKept.map { merged.filtered($0, site) } ?? merged, panes.unwritable, site)
  }
}
