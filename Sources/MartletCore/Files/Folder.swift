import CMartlet
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An entry of a folder.
package struct FolderEntry: Sendable {
  package let name: String
  /// True if `name` is the actual name, and not a replacement for one that is not UTF-8: such a file cannot be opened.
  package let isUTF8: Bool
  /// The number of the file or link with this name.
  package let inode: UInt64
  /// True if the listing marks the entry as a folder: not every file system does.
  package let isFolder: Bool
}

/// Operations on whole folders.
package enum Folder {
  /// Renames a file or folder in one step. A file with the new name is replaced.
  package static func rename(_ path: String, to newPath: String) throws {
    try refuseZeroByte(path)
    try refuseZeroByte(newPath)
    guard systemRename(path, newPath) == 0 else {
      throw systemFailure("Cannot rename '\(path)' to '\(newPath)'", errno)
    }
  }

  /// Returns true if anything has this name, even a dangling link.
  package static func nameIsTaken(_ path: String) throws -> Bool {
    try refuseZeroByte(path)
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    if errno == ENOENT { return false }
    throw systemFailure("Cannot look up '\(path)'", errno)
  }

  /// Creates a folder and its missing parents, and syncs their names to disk.
  ///
  /// Also syncs existing ones: a process that created them may have been killed before it could.
  package static func create(_ path: String) throws {
    try refuseZeroByte(path)
    try bringNamesToDisk(path, made: try make(path))
  }

  /// Throws if `create` could not create the folder, or nothing could be created in it, as far as this can be known in
  /// advance.
  package static func refuseIfNotCreatable(_ path: String) throws {
    if isFolder(path) {
      guard access(path, W_OK | X_OK) == 0 else {
        throw systemFailure("Cannot create anything in the folder '\(path)'", errno)
      }
      return
    }
    if parentFolder(path) != path { try refuseIfNotCreatable(parentFolder(path)) }
    guard try !nameIsTaken(path) else {
      throw MartletError(.inputOutput, "'\(path)' is not a folder. Remove it, or choose another path.")
    }
  }

  /// Returns the number of folders created.
  private static func make(_ path: String) throws -> Int {
    if mkdir(path, 0o777) == 0 { return 1 }
    let code = errno
    if code == EEXIST {
      if isFolder(path) { return 0 }
      throw MartletError(
        .inputOutput,
        "Cannot create the folder '\(path)': a file has that name. Choose another name, or move the file."
      )
    }
    guard code == ENOENT, parentFolder(path) != path else {
      throw systemFailure("Cannot create the folder '\(path)'", code)
    }
    let above = try make(parentFolder(path))
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw systemFailure("Cannot create the folder '\(path)'", errno)
    }
    return above + 1
  }

  /// Syncs the folders above `path`, up to one whose name this process has synced, or one in which it cannot have
  /// created anything.
  private static func bringNamesToDisk(_ path: String, made: Int) throws {
    var child = path
    var left = made
    while true {
      let parent = parentFolder(child)
      guard parent != child, let identity = FolderIdentity(child) else { return }
      // A new folder may have the number of a removed one.
      if left <= 0 && (namesOnDisk.withLock { $0.contains(identity) } || access(parent, R_OK | W_OK) != 0) { return }
      try synchronize(parent)
      left -= 1
      namesOnDisk.withLock { known in
        // Bounds the table: a program may create any number of folders.
        if known.count >= 1024 { known.removeAll() }
        known.insert(identity)
      }
      child = parent
    }
  }

  private static let namesOnDisk = Mutex<Set<FolderIdentity>>([])

  /// Creates a folder in an existing one. Its name is on disk once that one has been synced.
  package static func createOne(_ path: String) throws {
    try refuseZeroByte(path)
    guard mkdir(path, 0o777) == 0 else { throw systemFailure("Cannot create the folder '\(path)'", errno) }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns when the names in a folder are on disk.
  package static func synchronize(_ path: String) throws { try SystemFile.read(path).synchronize() }

  /// The names in a folder, sorted, including hidden ones.
  package static func names(_ path: String) throws -> [String] { try entries(path).map(\.name).sorted() }

  /// The entries of a folder, including hidden ones, in no particular order.
  package static func entries(_ path: String) throws -> [FolderEntry] {
    try refuseZeroByte(path)
    guard let folder = opendir(path) else { throw systemFailure("Cannot list '\(path)'", errno) }
    defer { closedir(folder) }
    var entries: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let (name, isUTF8) = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        shown(bytes[..<(bytes.firstIndex(of: 0) ?? bytes.count)])
      }
      if name == "." || name == ".." { continue }
      entries.append(
        FolderEntry(
          name: name, isUTF8: isUTF8, inode: UInt64(entry.pointee.d_ino),
          isFolder: Int(entry.pointee.d_type) == Int(DT_DIR)))
    }
    // An error looks like the end of the list, except for `errno`.
    guard errno == 0 else { throw systemFailure("Cannot list '\(path)'", errno) }
    return entries
  }

  /// Removes a file, or a folder with its contents. Succeeds if it does not exist.
  package static func remove(_ path: String) throws {
    try refuseZeroByte(path)
    if unlink(path) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw systemFailure("Cannot remove '\(path)'", errno) }
    for name in try names(path) { try remove(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else { throw systemFailure("Cannot remove '\(path)'", errno) }
  }

  /// Renames the folder `source` to `target`, which must not exist, and syncs both to disk.
  ///
  /// - Throws: `MartletError(.invalidState)` if the name exists by then.
  package static func publish(_ source: String, as target: String) throws {
    try synchronize(source)
    var result = martlet_rename_exclusively(source, target)
    if result != 0 && lacksRename(errno) {
      // On a disk without an exclusive rename, an empty folder of that name could be replaced between these two steps.
      if try nameIsTaken(target) { throw taken(target) }
      result = systemRename(source, target)
    }
    guard result == 0 else {
      if errno == EEXIST || errno == ENOTEMPTY { throw taken(target) }
      throw systemFailure("Cannot rename '\(source)' to '\(target)'", errno)
    }
    try synchronize(parentFolder(target))
  }

  /// Replaces the item named `target`, if any, by the folder `source`, and removes the old item.
  ///
  /// If the system can exchange two names, there is a complete folder at `target` at every moment. Otherwise the old
  /// folder has a hidden name while the new one is renamed.
  package static func replace(_ target: String, with source: String) throws {
    guard try nameIsTaken(target) else { return try publish(source, as: target) }
    try synchronize(source)
    if martlet_rename_exchange(source, target) == 0 {
      try synchronize(parentFolder(target))
      return try remove(source)
    }
    guard lacksRename(errno) else { throw systemFailure("Cannot exchange '\(source)' and '\(target)'", errno) }
    let aside = hiddenSibling(of: target)
    guard systemRename(target, aside) == 0 else {
      throw systemFailure("Cannot rename '\(target)' to '\(aside)'", errno)
    }
    guard systemRename(source, target) == 0 else {
      let code = errno
      // Best effort: the old folder is better than nothing.
      _ = systemRename(aside, target)
      throw systemFailure("Cannot rename '\(source)' to '\(target)'", code)
    }
    try synchronize(parentFolder(target))
    try remove(aside)
  }

  /// Returns true if a rename failed because this system or disk does not support it.
  private static func lacksRename(_ code: Int32) -> Bool { code == ENOSYS || code == EINVAL || code == ENOTSUP }

  private static func taken(_ path: String) -> MartletError {
    MartletError(.invalidState, "'\(path)' already exists. Remove it, or choose another name.")
  }
}

/// A name from the system, and whether it is UTF-8; U+FFFD replaces invalid bytes.
package func shown(_ name: some Collection<UInt8>) -> (name: String, isUTF8: Bool) {
  if let valid = String(validating: name, as: UTF8.self) { return (valid, true) }
  return (String(decoding: name, as: UTF8.self), false)
}

/// The identity of a folder, independent of its name.
package struct FolderIdentity: Hashable, Sendable {
  private let device: UInt64
  private let number: UInt64

  /// Fails if there is no folder at `path`.
  package init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(status.st_ino)
  }
}

private func systemRename(_ path: String, _ newPath: String) -> Int32 { rename(path, newPath) }
