package import MartletCore
import MartletRDD

/// What a scan of a folder saw of a file.
package struct SeenFile: Sendable, Equatable {
  package var path: FilePath
  package var facts: FileFacts

  package init(path: FilePath, facts: FileFacts) {
    self.path = path
    self.facts = facts
  }

  package var size: Int { facts.size }
  package var modified: Int64 { facts.modified }

  /// A file that is listed and cannot be opened, because its name is not UTF-8: `path` is what can be shown of it.
  static func nameless(_ path: FilePath) -> SeenFile { SeenFile(path: path, facts: FileFacts(size: -1, modified: 0)) }

  var isNameless: Bool { size < 0 }

  /// The oldest first.
  static func isOlder(_ a: SeenFile, _ b: SeenFile) -> Bool { (a.modified, a.path) < (b.modified, b.path) }
}

/// Why a file was left out of a batch.
package struct SkippedFile: Sendable, Equatable {
  package var path: FilePath
  package var reason: String
  /// What can be done about it, if it will stay left out, and this was not so at the last scan.
  package var advice: String?
}

/// Decides which files of a folder a batch reads: pure, fed with what the scans saw.
///
/// A file is taken once, when it is complete:
///
/// - when it was moved in, and nobody is seen to be writing it. It was if somebody saw its name come, or if the first scan
///   that finds it sees that its name changed after its contents did; it may have been its mode or its owner that has
///   changed. One that was found as it grew was not, whatever happens to its name;
/// - when the first scan that finds it sees that its contents have been left alone for the settle time, and for 0.2 s, and
///   the system says for sure that nobody has it open for writing;
/// - when they have been left alone for the settle time, and two scans saw it unchanged.
///
/// An empty file is not complete: its writer has not begun. A file that was read and has another name now is the same file
/// still, and so is a copy of the same name, size and modification time: see `FileFacts.relation`.
package struct FolderProgress: Sendable {
  /// What is known of a file that is still in the folder.
  enum Standing {
    /// Left out, because its name cannot be opened.
    case nameless
    case growing(SeenFile)
    /// Complete, unless it changes until its turn comes.
    case waiting(SeenFile)
    /// Read, or left out because it was there at the start.
    case taken(SeenFile)
  }

  private(set) var known: [FilePath: Standing] = [:]
  /// Files that grow or wait.
  private(set) var unsettled: Set<FilePath> = []
  /// Files that were taken and are not where they were.
  private(set) var departed = DepartedFiles()
  /// Files that are taken, by their numbers.
  private var takenPaths: [FileNumber: FilePath] = [:]
  /// Files that wait for a batch of a later time, or for room in one; the first one last.
  private var postponed: [SeenFile] = []
  /// Files that have been told of because they have changed after they were taken.
  private var changedLate: Set<FilePath> = []
  /// How long the contents of a file that was not moved in must have been left alone.
  private let settleTime: Int64
  private var maximumFiles: Int

  /// How long, at least, a file must have been left alone that is taken at the first look.
  private static let leastSettleTime: Int64 = 200_000_000

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

  /// Has the next batch take all files that wait, however many: none follows it.
  mutating func takeAll() { maximumFiles = .max }

  /// Leaves out the files that are there already.
  ///
  /// - Parameter now: as for `next`.
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

  /// Forgets what has the name; of a file that was taken, it is remembered that it was.
  mutating func depart(_ path: FilePath) {
    if case .taken(let file) = known.removeValue(forKey: path) {
      forgetNumber(file)
      departed.insert(file)
    }
    unsettled.remove(path)
    changedLate.remove(path)
  }

  /// Goes back to what was known before a restart: files that are there, and files that were.
  mutating func restore(_ files: [SeenFile], departed gone: [SeenFile]) {
    self = FolderProgress(settleTime: settleTime, maximumFiles: maximumFiles)
    departed.expect(max(files.count, gone.count))
    for file in gone { departed.insert(file) }
    for file in files { note(file.path, .taken(file)) }
  }

  /// Takes note of files that a batch was given.
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
      // Another that was given its number, if the name has come to the folder once more.
      guard wasMovedIn && !file.facts.hasKnownBirth(before.facts) else { return }
      depart(file.path)
      departed.forget(file.path)
    case .same, .copy: return
    }
  }

  /// What a file was, that is new where it is, and that was taken.
  private mutating func formerly(_ file: SeenFile) -> (file: SeenFile, relation: FileRelation)? {
    if let found = departed.take(file) { return found }
    // It has two names, or had them while the folder was listed.
    guard let path = takenPaths[file.facts.number], path != file.path, case .taken(let other) = known[path] else {
      return nil
    }
    let relation = file.facts.relation(to: other.facts, hasSameName: false)
    return relation == .other ? nil : (other, relation)
  }

  /// The paths of postponed files whose time has come, which are postponed no more: they are to be looked up.
  mutating func takePostponed(through time: Int64) -> [FilePath] {
    var paths: [FilePath] = []
    while let file = postponed.last, file.modified <= time, paths.count < maximumFiles {
      paths.append(file.path)
      postponed.removeLast()
    }
    return paths
  }

  /// The files to read now, and those to be told of.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970, by the clock that stamps files, read before the look.
  ///   - limit: files that were modified later are left to a later batch, which follows at once; `nil` if none does.
  ///   - isBeingWritten: asked of a file that seems to be complete; `nil` if the system does not tell.
  package mutating func next(
    _ look: FolderLook, now: Int64, through limit: Int64? = nil,
    isBeingWritten: (SeenFile) -> Bool? = { _ in nil }
  ) -> (take: [SeenFile], skipped: [SkippedFile]) {
    var take: [SeenFile] = []
    var skipped: [SkippedFile] = []
    // Files of which one name is complete, and their other names.
    var complete: [FileNumber: SeenFile] = [:]
    var otherNames: [(file: SeenFile, of: SeenFile)] = []
    for path in look.gone { depart(path) }
    // First, so that files that have changed names are known by their former ones.
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

    /// A file that was taken, and is where it was, or has changed its name.
    func stay(_ file: SeenFile, _ before: SeenFile, _ relation: FileRelation) {
      switch relation {
      case .same:
        let now = asTaken(file, now)
        if now != before { note(file.path, .taken(now)) }
      case .copy, .other:
        // The other one may be in the folder still, under another name.
        if file.facts.number != before.facts.number { departed.insert(before) }
        note(file.path, .taken(asTaken(file, now)))
        skipped.append(
          SkippedFile(
            path: file.path,
            reason: """
              has been replaced by a file with the same size and modification time, which counts as a copy and is \
              not read
              """, advice: "If it holds other records, give it a name of its own."))
      case .grown, .changed:
        var changed = file
        changed.facts.isBirthUnique = before.facts.isBirthUnique
        note(file.path, .taken(changed))
        let isNew = changedLate.insert(file.path).inserted
        skipped.append(
          SkippedFile(
            path: file.path, reason: "has changed after it was read or left out, and the change is not read",
            advice: isNew ? Self.adviceToWriters : nil))
      }
    }

    /// A file that was taken under another name, or is a copy of one that was gone.
    func arrive(_ file: SeenFile, _ before: SeenFile, _ relation: FileRelation) {
      if relation == .same {
        note(file.path, .taken(asTaken(file, now)))
        skipped.append(
          SkippedFile(path: file.path, reason: "is the file that was read or left out as '\(before.path)'"))
      } else {
        stay(file, before, relation)
      }
    }

    func decide(_ file: SeenFile, before: SeenFile?) {
      // Also one that seems to have been written in the future: before the clock was set back.
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
          SkippedFile(path: file.path, reason: "may still be written; looked at again with the next batch"))
      }
    }

    /// Leaves to later batches what is for them, or is too much for this one.
    func postpone() {
      take.sort(by: SeenFile.isOlder)
      var count = take.count
      if let limit { count = take.firstIndex { $0.modified > limit } ?? count }
      let later = take[min(count, maximumFiles)...]
      for file in later { note(file.path, .waiting(file)) }
      // Without a limit, the next batch looks at all that wait.
      if limit != nil && !later.isEmpty { postponed = (postponed + later).sorted { SeenFile.isOlder($1, $0) } }
      take.removeSubrange(min(count, maximumFiles)...)
    }
  }
}
