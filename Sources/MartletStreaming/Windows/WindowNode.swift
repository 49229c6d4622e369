import MartletCore

/// A stream that looks back at batches before the one that it makes.
package protocol WindowNode: StreamNode {
  /// How far it looks back.
  var windowDuration: Duration { get }

  /// Takes what it needs of the batches up to `time` from its parents, who have them after a restart until they are
  /// forgotten as in any other run. Called before the first batch, with the time of the last that is not run again.
  func recall(_ time: Time) throws

  /// Has the parents keep their RDDs for as long as this stream may ask for them. Called when the graph is initialised, and
  /// again if this stream is to keep its own for longer.
  func keepParents()

  /// Whether a batch of this stream that is later than `time` will ask the parents for their RDDs of `time`.
  func needsLater(_ time: Time, _ zero: Time) -> Bool

  /// Makes what the stream keeps itself of the batch at `time`, which is being made, for later windows.
  func makePart(_ time: Time) throws

  /// Takes of earlier batches what a restart has left, before the first batch is made.
  func takeRecalled() throws

  /// Computes what the stream keeps itself of the batches up to `time`, whose output operations have ended.
  func endBatch(_ time: Time) throws
}

extension WindowNode {
  package func makePart(_ time: Time) throws {}
  package func takeRecalled() throws {}
  package func endBatch(_ time: Time) throws {}
}

extension StreamGraph {
  /// How far behind the last completed batch the batches of each stream, by its id, may be asked for after a restart,
  /// so that windows can be computed again: the windows on the way to an output, added up. What comes from a state is not
  /// computed again, and asks for nothing.
  package func historyDurations() -> [Int: Duration] {
    var history: [Int: Duration] = [:]
    func visit(_ node: any StreamNode, _ duration: Duration) {
      if let known = history[node.id], known >= duration { return }
      history[node.id] = duration
      let back = node is any StateOutputNode ? .zero : duration + ((node as? any WindowNode)?.windowDuration ?? .zero)
      for parent in node.dependencies { visit(parent, back) }
    }
    for output in outputs { visit(output.root, .zero) }
    return history
  }
}

extension WindowNode {
  /// Whether what the window holds is computed from such a stream, and is no state's in between.
  package func isComputed(from isWanted: (any StreamNode) -> Bool) -> Bool {
    var seen: Set<Int> = []
    var waiting = dependencies
    while let parent = waiting.popLast() {
      guard seen.insert(parent.id).inserted else { continue }
      if isWanted(parent) { return true }
      if !(parent is any StateOutputNode) { waiting += parent.dependencies }
    }
    return false
  }
}
