import MartletCore

/// Removes segments that nobody needs, on a thread of its own: the system takes a while to remove a large file without
/// keeping others from the disk. A segment that cannot be removed now is removed by the next start.
///
/// Not for several threads at once.
package final class SegmentCleaner {
  private let folder: LogFolder
  private let isAwaited: Bool
  private let onRemoval: @Sendable () -> Void
  private var thread: WorkerThread?

  /// - Parameter isAwaited: whether `remove` returns only when the segments are removed.
  package init(_ folder: LogFolder, isAwaited: Bool, onRemoval: @escaping @Sendable () -> Void) {
    self.folder = folder
    self.isAwaited = isAwaited
    self.onRemoval = onRemoval
  }

  package func remove(_ segments: [SegmentPart]) {
    wait()
    guard !segments.isEmpty else { return }
    let work: @Sendable () -> Void = { [folder, onRemoval] in
      for segment in segments where (try? folder.removeGradually(segment.name)) != nil { onRemoval() }
    }
    // Without a thread for it, the caller has to wait.
    do { thread = try WorkerThread(starting: "martlet-clean", work) } catch { work() }
    if isAwaited { wait() }
  }

  /// Waits until the segments to be removed have been looked at.
  package func wait() {
    thread?.join()
    thread = nil
  }
}
