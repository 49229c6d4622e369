package import MartletCore
package import MartletRDD

/// The values of each key in a window, combined from tables of its panes.
///
/// Without an inverse function, every window must be combined again. To keep the cost from growing with the length of
/// the window, sums of 4, 16, 64 … panes are also stored as tables, at fixed positions (`PaneGroup`): a window of 60
/// panes then consists of about 8 tables, and a pane is added to one larger sum at each level, once. Two stacks would
/// need fewer merges on average, but all at once when they turn over: one batch in each window length would take as
/// long as the whole window.
package final class MergedWindow<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>:
  PanedWindow<Key, Input, Value>, @unchecked Sendable
{
  private let highestLevel: Int

  /// - Parameter addsAhead: true if sums of several panes are stored, which helps if they are smaller than the panes.
  init(
    _ parent: DStream<(Key, Input)>, _ span: WindowSpan, _ reduction: WindowReduction<Key, Input, Value>,
    addsAhead: Bool, _ site: OperatorSite
  ) {
    highestLevel = addsAhead ? PaneGroup.highestLevel(panes: span.panes) : 0
    super.init(parent, span, reduction, site)
  }

  package override func compute(_ time: Time) throws -> RDD<(Key, Value)>? {
    guard let zero = zeroTime else { return nil }
    let range = panes.span.panes(endingAt: time, zero)
    let tables = try PaneGroup.groups(of: range, highestLevel: highestLevel).compactMap { try panes.table($0, zero) }
    panes.forget(before: range.lowerBound, zero)
    if tables.isEmpty { return nothing }
    return tables.count == 1 ? tables[0] : panes.merge(tables)
  }
}
