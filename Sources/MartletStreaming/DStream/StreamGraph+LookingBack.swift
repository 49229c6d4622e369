extension StreamGraph {
  /// The streams, by their ids, of which the last batch can be had once it is done, although the program has not asked for
  /// it to be remembered.
  ///
  /// It is kept only where that costs next to nothing: at the inputs, whose RDDs are lists of files, or are somebody else's
  /// anyway. What is computed from them batch by batch is computed again when it is asked for. A receiver's blocks are
  /// not kept: it would hold twice as much as it may. Nor are windows, which would keep one pane more, or states, of which
  /// every batch would make a copy.
  static func lookingBack(_ streams: [any StreamNode]) -> Set<Int> {
    var known: [Int: Bool] = [:]
    func visit(_ node: any StreamNode) -> Bool {
      if let known = known[node.id] { return known }
      var canLookBack =
        !(node is any ReceiverNode || node is any WindowNode || node is any StatefulNode
        || node is any StateOutputNode)
      for parent in node.dependencies where !visit(parent) { canLookBack = false }
      known[node.id] = canLookBack
      return canLookBack
    }
    for stream in streams { _ = visit(stream) }
    return Set(known.filter(\.value).keys)
  }
}
