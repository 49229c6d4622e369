import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The databases in files that this process has opened.
final class OpenFiles: @unchecked Sendable {
  // Sendable: `condition` protects all variables.
  static let shared = OpenFiles()

  /// A file, whatever path leads to it.
  struct Key: Hashable {
    /// The path without symbolic links.
    let path: String
  }

  private final class Entry {
    weak var database: DuckDatabase?
    /// True from before the file is opened until the database can be shared.
    var isOpening = true
  }

  private let condition = Condition()
  private var entries: [Key: Entry] = [:]

  /// The open database of the file at `path`, or else the one that `open` returns.
  func database(
    _ path: String, _ configuration: DuckConfiguration, open: (Key) throws -> DuckDatabase
  ) throws -> DuckDatabase {
    let path = try canonical(path)
    condition.lock()
    var key = Key(path: path)
    while true {
      // A hard link is another path to the same file.
      if entries[key] == nil, let other = entries.keys.first(where: { isSameFile($0.path, path) }) { key = other }
      guard let entry = entries[key] else { break }
      if !entry.isOpening, let database = entry.database {
        condition.unlock()
        guard database.configuration == configuration else {
          throw MartletError(
            .invalidState,
            "The database \(path) is open in this process with another configuration. Open it with the same one, or "
              + "release the other database first.")
        }
        return database
      }
      // It is being opened or closed by another thread.
      condition.wait()
    }
    let entry = Entry()
    entries[key] = entry
    condition.unlock()
    do {
      let database = try open(key)
      condition.withLock {
        entry.database = database
        entry.isOpening = false
        condition.broadcast()
      }
      return database
    } catch {
      condition.withLock {
        entries[key] = nil
        condition.broadcast()
      }
      throw error
    }
  }

  /// Forgets a file whose database has been closed. One that could not be opened is forgotten by `database`.
  func hasClosed(_ key: Key) {
    condition.withLock {
      guard entries[key]?.isOpening == false else { return }
      entries[key] = nil
      condition.broadcast()
    }
  }
}

/// The absolute path without symbolic links. The file itself need not exist.
private func canonical(_ text: String) throws -> String {
  let path = try localPath(text)
  if let found = realPath(path) { return found }
  let name = path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? ""
  let parent = parentFolder(path)
  guard !name.isEmpty, let folder = realPath(parent.isEmpty ? "." : parent) else {
    throw MartletError(
      .inputOutput, "Cannot open the database \(path): the folder '\(parent)' does not exist. Create it first.")
  }
  return folder == "/" ? "/\(name)" : "\(folder)/\(name)"
}

private func realPath(_ path: String) -> String? {
  guard let found = realpath(path, nil) else { return nil }
  defer { free(found) }
  return String(cString: found)
}

private func isSameFile(_ a: String, _ b: String) -> Bool {
  var first = stat(), second = stat()
  guard stat(a, &first) == 0, stat(b, &second) == 0 else { return false }
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino
}
