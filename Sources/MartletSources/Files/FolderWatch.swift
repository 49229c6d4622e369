package import MartletCore
import MartletRDD
import MartletStreaming

/// What a look at a stream's folders has found. Of a file that is in neither list, what was known still holds.
package struct FolderLook: Sendable, Equatable {
  /// Files that were looked up, by path.
  package var files: [SeenFile]
  /// Known files that are not there any more.
  package var gone: [FilePath]
  /// Files that are known to have been moved in.
  package var movedIn: Set<FilePath> = []
  /// Why some of the folders could not be looked at, if others could.
  package var problems: [String] = []
  /// Whether only certain files were looked for.
  package var isPartial = false

  package init(files: [SeenFile], gone: [FilePath] = [], movedIn: Set<FilePath> = []) {
    self.files = files
    self.gone = gone
    self.movedIn = movedIn
  }
}

/// Looks at the folders of a stream, so that very many files that were read long ago cost little.
///
/// New files, and those that are not settled, are looked up each time. Of the others so many, in turn: with more of them,
/// it takes some looks until it is seen that one was changed in place, but not that a file with another number has taken
/// its name. The folders are listed when their own times say that names have come or gone, and, since the clock of a file
/// server may differ, when all files have had their turn.
struct FolderWatch: Sendable {
  private let pattern: String
  private let filter: @Sendable (String) -> Bool
  private let lookUpsInTurn: Int
  /// The time by the clock that stamps files.
  private let clock: @Sendable () -> Int64
  /// The folders as they were when they were listed; `nil` if something may have happened to them in the same instant.
  private var listed: [FolderStamp]?
  private var arrivals = FolderArrivals()
  /// Files that are to be looked up again, the next one last.
  private var turn: [FilePath] = []

  /// - Parameters:
  ///   - pattern: a folder, or a pattern for folders.
  ///   - filter: given a path; false leaves it out.
  ///   - lookUpsInTurn: so many settled files are looked up each time, at about 4 µs each.
  init(
    _ pattern: String, filter: @escaping @Sendable (String) -> Bool, lookUpsInTurn: Int = 1000,
    clock: @escaping @Sendable () -> Int64 = fileClock
  ) {
    self.pattern = pattern
    self.filter = filter
    self.lookUpsInTurn = lookUpsInTurn
    self.clock = clock
  }

  /// Sees from now on how files come to the folders that there are.
  mutating func watchArrivals() {
    // Folders that cannot be looked for now are reported by the first look.
    let folders = (try? matchingFolders(pattern)) ?? []
    arrivals.watch(folders.compactMap { FolderStamp($0) })
  }

  /// Sees no more how files come.
  mutating func endArrivals() { arrivals.end() }

  /// What has happened to the files.
  ///
  /// Of a folder that cannot be listed, or in which a file cannot be looked up, nothing is found, and what was known of its
  /// files still holds: what is left out of a listing would be taken to be gone, and read again when it comes back.
  /// - Throws: `MartletError` if that goes for all folders.
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
    // Behind the listing: how those came that are in it has been seen by now.
    let movedIn = arrivals.take()
    // One that takes the name of another is looked at, whose turn it may not be.
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

  /// Has the next look know how the files came that a look by a copy of this has found.
  mutating func keepArrivals(of look: FolderLook) { arrivals.keep(look.movedIn) }

  /// Has the next look know how files came while a copy of this could not look.
  mutating func keepArrivals(of failed: FolderWatch) { arrivals = failed.arrivals }

  /// What has happened to these files, which are known.
  func look(at paths: [FilePath]) throws -> FolderLook {
    var look = FolderLook(files: [])
    look.isPartial = true
    for path in paths {
      if let file = try lookUp(path) { look.files.append(file) } else { look.gone.append(path) }
    }
    return look
  }

  /// Adds the new files to `wanted`, begins a new turn if the last has ended, and returns the known files that are gone.
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
        // A link's number is never that of the file.
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

  /// A file that has gone since the listing is simply not there; but what is listed for a name that is not UTF-8 has U+FFFD
  /// in it, and is no file's name.
  private func lookUp(_ path: FilePath) throws -> SeenFile? {
    try seenFile(path) ?? (path.text.unicodeScalars.contains("\u{FFFD}") ? .nameless(path) : nil)
  }
}

/// A folder as files of it have it for their parent.
private func parentPath(_ folder: String) -> FilePath { FilePath(withoutTrailingSlashes(folder)) }
