package import MartletCore

/// A stream that looks back at batches before the one that it makes.
package protocol WindowNode: StreamNode {
  /// The time that it looks back.
  var windowDuration: Duration { get }

  /// Takes the data that it needs of the batches up to `time` from its parents, which have it after a restart until it
  /// is forgotten as in any other run. Called before the first batch, with the time of the last that does not run
  /// again.
  func recall(_ time: Time) throws

  /// Makes the parents retain their RDDs for as long as this stream may request them. Called when the graph is
  /// initialized, and again if this stream must retain its own for longer.
  func keepParents()

  /// Returns true if a batch of this stream that is later than `time` will request the parents' RDDs of `time`.
  func needsLater(_ time: Time, _ zero: Time) -> Bool

  /// Makes the stream's own part of the batch at `time`, which is being made, for later windows.
  func makePart(_ time: Time) throws

  /// Takes the data of earlier batches that a restart has restored, before the first batch is made.
  func takeRecalled() throws

  /// Computes the stream's own parts of the batches up to `time`, whose output operations have ended.
  func endBatch(_ time: Time) throws
}

extension WindowNode {
  package func makePart(_ time: Time) throws {}
  package func takeRecalled() throws {}
  package func endBatch(_ time: Time) throws {}
}

extension StreamGraph {
  /// How far before the last completed batch each stream, by its id, may be asked for batches after a restart, so that
  /// windows can be computed again: the sum of the windows on the way to an output. Streams computed from state are not
  /// computed again, and request nothing.
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
  /// Returns true if the content of the window is computed from such a stream, without a state in between.
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
