import MartletRDD

/// What a scan of a folder saw of a file.
package struct SeenFile: Sendable, Equatable {
  package var path: String
  package var size: Int
  /// When the contents last changed, in nanoseconds since 1970.
  package var modified: Int64
  /// When anything about the file last changed, its name included.
  package var changed: Int64
  /// Tells a file from another that takes its name, if that was made before this one was gone.
  package var inode: UInt64
  /// When the file was made, which tells it from one that is given its inode; 0 if that is not known, or was not asked.
  package var born: Int64 = 0

  package init(path: String, size: Int, modified: Int64, changed: Int64, inode: UInt64) {
    self.path = path
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }

  /// A file that is listed and cannot be opened, because its name is not UTF-8: `path` is what can be shown of it.
  static func nameless(_ path: String) -> SeenFile { SeenFile(path: path, size: -1, modified: 0, changed: 0, inode: 0) }

  var isNameless: Bool { size < 0 }
}

/// Why a file was left out of a batch.
package struct SkippedFile: Sendable, Equatable {
  package var path: String
  package var reason: String
  /// What can be done about it, if it will stay left out, and this was not so at the last scan.
  package var advice: String?
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
    /// Left out, and nothing but the name is known yet.
    case ignored
    case growing(SeenFile)
    /// Complete, unless it changes until its turn comes.
    case waiting(SeenFile)
    /// Read, or left out because it was there at the start.
    case taken(SeenFile)
  }

  private(set) var known: [String: Standing] = [:]
  /// Files that grow or wait.
  private(set) var unsettled: Set<String> = []
  /// Files that have been told of because they have changed after they were taken.
  private var changedLate: Set<String> = []
  /// How long the contents of a file that was not moved in must have been left alone.
  private let settleTime: Int64
  private let maximumFiles: Int

  private static var adviceToWriters: String {
    "Write a file elsewhere on the same disk, or under a name that begins with '.', and rename it when it is complete."
  }

  /// - Parameters:
  ///   - settleTime: in nanoseconds.
  ///   - maximumFiles: so many files at most are for one batch; the oldest come first.
  package init(settleTime: Int64, maximumFiles: Int = .max) {
    self.settleTime = settleTime
    self.maximumFiles = maximumFiles
  }

  /// Leaves out the files that are there already.
  package mutating func ignore(_ files: [SeenFile], born: (SeenFile) -> Int64 = { _ in 0 }) {
    for var file in files {
      file.born = born(file)
      note(file.path, file.isNameless ? .ignored : .taken(file))
    }
  }

  mutating func note(_ path: String, _ standing: Standing) {
    known[path] = standing
    switch standing {
    case .growing, .waiting: unsettled.insert(path)
    case .ignored, .taken: unsettled.remove(path)
    }
  }

  mutating func forget(_ path: String) {
    known[path] = nil
    unsettled.remove(path)
    changedLate.remove(path)
  }

  mutating func forgetAll() {
    known = [:]
    unsettled = []
    changedLate = []
  }

  /// The files to read now, and those to be told of.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970, by the clock that stamps files.
  ///   - isBeingWritten: asked of a file that seems to have been moved in.
  ///   - born: when a file was made, or 0; asked of files that are taken, or have changed since.
  package mutating func next(
    _ look: FolderLook, now: Int64, isBeingWritten: (SeenFile) -> Bool = { _ in false },
    born: (SeenFile) -> Int64 = { _ in 0 }
  ) -> (take: [SeenFile], skipped: [SkippedFile]) {
    var take: [SeenFile] = []
    var skipped: [SkippedFile] = []
    for path in look.gone { forget(path) }
    for file in look.files {
      switch known[file.path] {
      case nil where file.isNameless:
        note(file.path, .ignored)
        skipped.append(
          SkippedFile(
            path: file.path, reason: "has a name that is not UTF-8, and cannot be opened", advice: "Rename it."))
      case .ignored:
        if !file.isNameless { ignore([file], born: born) }
      case .taken(let before):
        if before.inode != file.inode {
          decide(file, before: nil)
        } else if before.size != file.size || before.modified != file.modified {
          if before.born != 0 && born(file) != before.born {
            decide(file, before: nil)
            continue
          }
          var changed = file
          changed.born = before.born
          note(file.path, .taken(changed))
          let isNew = changedLate.insert(file.path).inserted
          skipped.append(
            SkippedFile(
              path: file.path, reason: "has changed after it was read or left out, and the change is not read",
              advice: isNew ? Self.adviceToWriters : nil))
        }
      case .waiting(let before) where file == before: found(file)
      case .growing(let before), .waiting(let before): decide(file, before: before)
      case nil: decide(file, before: nil)
      }
    }
    if take.count > maximumFiles {
      take.sort { ($0.modified, $0.path) < ($1.modified, $1.path) }
      for file in take[maximumFiles...] { note(file.path, .waiting(file)) }
      take.removeSubrange(maximumFiles...)
    }
    for index in take.indices {
      take[index].born = born(take[index])
      note(take[index].path, .taken(take[index]))
    }
    return (take, skipped)

    func found(_ file: SeenFile) {
      take.append(file)
      changedLate.remove(file.path)
    }

    func decide(_ file: SeenFile, before: SeenFile?) {
      let seemsMovedIn = file.changed > file.modified && before?.inode != file.inode
      // Also one that seems to have been written in the future: before the clock was set back.
      let isSettled = file == before && (now - file.modified).magnitude >= settleTime
      if file.size > 0 && (isSettled || seemsMovedIn && !isBeingWritten(file)) {
        found(file)
      } else {
        note(file.path, .growing(file))
        skipped.append(
          SkippedFile(path: file.path, reason: "may still be written; looked at again with the next batch"))
      }
    }
  }
}
