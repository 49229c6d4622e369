import MartletRDD

/// What a scan of a folder saw of a file.
package struct SeenFile: Sendable, Equatable {
  package var path: String
  package var size: Int
  /// When the contents last changed, in nanoseconds since 1970.
  package var modified: Int64
  /// When anything about the file last changed, its name included.
  package var changed: Int64
  /// Tells a file from another that takes its name.
  package var inode: UInt64

  package init(path: String, size: Int, modified: Int64, changed: Int64, inode: UInt64) {
    self.path = path
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }
}

/// Why a file was left out of a batch.
package struct SkippedFile: Sendable, Equatable {
  package var path: String
  package var reason: String
  /// Whether it will stay left out, and this was not so at the last scan.
  package var isLost = false
}

/// Decides which files of a folder a batch reads: pure, fed with what the scans saw.
///
/// A file is taken once, when it is complete: when it was moved in, or when two scans, far enough apart, saw it
/// unchanged. It counts as moved in if the first scan that finds it sees that its name changed after its contents did, and
/// nobody is seen to be writing it: it may have been its mode or its owner that has changed. One that was found as it grew
/// does not, whatever happens to its name. An empty file is not complete: its writer has not begun.
package struct FolderProgress: Sendable {
  /// What is known of a file that is still in the folder.
  enum Standing {
    case ignored
    case growing(SeenFile)
    /// Complete, unless it changes until its turn comes.
    case waiting(SeenFile)
    case taken(SeenFile)
  }

  var known: [String: Standing] = [:]
  /// Files that have been told of because they have changed after they were taken.
  private var changedLate: Set<String> = []
  /// How long the contents of a file that was not moved in must have been left alone.
  private let settleTime: Int64
  private let maximumFiles: Int

  /// - Parameters:
  ///   - settleTime: in nanoseconds.
  ///   - maximumFiles: so many files at most are for one batch; the oldest come first.
  package init(settleTime: Int64, maximumFiles: Int = .max) {
    self.settleTime = settleTime
    self.maximumFiles = maximumFiles
  }

  /// Leaves out the files that are there already.
  package mutating func ignore(_ files: [SeenFile]) {
    for file in files { known[file.path] = .ignored }
  }

  /// The files to read now, and those to be told of.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970, by the clock that stamps files.
  ///   - isBeingWritten: asked of a file that seems to have been moved in.
  package mutating func next(
    _ files: [SeenFile], now: Int64, isBeingWritten: (SeenFile) -> Bool = { _ in false }
  ) -> (take: [SeenFile], skipped: [SkippedFile]) {
    var take: [SeenFile] = []
    var skipped: [SkippedFile] = []
    var still: [String: Standing] = [:]
    for file in files {
      switch known[file.path] {
      case .ignored:
        still[file.path] = .ignored
      case .taken(let before):
        still[file.path] = .taken(before)
        if before.inode != file.inode {
          decide(file, before: nil)
        } else if before.size != file.size || before.modified != file.modified {
          still[file.path] = .taken(file)
          skipped.append(
            SkippedFile(
              path: file.path, reason: "changed after it was read; the change is not read",
              isLost: changedLate.insert(file.path).inserted))
        }
      case .waiting(let before) where file == before: found(file)
      case .growing(let before), .waiting(let before): decide(file, before: before)
      case nil: decide(file, before: nil)
      }
    }
    if take.count > maximumFiles {
      take.sort { ($0.modified, $0.path) < ($1.modified, $1.path) }
      for file in take[maximumFiles...] { still[file.path] = .waiting(file) }
      take.removeSubrange(maximumFiles...)
    }
    known = still
    if !changedLate.isEmpty { changedLate.formIntersection(still.keys) }
    return (take, skipped)

    func found(_ file: SeenFile) {
      take.append(file)
      still[file.path] = .taken(file)
      changedLate.remove(file.path)
    }

    func decide(_ file: SeenFile, before: SeenFile?) {
      let seemsMovedIn = file.changed > file.modified && before?.inode != file.inode
      // Also one that seems to have been written in the future: before the clock was set back.
      let isSettled = file == before && (now - file.modified).magnitude >= settleTime
      if file.size > 0 && (isSettled || seemsMovedIn && !isBeingWritten(file)) {
        found(file)
      } else {
        still[file.path] = .growing(file)
        skipped.append(
          SkippedFile(path: file.path, reason: "may still be written; looked at again with the next batch"))
      }
    }
  }
}
