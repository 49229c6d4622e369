import MartletCore
package import MartletRDD

/// The values of each key in a window, added up from tables of its panes.
///
/// Without a function that takes away again what leaves, every window must be added up anew. To keep that from costing
/// as much as the window is long, sums of 4, 16, 64 … panes are kept as tables too, at fixed places (`PaneGroup`): a
/// window of 60 panes is then made of 8 tables or so, and a pane goes into one larger sum at each level, once.
/// Two stacks would need fewer merges on average, but all at once when they turn over: one batch in each window length
/// would take as long as the window.
package final class MergedWindow<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>:
  PanedWindow<Key, Input, Value>, @unchecked Sendable
{
  private let highestLevel: Int

  /// - Parameter addsAhead: whether sums of several panes are worth keeping: if they are smaller than the panes.
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
    if tables.isEmpty { return emptyRDD }
    return tables.count == 1 ? tables[0] : panes.merge(tables)
  }
}
