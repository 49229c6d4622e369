import MartletCore
import MartletRDD

/// What a look at a stream's folders has found. Of a file that is in neither list, what was known still holds.
package struct FolderLook: Sendable, Equatable {
  /// Files that were looked up, by path.
  package var files: [SeenFile]
  /// Known files that are not there any more.
  package var gone: [String]
  /// Files that are known to have been moved in.
  package var movedIn: Set<String> = []
  /// Why some of the folders could not be looked at, if others could.
  package var problems: [String] = []
  /// Whether only certain files were looked for.
  package var isPartial = false

  package init(files: [SeenFile], gone: [String] = [], movedIn: Set<String> = []) {
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
  /// Names that several files have, as the last listing has found them.
  private var twinProblems: [String] = []
  /// Files that are to be looked up again, the next one last.
  private var turn: [String] = []

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
    var failures: [String: any Error] = [:]
    var wanted = progress.unsettled
    var gone: [String] = []
    let isListed = turn.isEmpty || listed == nil || listed != stamps
    if isListed {
      twinProblems = []
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
      if !failures.isEmpty, failures[parentFolder(path)] != nil { continue }
      do {
        if let file = try lookUp(path) {
          files.append(file)
        } else if progress.known[path] != nil {
          gone.append(path)
        }
      } catch {
        failures[parentFolder(path)] = error
      }
    }
    if let first = failures.values.first {
      listed = nil
      guard folders.contains(where: { failures[withoutTrailingSlashes($0)] == nil }) else { throw first }
      files.removeAll { failures[parentFolder($0.path)] != nil }
      gone.removeAll { failures[parentFolder($0)] != nil }
    } else if isListed && stamps.allSatisfy({ $0.isPast(at: now) }) {
      listed = stamps
    }
    arrivals.forget(files)
    var look = FolderLook(files: files, gone: gone, movedIn: movedIn)
    look.problems = (failures.values.map { "\($0)" } + twinProblems).sorted()
    return look
  }

  /// Has the next look know how the files came that a look by a copy of this has found.
  mutating func keepArrivals(of look: FolderLook) { arrivals.keep(look.movedIn) }

  /// What has happened to these files, which are known.
  func look(at paths: [String]) throws -> FolderLook {
    var look = FolderLook(files: [])
    look.isPartial = true
    for path in paths {
      if let file = try lookUp(path) { look.files.append(file) } else { look.gone.append(path) }
    }
    return look
  }

  /// Adds the new files to `wanted`, begins a new turn if the last has ended, and returns the known files that are gone.
  private mutating func list(
    _ folders: [String], _ progress: FolderProgress, _ wanted: inout Set<String>, _ failures: inout [String: any Error]
  ) -> [String] {
    var present: [String] = []
    for folder in folders {
      let entries: [FolderEntry]
      do { entries = try MartletStreaming.entries(of: folder) } catch {
        failures[withoutTrailingSlashes(folder)] = error
        continue
      }
      for entry in withoutTwins(entries, folder, progress) where !entry.isFolder && !isHiddenName(entry.name) {
        let path = joined(folder, entry.name)
        switch progress.known[path] {
        case nil:
          if filter(path) { wanted.insert(path) }
          continue
        // A link's number is never that of the file.
        case .taken(let file) where file.facts.inode != entry.inode: wanted.insert(path)
        case .taken, .nameless, .growing, .waiting: break
        }
        present.append(path)
      }
    }
    if !failures.isEmpty {
      present += progress.known.keys.filter { failures[parentFolder($0)] != nil }
    }
    if turn.isEmpty { turn = present }
    return present.count == progress.known.count ? [] : Array(Set(progress.known.keys).subtracting(present))
  }

  /// The entries, of which no two have names that Swift takes for the same text: `é` can be one scalar or two.
  ///
  /// Files are known by their paths, so such a pair would count as one file. The one that is known is kept, or the first by
  /// its bytes; the other is reported, and read once it has another name.
  private mutating func withoutTwins(
    _ entries: [FolderEntry], _ folder: String, _ progress: FolderProgress
  ) -> [FolderEntry] {
    // Names of ASCII alone have no twins.
    let others = entries.filter { entry in entry.isUTF8 && entry.name.utf8.contains { $0 >= 0x80 } }
    let groups = Dictionary(grouping: others, by: \.name).filter { $0.value.count > 1 }
    if groups.isEmpty { return entries }
    var kept: [String: UInt64] = [:]
    for (name, twins) in groups {
      var known: UInt64?
      if case .taken(let file) = progress.known[joined(folder, name)] { known = file.facts.inode }
      let first = twins.min { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      guard let chosen = twins.first(where: { $0.inode == known }) ?? first else { continue }
      kept[name] = chosen.inode
      twinProblems.append(
        """
        '\(joined(folder, name))' is the name of \(twins.count) files, in different Unicode forms, and only one of them is read. \
        Rename the others
        """)
    }
    return entries.filter { entry in kept[entry.name].map { $0 == entry.inode } ?? true }
  }

  /// A file that has gone since the listing is simply not there; but what is listed for a name that is not UTF-8 has U+FFFD
  /// in it, and is no file's name.
  private func lookUp(_ path: String) throws -> SeenFile? {
    try seenFile(path) ?? (path.unicodeScalars.contains("\u{FFFD}") ? .nameless(path) : nil)
  }
}
