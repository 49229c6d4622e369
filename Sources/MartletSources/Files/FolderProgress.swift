package import MartletCore
import MartletRDD

/// A file as a scan of a folder found it.
package struct SeenFile: Sendable, Equatable {
  package var path: FilePath
  package var facts: FileFacts

  package init(path: FilePath, facts: FileFacts) {
    self.path = path
    self.facts = facts
  }

  package var size: Int { facts.size }
  package var modified: Int64 { facts.modified }

  /// A file that is listed but cannot be opened, because its name is not UTF-8: `path` is a readable form of it.
  static func nameless(_ path: FilePath) -> SeenFile { SeenFile(path: path, facts: FileFacts(size: -1, modified: 0)) }

  var isNameless: Bool { size < 0 }

  /// Orders files by age, oldest first.
  static func isOlder(_ a: SeenFile, _ b: SeenFile) -> Bool { (a.modified, a.path) < (b.modified, b.path) }
}

/// A file that was not assigned to a batch, and the reason.
package struct SkippedFile: Sendable, Equatable {
  package var path: FilePath
  package var reason: String
  /// Advice, if the file will stay skipped and was not at the last scan.
  package var advice: String?
}

/// Decides which files of a folder a batch reads: pure, with the results of scans as input.
///
/// A file is taken once, when it is complete:
///
/// - when it was moved in, and no writer is detected. It counts as moved in if this was observed, or if its name
///   changed after its content when the first scan found it; it may also have been its mode or owner that changed. A
///   file that was found growing does not, whatever happens to its name;
/// - when the first scan finds that its content has been unchanged for the settle time, and for 0.2 s, and the system
///   confirms that no process has it open for writing;
/// - when its content has been unchanged for the settle time, and two scans found it unchanged.
///
/// An empty file is not complete: its writer has not begun. A file that was read and renamed is still the same file,
/// and so is a copy with the same name, size and modification time: see `FileFacts.relation`.
package struct FolderProgress: Sendable {
  /// The state of a file that is still in the folder.
  enum Standing {
    /// Skipped, because its name cannot be opened.
    case nameless
    case growing(SeenFile)
    /// Complete, unless it changes before it is read.
    case waiting(SeenFile)
    /// Read, or ignored because it existed at the start.
    case taken(SeenFile)
  }

  private(set) var known: [FilePath: Standing] = [:]
  /// Files that grow or wait.
  private(set) var unsettled: Set<FilePath> = []
  /// Files that were read or skipped and are no longer in their place.
  private(set) var departed = DepartedFiles()
  /// The paths of files that were read or skipped, by their numbers.
  private var takenPaths: [FileNumber: FilePath] = [:]
  /// Files that wait for a batch with a later time, or for room in one; the first one last.
  private var postponed: [SeenFile] = []
  /// Files that have been reported as changed after they were read or skipped.
  private var changedLate: Set<FilePath> = []
  /// The time for which the content of a file that was not moved in must be unchanged.
  private let settleTime: Int64
  private var maximumFiles: Int

  /// The minimum time for which a file must be unchanged to be read at the first look.
  private static let leastSettleTime: Int64 = 200_000_000

  private static var adviceToWriters: String {
    "Write a file elsewhere on the same disk, or under a name that begins with '.', and rename it when it is complete."
  }

  /// - Parameters:
  ///   - settleTime: in nanoseconds.
  ///   - maximumFiles: the maximum number of files for one batch, oldest first.
  package init(settleTime: Int64, maximumFiles: Int = .max) {
    self.settleTime = settleTime
    self.maximumFiles = maximumFiles
  }

  /// Makes the next batch take all files that wait, because it is the last one.
  mutating func takeAll() { maximumFiles = .max }

  /// Ignores the files that already exist.
  package mutating func ignore(_ files: [SeenFile], now: Int64 = .max) {
    for file in files { note(file.path, file.isNameless ? .nameless : .taken(asTaken(file, now))) }
  }

  private func asTaken(_ file: SeenFile, _ now: Int64) -> SeenFile {
    var file = file
    file.facts.isBirthUnique = file.facts.hasUniqueBirth(seenAfter: now)
    return file
  }

  mutating func note(_ path: FilePath, _ standing: Standing) {
    let before = known.updateValue(standing, forKey: path)
    if case .taken(let file) = before { forgetNumber(file) }
    departed.expect(known.count)
    switch standing {
    case .growing, .waiting: unsettled.insert(path)
    case .taken(let file):
      unsettled.remove(path)
      takenPaths[file.facts.number] = path
    case .nameless: unsettled.remove(path)
    }
  }

  private mutating func forgetNumber(_ file: SeenFile) {
    if takenPaths[file.facts.number] == file.path { takenPaths[file.facts.number] = nil }
  }

  /// Forgets the file with this name, but remembers that it was read or skipped.
  mutating func depart(_ path: FilePath) {
    if case .taken(let file) = known.removeValue(forKey: path) {
      forgetNumber(file)
      departed.insert(file)
    }
    unsettled.remove(path)
    changedLate.remove(path)
  }

  /// Restores the state before a restart: existing files, and departed ones.
  mutating func restore(_ files: [SeenFile], departed gone: [SeenFile]) {
    self = FolderProgress(settleTime: settleTime, maximumFiles: maximumFiles)
    departed.expect(max(files.count, gone.count))
    for file in gone { departed.insert(file) }
    for file in files { note(file.path, .taken(file)) }
  }

  /// Records files that were assigned to a batch.
  mutating func noteTaken(_ files: [SeenFile]) {
    for file in files {
      departIfReplaced(by: file)
      note(file.path, .taken(file))
    }
  }

  private mutating func departIfReplaced(by file: SeenFile, wasMovedIn: Bool = false) {
    guard case .taken(let before) = known[file.path], !file.isNameless else { return }
    switch file.facts.relation(to: before.facts, hasSameName: true) {
    case .other: depart(file.path)
    case .grown, .changed:
      // If the name has appeared in the folder again, it may be another file with a reused number.
      guard wasMovedIn && !file.facts.hasKnownBirth(before.facts) else { return }
      depart(file.path)
      departed.forget(file.path)
    case .same, .copy: return
    }
  }

  /// The file that a new name belonged to before, if it was read or skipped.
  private mutating func formerly(_ file: SeenFile) -> (file: SeenFile, relation: FileRelation)? {
    if let found = departed.take(file) { return found }
    // It has two names, or had them while the folder was listed.
    guard let path = takenPaths[file.facts.number], path != file.path, case .taken(let other) = known[path] else {
      return nil
    }
    let relation = file.facts.relation(to: other.facts, hasSameName: false)
    return relation == .other ? nil : (other, relation)
  }

  /// The paths of postponed files whose time has come. They are no longer postponed and have to be looked up.
  mutating func takePostponed(through time: Int64) -> [FilePath] {
    var paths: [FilePath] = []
    while let file = postponed.last, file.modified <= time, paths.count < maximumFiles {
      paths.append(file.path)
      postponed.removeLast()
    }
    return paths
  }

  /// The files to read now, and those to report.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970, by the file system's clock, read before the look.
  ///   - limit: files that were modified later are left for a later batch, which follows at once; `nil` if none does.
  ///   - isBeingWritten: called for a file that seems to be complete; returns `nil` if the system cannot tell.
  package mutating func next(
    _ look: FolderLook, now: Int64, through limit: Int64? = nil,
    isBeingWritten: (SeenFile) -> Bool? = { _ in nil }
  ) -> (take: [SeenFile], skipped: [SkippedFile]) {
    var take: [SeenFile] = []
    var skipped: [SkippedFile] = []
    // Files with one complete name, and their other names.
    var complete: [FileNumber: SeenFile] = [:]
    var otherNames: [(file: SeenFile, of: SeenFile)] = []
    for path in look.gone { depart(path) }
    // First, so that renamed files are identified by their former names.
    for file in look.files { departIfReplaced(by: file, wasMovedIn: look.movedIn.contains(file.path)) }
    for file in look.files {
      switch known[file.path] {
      case nil where file.isNameless:
        note(file.path, .nameless)
        skipped.append(
          SkippedFile(
            path: file.path, reason: "has a name that is not UTF-8, and cannot be opened", advice: "Rename it."))
      case .nameless where file.isNameless: break
      case .taken(let before):
        stay(file, before, file.facts.relation(to: before.facts, hasSameName: true))
      case .waiting(let before) where file == before: found(file)
      case .growing(let before) where file.facts.inode == before.facts.inode,
        .waiting(let before) where file.facts.inode == before.facts.inode:
        decide(file, before: before)
      case .growing, .waiting, .nameless, nil:
        if let (before, relation) = formerly(file) {
          arrive(file, before, relation)
        } else {
          decide(file, before: nil)
        }
      }
    }
    if !look.isPartial { postponed = [] }
    if limit != nil || take.count > maximumFiles { postpone() }
    for index in take.indices {
      take[index] = asTaken(take[index], now)
      note(take[index].path, .taken(take[index]))
    }
    for (file, first) in otherNames {
      if case .taken = known[first.path] { arrive(file, first, .same) } else { note(file.path, .waiting(file)) }
    }
    return (take, skipped)

    func found(_ file: SeenFile) {
      var first = complete[file.facts.number]
      if first == nil, let path = takenPaths[file.facts.number], case .taken(let taken) = known[path] { first = taken }
      if let first, first.path != file.path, file.facts.relation(to: first.facts, hasSameName: false) == .same {
        otherNames.append((file, first))
        return
      }
      complete[file.facts.number] = file
      take.append(file)
      changedLate.remove(file.path)
    }

    /// Handles a file that was read or skipped, and is in its place, or has been renamed.
    func stay(_ file: SeenFile, _ before: SeenFile, _ relation: FileRelation) {
      switch relation {
      case .same:
        let now = asTaken(file, now)
        if now != before { note(file.path, .taken(now)) }
      case .copy, .other:
        // The other one may still be in the folder, under another name.
        if file.facts.number != before.facts.number { departed.insert(before) }
        note(file.path, .taken(asTaken(file, now)))
        skipped.append(
          SkippedFile(
            path: file.path,
            reason: """
              has been replaced by a file with the same size and modification time, which counts as a copy and is \
              not read
              """, advice: "If it contains other records, give it a new name."))
      case .grown, .changed:
        var changed = file
        changed.facts.isBirthUnique = before.facts.isBirthUnique
        note(file.path, .taken(changed))
        let isNew = changedLate.insert(file.path).inserted
        skipped.append(
          SkippedFile(
            path: file.path, reason: "has changed after it was read or ignored, and the change is not read",
            advice: isNew ? Self.adviceToWriters : nil))
      }
    }

    /// Handles a file that was read or skipped under another name, or is a copy of a departed one.
    func arrive(_ file: SeenFile, _ before: SeenFile, _ relation: FileRelation) {
      if relation == .same {
        note(file.path, .taken(asTaken(file, now)))
        skipped.append(
          SkippedFile(path: file.path, reason: "is the file that was read or ignored as '\(before.path)'"))
      } else {
        stay(file, before, relation)
      }
    }

    func decide(_ file: SeenFile, before: SeenFile?) {
      // Including a time in the future: the clock may have been set back.
      let age = now.subtractingSaturated(file.modified).magnitude
      let isLeftAlone = age >= settleTime
      let seemsMovedIn =
        look.movedIn.contains(file.path)
        || file.facts.changed > file.modified && before?.facts.inode != file.facts.inode
      let isComplete: Bool
      if file.size == 0 {
        isComplete = false
      } else if isLeftAlone && file == before {
        isComplete = true
      } else if seemsMovedIn {
        isComplete = isBeingWritten(file) != true
      } else {
        isComplete = before == nil && age >= max(settleTime, Self.leastSettleTime) && isBeingWritten(file) == false
      }
      if isComplete {
        found(file)
      } else {
        note(file.path, .growing(file))
        skipped.append(
          SkippedFile(path: file.path, reason: "may still be written, and is checked again with the next batch"))
      }
    }

    /// Postpones files for later batches, and those that exceed the limit of this one.
    func postpone() {
      take.sort(by: SeenFile.isOlder)
      var count = take.count
      if let limit { count = take.firstIndex { $0.modified > limit } ?? count }
      let later = take[min(count, maximumFiles)...]
      for file in later { note(file.path, .waiting(file)) }
      // Without a limit, the next batch checks all that wait.
      if limit != nil && !later.isEmpty { postponed = (postponed + later).sorted { SeenFile.isOlder($1, $0) } }
      take.removeSubrange(min(count, maximumFiles)...)
    }
  }
}
