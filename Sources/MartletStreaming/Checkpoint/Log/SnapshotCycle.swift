import MartletCore
import MartletRDD

/// Has stateful operators write their state anew, a part with every batch, as fast as the log grows. When each key has
/// been written since the cycle began, what the log holds of the time before is not needed any more: it can be cut.
struct SnapshotCycle {
  private let operators: [any StatefulNode]
  private let segmentBytes: Int
  private var isRunning = false
  private var began: Time

  init(_ operators: [any StatefulNode], segmentBytes: Int, doneThrough: Time) {
    self.operators = operators
    self.segmentBytes = segmentBytes
    began = doneThrough
  }

  /// A batch has added `bytes` to the log.
  ///
  /// - Returns: whether the log can be cut: then it is, and the cycle ends.
  mutating func advance(bytes: Int, _ log: LogWriter, doneThrough: Time) -> Bool {
    if !isRunning {
      // What every segment begins with may be large: it is not to be most of what is written.
      let limit = max(segmentBytes, min(4 * log.beginningLength, 1024 * segmentBytes))
      guard log.length > limit || isDue(doneThrough) else { return false }
      begin(bytes: bytes, doneThrough: doneThrough)
    }
    isRunning = !operators.allSatisfy(\.isSnapshotCycleComplete)
    if isRunning { allowSnapshots(bytes: bytes) }
    return !isRunning
  }

  /// Begins a cycle, in which the next batch writes about so many bytes of state.
  mutating func begin(bytes: Int, doneThrough: Time) {
    isRunning = true
    began = doneThrough
    for node in operators { node.beginSnapshotCycle() }
    allowSnapshots(bytes: bytes)
  }

  /// Whether an operator wants its state to be written anew by now.
  private func isDue(_ doneThrough: Time) -> Bool {
    operators.contains { node in node.checkpointInterval.map { doneThrough - began >= $0 } ?? false }
  }

  private func allowSnapshots(bytes: Int) {
    let open = operators.filter { !$0.isSnapshotCycleComplete }
    for node in open { node.allowSnapshots(bytes: bytes / open.count) }
  }
}
