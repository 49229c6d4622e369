import MartletCore
import MartletRDD

/// What a look at a stream's folders has found. Of a file that is in neither list, what was known still holds.
package struct FolderLook: Sendable, Equatable {
  /// Files that were looked up, by path.
  package var files: [SeenFile]
  /// Known files that are not there any more.
  package var gone: [String]
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

  /// - Throws: `MartletError` if a folder cannot be listed, or a file in it cannot be looked up: what is left out here is
  ///   taken to be gone, and read again when it comes back.
  mutating func look(_ progress: FolderProgress) throws -> FolderLook {
    let now = clock()
    let folders = try matchingFolders(pattern)
    let stamps = folders.compactMap { FolderStamp($0) }
    var wanted = progress.unsettled
    var gone: [String] = []
    let isListed = turn.isEmpty || listed == nil || listed != stamps
    if isListed {
      // Also if a file cannot be looked up: the next look must find the new ones again.
      listed = nil
      gone = try list(folders, progress, &wanted)
    }
    wanted.formUnion(turn.suffix(lookUpsInTurn))
    turn.removeLast(min(lookUpsInTurn, turn.count))
    wanted.subtract(gone)

    var files: [SeenFile] = []
    for path in wanted.sorted() {
      if let file = try lookUp(path) {
        files.append(file)
      } else if progress.known[path] != nil {
        gone.append(path)
      }
    }
    if isListed && stamps.allSatisfy({ $0.isPast(at: now) }) { listed = stamps }
    return FolderLook(files: files, gone: gone)
  }

  /// Adds the new files to `wanted`, begins a new turn if the last has ended, and returns the known files that are gone.
  private mutating func list(
    _ folders: [String], _ progress: FolderProgress, _ wanted: inout Set<String>
  ) throws -> [String] {
    var present: [String] = []
    for folder in folders {
      let prefix = folder.hasSuffix("/") ? folder : folder + "/"
      for entry in try entries(of: folder) where !entry.isFolder && !isHiddenName(entry.name) {
        let path = prefix + entry.name
        switch progress.known[path] {
        case nil:
          if filter(path) { wanted.insert(path) }
          continue
        // A link's number is never that of the file.
        case .taken(let file) where file.inode != entry.inode: wanted.insert(path)
        case .taken, .ignored, .growing, .waiting: break
        }
        present.append(path)
      }
    }
    if turn.isEmpty { turn = present }
    return present.count == progress.known.count ? [] : Array(Set(progress.known.keys).subtracting(present))
  }

  /// A file that has gone since the listing is simply not there; but what is listed for a name that is not UTF-8 has U+FFFD
  /// in it, and is no file's name.
  private func lookUp(_ path: String) throws -> SeenFile? {
    try seenFile(path) ?? (path.unicodeScalars.contains("\u{FFFD}") ? .nameless(path) : nil)
  }
}
