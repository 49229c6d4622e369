import MartletCore
import MartletRDD

/// A window whose values are combined by key: what its kinds have in common.
///
/// It keeps a table for each pane, in `panes`. A subclass says in `compute` how a window is made of them.
package class PanedWindow<Key: Hashable & Sendable, Input: Sendable, Value: Sendable>:
  DStream<(Key, Value)>, WindowNode, @unchecked Sendable
{
  private let parent: DStream<(Key, Input)>
  let panes: PaneTables<Key, Input, Value>
  /// What a window without panes has.
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
  /// The panes keep what is behind the last slide; but where a later window has gaps, the panes of the windows that nobody
  /// has asked for have not been made yet.
  package final override var parentRememberDuration: Duration {
    rememberDuration + (context.graph.isSteadilyRead(self) ? panes.span.slide : panes.span.window)
  }
  package final var windowDuration: Duration { panes.span.window }
  /// How many tables the stream holds.
  package final var tableCount: Int { panes.count }

  package final func recall(_ time: Time) throws {
    guard let zero = zeroTime else { return }
    for index in panes.span.panes(endingAt: time, zero) { _ = try panes.table(PaneGroup(pane: index), zero) }
  }
}
