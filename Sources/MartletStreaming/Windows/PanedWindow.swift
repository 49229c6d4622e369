package import MartletCore
import MartletRDD

/// The base class of windows whose values are combined by key.
///
/// It stores a table for each pane, in `panes`. A subclass defines in `compute` how a window is made of them.
package class PanedWindow<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>:
  DStream<(Key, Value)>, WindowNode, @unchecked Sendable
{
  private let parent: DStream<(Key, Input)>
  let panes: PaneTables<Key, Input, Value>
  /// The content of an empty window.
  let nothing: RDD<(Key, Value)>

  init(
    _ parent: DStream<(Key, Input)>, _ span: WindowSpan, _ reduction: WindowReduction<Key, Input, Value>,
    _ site: OperatorSite
  ) {
    self.parent = parent
    panes = PaneTables(parent, span, reduction, site)
    nothing = EmptyRDD(
      parent.context.sparkContext, site, partitions: reduction.partitioner.numPartitions,
      partitioner: reduction.partitioner)
    super.init(context: parent.context, site: site)
  }

  package final override var dependencies: [any StreamNode] { [parent] }
  package final override var slideDuration: Duration { panes.span.slide }
  package final override var parentRememberDuration: Duration {
    rememberDuration > .zero ? rememberDuration + panes.span.window : .zero
  }

  /// True if each window is made in its own batch. If a later window has gaps, the panes of windows that were not
  /// requested have not been made yet.
  private var isSteady: Bool { context.graph.isSteadilyRead(self) }

  /// Does nothing: each batch is combined with itself or with its pane, and nothing requests it later.
  package final func keepParents() {}
  package final func needsLater(_ time: Time, _ zero: Time) -> Bool { false }

  package final func makePart(_ time: Time) throws {
    guard let zero = zeroTime, (time - zero).isMultiple(of: panes.span.parentSlide) else { return }
    // If a window ends here and has been requested, it has been made.
    if isSteady && time.floor(slideDuration, zero) == time { return }
    if panes.span.isInLaterWindow(time, zero) { try makePart(time, zero) }
  }

  private func makePart(_ time: Time, _ zero: Time) throws {
    let pane = panes.span.pane
    if (time - zero).isMultiple(of: pane) {
      _ = try panes.table(PaneGroup(pane: Int((time - zero).nanoseconds / pane.nanoseconds) - 1), zero)
    } else {
      try panes.part(time)
    }
  }

  package final func endBatch(_ time: Time) throws {
    try panes.prepare(through: time)
  }

  package final var windowDuration: Duration { panes.span.window }
  /// The number of tables that the stream stores.
  package final var tableCount: Int { panes.count }

  package final func recall(_ time: Time) throws {
    guard let zero = zeroTime else { return }
    for index in panes.span.panes(endingAt: time, zero) { _ = try panes.table(PaneGroup(pane: index), zero) }
    // The input of a pane that is not complete.
    let start = time.floor(panes.span.pane, zero)
    for time in (start + panes.span.parentSlide).to(time, panes.span.parentSlide) { try panes.part(time) }
  }
}
