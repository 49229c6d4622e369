/// A stream that requests the RDD of each parent for every batch for which it makes one.
package protocol SteadyReader: StreamNode {}

extension StreamGraph {
  /// The ids of the streams that are asked for each of their RDDs, by the batch itself or soon after.
  ///
  /// Streams that are created outside of Martlet are unknown: their dependencies do not count.
  package static func steadilyRead(_ outputs: [any OutputNode]) -> Set<Int> {
    var read: Set<Int> = []
    var visited: Set<Int> = []
    func visit(_ node: any StreamNode, isRead: Bool) {
      // State is updated with every batch, whether it is requested or not.
      let isRead = isRead || node is any StatefulNode
      let isNew = visited.insert(node.id).inserted
      guard isRead ? read.insert(node.id).inserted : isNew else { return }
      let isSteady: Bool
      if let window = node as? any WindowNode {
        isSteady = window.windowDuration >= node.slideDuration
      } else {
        isSteady = node is any SteadyReader || node is any StatefulNode
      }
      for parent in node.dependencies { visit(parent, isRead: isRead && isSteady) }
    }
    for output in outputs { visit(output.root, isRead: true) }
    return read
  }
}
