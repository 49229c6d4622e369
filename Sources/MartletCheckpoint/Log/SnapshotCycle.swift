import MartletCore
import MartletRDD
import MartletStreaming

/// Has stateful operators write their state anew, a part with every batch, twice as fast as the batches change it. When
/// each key has been written since the cycle began, what the log holds of the time before is not needed any more: it can be
/// cut.
struct SnapshotCycle {
  private let operators: [any StatefulNode]
  private let segmentBytes: Int
  private var isRunning = false
  private var began: Time
  /// How far windows look back at states: so long, what is in the log is needed anyway.
  var history = Duration.zero

  init(_ operators: [any StatefulNode], segmentBytes: Int, doneThrough: Time) {
    self.operators = operators
    self.segmentBytes = segmentBytes
    began = doneThrough
  }

  /// A batch has changed `bytes` of state. What it has written anew does not count: or each batch of a cycle would have to
  /// write more than the one before.
  ///
  /// - Parameters:
  ///   - length: the length of the newest segment.
  ///   - beginningLength: the length with which it began.
  /// - Returns: whether the log can be cut: then it is, and the cycle ends.
  mutating func advance(bytes: Int, length: Int, beginningLength: Int, doneThrough: Time) -> Bool {
    if !isRunning {
      // What every segment begins with may be large: it is not to be most of what is written.
      let limit = max(segmentBytes, min(4 * beginningLength, 1024 * segmentBytes))
      // To write the state anew more often than that makes the log longer, and not shorter.
      guard doneThrough - began >= history / 4, length > limit || isDue(doneThrough) else { return false }
      begin(doneThrough: doneThrough)
    }
    isRunning = !operators.allSatisfy(\.isSnapshotCycleComplete)
    if isRunning { allowSnapshots(bytes: max(2 * bytes, 128 << 10)) }
    return !isRunning
  }

  /// Begins a cycle with a batch that writes all of the state.
  mutating func beginAtOnce(doneThrough: Time) {
    begin(doneThrough: doneThrough)
    allowSnapshots(bytes: .max / 2)
  }

  private mutating func begin(doneThrough: Time) {
    isRunning = true
    began = doneThrough
    for node in operators { node.beginSnapshotCycle() }
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
