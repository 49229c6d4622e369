import MartletCore

/// Removes segments that nobody needs, on a thread of its own, since it takes the system a while to remove a large file
/// without keeping others from the disk. One that cannot be removed now is removed by the next start.
///
/// Not for several threads at once.
final class SegmentCleaner {
  private let folder: CheckpointFolder
  private let isAwaited: Bool
  private let onStep: (@Sendable (BatchStep) -> Void)?
  private var thread: WorkerThread?

  /// - Parameter isAwaited: whether `remove` returns only when the segments are removed.
  init(_ folder: CheckpointFolder, isAwaited: Bool, onStep: (@Sendable (BatchStep) -> Void)?) {
    self.folder = folder
    self.isAwaited = isAwaited
    self.onStep = onStep
  }

  func remove(_ segments: [SegmentPart]) {
    wait()
    guard !segments.isEmpty else { return }
    let work: @Sendable () -> Void = { [folder, onStep] in
      for segment in segments where (try? folder.removeGradually(segment.name)) != nil { onStep?(.segmentRemoved) }
    }
    // Without a thread for it, the batch has to wait.
    do { thread = try WorkerThread(starting: "martlet-clean", work) } catch { work() }
    if isAwaited { wait() }
  }

  /// Waits until all that was to be removed has been looked at.
  func wait() {
    thread?.join()
    thread = nil
  }
}
