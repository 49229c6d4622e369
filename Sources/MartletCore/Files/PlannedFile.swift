#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The reason why a file cannot be read as it was found.
package enum PlannedFileProblem: String, Sendable {
  case removed = "has been removed"
  case changed = "has been changed"
  case replaced = "has been replaced by another file"
}

extension FileFacts {
  /// The problem with the file that was found at `path` with these facts; `nil` if it can still be read, or has been
  /// renamed within its folder.
  package func problem(at path: String) throws -> PlannedFileProblem? {
    let found = try FileFacts.ofFile(at: path)
    guard let problem = problem(found) else { return nil }
    if problem != .changed, try renamed(from: path) != nil { return nil }
    return problem
  }

  /// The problem with a file found in the place of this one; `nil` if it is this one.
  fileprivate func problem(_ found: FileFacts?) -> PlannedFileProblem? {
    guard let found else { return .removed }
    switch found.relation(to: self, hasSameName: true) {
    case .same, .grown, .copy: return nil
    case .changed: return .changed
    case .other: return .replaced
    }
  }

  /// The new name of the file in the same folder, if it can be found.
  fileprivate func renamed(from path: String) throws -> String? {
    let folder = parentFolder(path)
    // A missing folder contains no file.
    guard let entries = try? Folder.entries(folder) else { return nil }
    for entry in entries where entry.inode == inode && !entry.isFolder {
      let other = "\(folder)/\(entry.name)"
      guard FilePath(other) != FilePath(path), let facts = try FileFacts.ofFile(at: other) else { continue }
      switch facts.relation(to: self, hasSameName: false) {
      case .same, .grown: return other
      case .changed, .copy, .other: continue
      }
    }
    return nil
  }

  /// Throws unless the open file is the one that was found at `path` with these facts.
  package func expect(_ descriptor: Int32, _ path: String) throws {
    if let problem = problem(try FileFacts.ofOpenFile(descriptor, path)) { throw isUnreadable(path, problem) }
  }

  fileprivate func isUnreadable(_ path: String, _ problem: PlannedFileProblem) -> MartletError {
    MartletError(
      .inputOutput,
      """
      The file '\(path)' \(problem.rawValue) after it was found, and before its records were read. Do not change \
      files until their batch is done, and use a new name for each new file.
      """)
  }
}

/// Opens a file for reading: the one that is at `path` now or, with facts, the one that was found then.
func openForReading(_ path: String, _ planned: FileFacts?) throws -> Int32 {
  try refuseZeroByte(path)
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard let planned else {
    guard descriptor >= 0 else { throw MartletError.system("Cannot open '\(path)'", errno: errno) }
    return descriptor
  }
  if descriptor < 0 && errno != ENOENT { throw MartletError.system("Cannot open '\(path)'", errno: errno) }
  do {
    let found = descriptor < 0 ? nil : try FileFacts.ofOpenFile(descriptor, path)
    let problem = planned.problem(found)
    // A file that looks like a copy may be another file with the same size and time, such as a rotated log.
    let isOriginal = problem == nil && found?.inode == planned.inode
    guard !isOriginal, problem != .changed, let name = try planned.renamed(from: path) else {
      if let problem { throw planned.isUnreadable(path, problem) }
      return descriptor
    }
    let renamed = open(name, O_RDONLY | O_CLOEXEC)
    guard renamed >= 0 else { throw planned.isUnreadable(path, problem ?? .replaced) }
    do {
      // The file may also have been replaced under its new name.
      try planned.expect(renamed, path)
    } catch {
      close(renamed)
      throw error
    }
    if descriptor >= 0 { close(descriptor) }
    return renamed
  } catch {
    if descriptor >= 0 { close(descriptor) }
    throw error
  }
}
