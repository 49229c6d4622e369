/// A stream that, whenever it makes an RDD, asks each of its parents for theirs of that batch.
package protocol SameBatchReader: StreamNode {}

extension StreamGraph {
  /// The streams, by their ids, that are asked for every RDD of theirs: each batch's by the batch itself or soon after.
  ///
  /// Of streams that are made outside of Martlet nothing is known: what they depend on does not count.
  package static func steadilyRead(_ outputs: [any OutputNode]) -> Set<Int> {
    var read: Set<Int> = []
    var visited: Set<Int> = []
    func visit(_ node: any StreamNode, isRead: Bool) {
      // State is brought up to date with every batch, whether somebody asks for it or not.
      let isRead = isRead || node is any StatefulNode
      let isNew = visited.insert(node.id).inserted
      guard isRead ? read.insert(node.id).inserted : isNew else { return }
      let isSteady: Bool
      if let window = node as? any WindowNode {
        isSteady = window.windowDuration >= node.slideDuration
      } else {
        isSteady = node is any SameBatchReader || node is any StatefulNode
      }
      for parent in node.dependencies { visit(parent, isRead: isRead && isSteady) }
    }
    for output in outputs { visit(output.root, isRead: true) }
    return read
  }
}
