import MartletCore

/// Observes, on Linux, how names appear in the folders of a stream: whether a file was moved in, or is being created
/// there.
///
/// The times of a file do not tell for certain: a file that is moved in right after it was written has the same time
/// for both, because the file system's clock moves in steps. If nothing can be observed, because the system does not
/// support it, too much happens, or the folder is on a file server, the times have to be sufficient.
struct FolderArrivals: Sendable {
  /// A stream's part in the watch of the process, which ends when it is released.
  private final class Part: Sendable {
    let stream = ArrivalWatch.shared.join()

    deinit { ArrivalWatch.shared.leave(stream) }
  }

  /// `nil` before folders are watched.
  private var part: Part?
  private var hasEnded = false
  /// Paths that were moved in and that no look has found yet: those of the last time, and of the previous time.
  private var movedIn: Set<FilePath> = []
  private var before: Set<FilePath> = []

  /// Watches these folders from now on.
  mutating func watch(_ folders: [FolderStamp]) {
    if hasEnded { return }
    let part = part ?? Part()
    self.part = part
    ArrivalWatch.shared.watch(folders, for: part.stream)
  }

  /// Stops watching.
  mutating func end() {
    part = nil
    hasEnded = true
  }

  /// The paths of files that were moved in since the last time but one, without those that have been found since.
  mutating func take() -> Set<FilePath> {
    before = movedIn
    movedIn = []
    guard let part else { return before }
    let arrivals = ArrivalWatch.shared.take(part.stream)
    // Some may have been created again since, unobserved.
    if arrivals.isIncomplete { before = [] }
    for name in arrivals.names {
      switch name {
      case .movedIn(let path): movedIn.insert(path)
      case .made(let path):
        movedIn.remove(path)
        before.remove(path)
      }
    }
    return movedIn.union(before)
  }

  /// Remembers these paths, which a copy of this has taken, for the next time.
  mutating func keep(_ paths: Set<FilePath>) { movedIn = paths }

  /// Forgets files that a look has found.
  mutating func forget(_ files: [SeenFile]) {
    if movedIn.isEmpty { return }
    for file in files { movedIn.remove(file.path) }
  }
}
