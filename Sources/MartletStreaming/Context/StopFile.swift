import MartletCore
import Synchronization

/// A file that other processes create to stop the context.
final class StopFile: Sendable {
  private let state = Mutex<(path: String?, onFound: @Sendable () -> Void)>((nil, {}))
  /// True if there is a file to look for: read at every tick, so without the lock.
  private let isWanted = Atomic(false)

  /// Looks for this file from now on.
  func lookFor(_ path: String) {
    state.withLock { $0.path = path }
    isWanted.store(true, ordering: .releasing)
  }

  /// Sets the closure to call when the file is found.
  func onFound(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onFound = body } }

  /// Looks for the file; if it exists, removes it and stops looking.
  func look() {
    guard isWanted.load(ordering: .acquiring) else { return }
    let (path, onFound) = state.withLock { $0 }
    guard let path, removeFile(path) else { return }
    isWanted.store(false, ordering: .releasing)
    onFound()
  }
}
