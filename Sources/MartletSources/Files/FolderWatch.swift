package import MartletCore
import MartletRDD
import MartletStreaming

/// The result of a look at a stream's folders. For files in neither list, the previous state is still valid.
package struct FolderLook: Sendable, Equatable {
  /// Files that were looked up, by path.
  package var files: [SeenFile]
  /// Known files that no longer exist.
  package var gone: [FilePath]
  /// Files that are known to have been moved in.
  package var movedIn: Set<FilePath> = []
  /// The reasons why some of the folders could not be looked at, if others could.
  package var problems: [String] = []
  /// True if only certain files were looked up.
  package var isPartial = false

  package init(files: [SeenFile], gone: [FilePath] = [], movedIn: Set<FilePath> = []) {
    self.files = files
    self.gone = gone
    self.movedIn = movedIn
  }
}

/// Looks at the folders of a stream, at low cost for very many files that were read long ago.
///
/// New files, and those that are not settled, are looked up each time. Of the others, a limited number is looked up, in
/// turn: it may take several looks to detect that one was changed in place, but not that a file with another number has
/// taken its name. The folders are listed when their own times show that names have appeared or disappeared, and,
/// because the clock of a file server may differ, when all files have been looked up in turn.
struct FolderWatch: Sendable {
  private let pattern: String
  private let filter: @Sendable (String) -> Bool
  private let lookUpsInTurn: Int
  /// The time of the file system's clock.
  private let clock: @Sendable () -> Int64
  /// The folders when they were listed; `nil` if they may have changed in the same instant.
  private var listed: [FolderStamp]?
  private var arrivals = FolderArrivals()
  /// Files to be looked up in turn, the next one last.
  private var turn: [FilePath] = []

  /// - Parameters:
  ///   - pattern: a folder, or a pattern for folders.
  ///   - filter: takes a path, and returns `false` to ignore it.
  ///   - lookUpsInTurn: the number of settled files that are looked up each time, at about 4 µs each.
  init(
    _ pattern: String, filter: @escaping @Sendable (String) -> Bool, lookUpsInTurn: Int = 1000,
    clock: @escaping @Sendable () -> Int64 = fileClock
  ) {
    self.pattern = pattern
    self.filter = filter
    self.lookUpsInTurn = lookUpsInTurn
    self.clock = clock
  }

  /// Begins to observe how files appear in the existing folders.
  mutating func watchArrivals() {
    // Folders that cannot be found now are reported by the first look.
    let folders = (try? matchingFolders(pattern)) ?? []
    arrivals.watch(folders.compactMap { FolderStamp($0) })
  }

  /// Stops observing how files appear.
  mutating func endArrivals() { arrivals.end() }

  /// Looks for changes to the files.
  ///
  /// If a folder cannot be listed, or a file in it cannot be looked up, nothing is found in the folder, and the
  /// previous state of its files stays valid: files missing from a listing would be taken to be removed, and would be
  /// read again when they reappear.
  /// - Throws: `MartletError` if this applies to all folders.
  mutating func look(_ progress: FolderProgress) throws -> FolderLook {
    let now = clock()
    let folders = try matchingFolders(pattern)
    let stamps = folders.compactMap { FolderStamp($0) }
    arrivals.watch(stamps)
    var failures: [FilePath: any Error] = [:]
    var wanted = progress.unsettled
    var gone: [FilePath] = []
    let isListed = turn.isEmpty || listed == nil || listed != stamps
    if isListed {
      // Also if a file cannot be looked up: the next look must find the new ones again.
      listed = nil
      gone = list(folders, progress, &wanted, &failures)
    }
    // After the listing: the arrivals of all listed files have been observed by now.
    let movedIn = arrivals.take()
    // A file that takes the name of another is looked up, even out of turn.
    if !movedIn.isEmpty { wanted.formUnion(movedIn.filter { progress.known[$0] != nil }) }
    wanted.formUnion(turn.suffix(lookUpsInTurn))
    turn.removeLast(min(lookUpsInTurn, turn.count))
    wanted.subtract(gone)

    var files: [SeenFile] = []
    for path in wanted.sorted() {
      if !failures.isEmpty, failures[path.parent] != nil { continue }
      do {
        if let file = try lookUp(path) {
          files.append(file)
        } else if progress.known[path] != nil {
          gone.append(path)
        }
      } catch {
        failures[path.parent] = error
      }
    }
    if let first = failures.values.first {
      listed = nil
      guard folders.contains(where: { failures[parentPath($0)] == nil }) else { throw first }
      files.removeAll { failures[$0.path.parent] != nil }
      gone.removeAll { failures[$0.parent] != nil }
    } else if isListed && stamps.allSatisfy({ $0.isPast(at: now) }) {
      listed = stamps
    }
    arrivals.forget(files)
    var look = FolderLook(files: files, gone: gone, movedIn: movedIn)
    look.problems = failures.values.map { "\($0)" }.sorted()
    return look
  }

  /// Keeps the arrivals that a look by a copy of this has found, for the next look.
  mutating func keepArrivals(of look: FolderLook) { arrivals.keep(look.movedIn) }

  /// Keeps the arrivals during a look by a copy of this that failed, for the next look.
  mutating func keepArrivals(of failed: FolderWatch) { arrivals = failed.arrivals }

  /// Looks for changes to these known files.
  func look(at paths: [FilePath]) throws -> FolderLook {
    var look = FolderLook(files: [])
    look.isPartial = true
    for path in paths {
      if let file = try lookUp(path) { look.files.append(file) } else { look.gone.append(path) }
    }
    return look
  }

  /// Adds the new files to `wanted`, begins a new turn if the last has ended, and returns the known files that no
  /// longer exist.
  private mutating func list(
    _ folders: [String], _ progress: FolderProgress, _ wanted: inout Set<FilePath>,
    _ failures: inout [FilePath: any Error]
  ) -> [FilePath] {
    var present: [FilePath] = []
    for folder in folders.map({ FilePath($0) }) {
      let entries: [FolderEntry]
      do { entries = try MartletSources.entries(of: folder.text) } catch {
        failures[parentPath(folder.text)] = error
        continue
      }
      for entry in entries where !entry.isFolder && !isHiddenName(entry.name) {
        let path = FilePath(entry.name, in: folder)
        switch progress.known[path] {
        case nil:
          if filter(path.text) { wanted.insert(path) }
          continue
        // The number of a link is never that of the file.
        case .taken(let file) where file.facts.inode != entry.inode: wanted.insert(path)
        case .taken, .nameless, .growing, .waiting: break
        }
        present.append(path)
      }
    }
    if !failures.isEmpty {
      present += progress.known.keys.filter { failures[$0.parent] != nil }
    }
    if turn.isEmpty { turn = present }
    return present.count == progress.known.count ? [] : Array(Set(progress.known.keys).subtracting(present))
  }

  /// Looks up a file. A file that has been removed since the listing does not exist; but a listed name that is not
  /// UTF-8 contains U+FFFD, and is not the name of any file.
  private func lookUp(_ path: FilePath) throws -> SeenFile? {
    try seenFile(path) ?? (path.text.unicodeScalars.contains("\u{FFFD}") ? .nameless(path) : nil)
  }
}

/// A folder in the form of the parent path of its files.
private func parentPath(_ folder: String) -> FilePath { FilePath(withoutTrailingSlashes(folder)) }
