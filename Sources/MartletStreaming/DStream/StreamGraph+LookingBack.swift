extension StreamGraph {
  /// The ids of the streams whose previous batch stays available, although the program has not called `remember`.
  ///
  /// It is retained only where that costs almost nothing: at inputs whose RDDs are lists of files, or belong to others
  /// anyway. Streams computed from them batch by batch are computed again on request. The blocks of a receiver are not
  /// retained, because it would hold twice its memory. Neither are windows, which would need one more pane, or states,
  /// which every batch would copy.
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
