#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

extension LogFolder {
  /// The folders with hard links to segments, and their owners, the newest last.
  private static func keptFolders(_ path: String) throws -> [(owner: Int, path: String)] {
    try Folder.names(path).compactMap { name in
      guard name.hasPrefix("kept-"), let owner = Int(name.dropFirst(5)) else { return nil }
      return (owner, "\(path)/\(name)")
    }
    .sorted { $0.owner < $1.owner }
  }

  /// The paths at which segments can be read.
  private static func locations(_ path: String) throws -> [SegmentName: String] {
    var locations: [SegmentName: String] = [:]
    for name in try segments(path) { locations[name] = "\(path)/\(name)" }
    for (_, folder) in try keptFolders(path) {
      try ifStillThere(folder) { for name in try segments(folder) { locations[name] = "\(folder)/\(name)" } }
    }
    return locations
  }

  /// Runs `body`, and ignores its failure if `folder` no longer exists: current and former owners remove a folder of
  /// hard links when nothing in it is needed.
  private static func ifStillThere(_ folder: String, _ body: () throws -> Void) throws {
    do { try body() } catch {
      if try Folder.nameIsTaken(folder) { throw error }
    }
  }

  /// The facts about the folder.
  package static func observe(_ path: String) throws -> ObservedLog {
    let claims = try claims(path)
    let locations = try locations(path)
    return ObservedLog(
      epochs: Dictionary(claims.map { ($0.epoch, $0.hasBegun) }, uniquingKeysWith: { $0 || $1 }),
      segments: Set(locations.keys), folder: path,
      read: { try SystemFile.read(locations[$0] ?? "\(path)/\($0)").readAll() })
  }

  /// Runs `body` with the facts about the folder.
  ///
  /// An owner may be running meanwhile: if it removes a file before `body` has read it, everything is observed again.
  package static func read<Result>(_ path: String, _ body: (ObservedLog) throws -> Result) throws -> Result {
    var names: [String] = []
    while true {
      let before = names
      names = try Folder.names(path).sorted()
      let observed = try observe(path)
      do { return try body(observed) } catch let error as MartletError {
        guard error.code == .corruptData || error.code == .inputOutput, names != before else { throw error }
      }
    }
  }

  /// Returns true if nothing has been added to a log since it was read.
  ///
  /// - Parameters:
  ///   - parts: its segments.
  ///   - bytesOfLast: the number of bytes of the last one, including a torn end.
  package func isCurrent(_ parts: [SegmentPart], bytesOfLast: Int) throws -> Bool {
    let locations = try Self.locations(path)
    guard let last = parts.last?.name, locations.keys.max() == last, let newest = locations[last],
      parts.allSatisfy({ locations[$0.name] != nil })
    else { return false }
    return try SystemFile.read(newest).size() == bytesOfLast
  }

  /// Makes hard links to the segments: an owner that is fenced off may be about to remove some of them, but never
  /// removes the links of later owners.
  func keepSegments() throws {
    let folder = "\(path)/kept-\(eightDigits(epoch))"
    try Folder.create(folder)
    for (name, location) in try Self.locations(path) {
      guard link(location, "\(folder)/\(name)") == 0 || errno == EEXIST || errno == ENOENT else {
        throw systemFailure("Cannot link '\(location)' to '\(folder)/\(name)'", errno)
      }
    }
    try Folder.synchronize(folder)
  }

  /// Returns when a segment of a former owner is on disk: the owner may have been killed before it was.
  package func synchronize(_ name: SegmentName) throws {
    let path = try Self.locations(path)[name] ?? "\(path)/\(name)"
    let file = try SystemFile.read(path)
    do { try file.synchronizeData() } catch {
      // The next sync would succeed without writing anything (see `LogWriter`), so a copy is written whole.
      let copy = hiddenSibling(of: path)
      do {
        let written = try SystemFile.create(copy)
        let bytes = try file.readAll()
        try withExtendedLifetime(bytes) { try written.write(bytes.bytes) }
        try written.synchronize()
        try Folder.rename(copy, to: path)
        try Folder.synchronize(parentFolder(path))
      } catch {
        try? Folder.remove(copy)
        throw error
      }
    }
  }

  /// Removes a segment that is no longer needed.
  func remove(_ name: SegmentName) throws {
    try Folder.remove("\(path)/\(name)")
    for folder in try Self.keptFolders(path) where folder.owner <= epoch {
      try Self.ifStillThere(folder.path) {
        try Folder.remove("\(folder.path)/\(name)")
        try removeIfEmpty(folder.path)
      }
    }
  }

  /// The same as `remove`, but slowly: the disk is never busy with it for long, so that batches need not wait.
  func removeGradually(_ name: SegmentName) throws {
    let file = try? SystemFile.change("\(path)/\(name)")
    try remove(name)
    // Not if it has another link, which a later owner may read.
    file?.emptyGraduallyIfRemoved()
  }

  /// Removes hard links to segments that are not needed.
  package func removeKept(except needed: Set<SegmentName>) throws {
    for folder in try Self.keptFolders(path) where folder.owner <= epoch {
      try Self.ifStillThere(folder.path) {
        for name in try Self.segments(folder.path).subtracting(needed) { try Folder.remove("\(folder.path)/\(name)") }
        try removeIfEmpty(folder.path)
      }
    }
  }

  private func removeIfEmpty(_ folder: String) throws {
    if try Folder.names(folder).isEmpty { try Folder.remove(folder) }
  }
}
