import MartletCore
import MartletRDD
import MartletStreaming

/// Makes stateful operators write their state again, a part with every batch, twice as fast as the batches change it.
/// When each key has been written since the beginning of the cycle, earlier contents of the log are no longer needed,
/// and it can be cut.
struct SnapshotCycle {
  private let operators: [any StatefulNode]
  private let segmentBytes: Int
  private var isRunning = false
  private var began: Time
  /// The time that windows look back at states: the log is needed for at least this time.
  var history = Duration.zero

  init(_ operators: [any StatefulNode], segmentBytes: Int, doneThrough: Time) {
    self.operators = operators
    self.segmentBytes = segmentBytes
    began = doneThrough
  }

  /// Processes a batch that has changed `bytes` of state. Snapshots do not count, because otherwise each batch of a
  /// cycle would have to write more than the previous one.
  ///
  /// - Parameters:
  ///   - length: the length of the newest segment.
  ///   - beginningLength: the length of its beginning.
  /// - Returns: true if the log can be cut; if so, the caller cuts it, and the cycle ends.
  mutating func advance(bytes: Int, length: Int, beginningLength: Int, doneThrough: Time) -> Bool {
    if !isRunning {
      // The beginning of every segment may be large: it should not be most of the data written.
      let limit = max(segmentBytes, min(4 * beginningLength, 1024 * segmentBytes))
      // Writing the state again more often would make the log longer, not shorter.
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

  /// Returns true if an operator requires its state to be written again by now.
  private func isDue(_ doneThrough: Time) -> Bool {
    operators.contains { node in node.checkpointInterval.map { doneThrough - began >= $0 } ?? false }
  }

  private func allowSnapshots(bytes: Int) {
    let open = operators.filter { !$0.isSnapshotCycleComplete }
    for node in open { node.allowSnapshots(bytes: bytes / open.count) }
  }
}
