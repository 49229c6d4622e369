import MartletCore

/// Removes segments that are not needed, on a thread of its own, because removing a large file without blocking the
/// disk takes a while. A segment that cannot be removed now is removed by the next start.
///
/// Not thread-safe.
package final class SegmentCleaner {
  private let folder: LogFolder
  private let isAwaited: Bool
  private let onRemoval: @Sendable () -> Void
  private var thread: WorkerThread?

  /// - Parameter isAwaited: true if `remove` waits until the segments are removed.
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
    // Without a thread, the caller has to wait.
    do { thread = try WorkerThread(starting: "martlet-clean", work) } catch { work() }
    if isAwaited { wait() }
  }

  /// Waits until all segments to be removed have been handled.
  package func wait() {
    thread?.join()
    thread = nil
  }
}
