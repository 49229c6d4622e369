import MartletCore

/// Sees, on Linux, how names come to the folders of a stream: whether a file was moved in, or is being made there.
///
/// The times of a file do not tell that for sure: one that is written and moved in at once has the same time for both, as
/// the clock that stamps files goes in steps. Where this sees nothing, because the system has no such thing, too much
/// happens, or the folder is on a file server, the times have to do.
struct FolderArrivals: Sendable {
  /// A stream's part in the watch of the process, which ends when nobody needs it any more.
  private final class Part: Sendable {
    let stream = ArrivalWatch.shared.join()

    deinit { ArrivalWatch.shared.leave(stream) }
  }

  /// Not there before folders are watched.
  private var part: Part?
  private var hasEnded = false
  /// Paths that were moved in, and that no look has found yet: those of the last time, and those of the time before.
  private var movedIn: Set<FilePath> = []
  private var before: Set<FilePath> = []

  /// Watches these folders from now on.
  mutating func watch(_ folders: [FolderStamp]) {
    if hasEnded { return }
    let part = part ?? Part()
    self.part = part
    ArrivalWatch.shared.watch(folders, for: part.stream)
  }

  /// Watches nothing any more.
  mutating func end() {
    part = nil
    hasEnded = true
  }

  /// The paths of files that were moved in since the last time but one, unless they have been found since.
  mutating func take() -> Set<FilePath> {
    before = movedIn
    movedIn = []
    guard let part else { return before }
    let arrivals = ArrivalWatch.shared.take(part.stream)
    // Some may have been made once more since, where nobody has seen it.
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

  /// Has the next time know these paths, which a copy of this has taken.
  mutating func keep(_ paths: Set<FilePath>) { movedIn = paths }

  /// Files that a look has found are what they are.
  mutating func forget(_ files: [SeenFile]) {
    if movedIn.isEmpty { return }
    for file in files { movedIn.remove(file.path) }
  }
}
