#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import CMartlet
import MartletCore
import MartletRDD

/// The regular files of a folder, or of all folders that a pattern names, by name.
///
/// - Throws: `MartletError` if the folder cannot be listed, or a file in it cannot be looked up: what is left out here is
///   taken to be gone, and read again when it comes back.
func seenFiles(_ folder: String) throws -> [SeenFile] {
  try matchingFolders(folder).flatMap { folder -> [SeenFile] in
    try folderEntries(folder).compactMap { name in
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      // A file that has gone since the listing is simply not there; but what is listed for a name that is not UTF-8 has
      // U+FFFD in it, and is no file's name.
      return try seenFile(path) ?? (name.unicodeScalars.contains("\u{FFFD}") ? .nameless(path) : nil)
    }
  }
}

/// What can be seen of a regular file; `nil` if there is none of this name.
func seenFile(_ path: String) throws -> SeenFile? {
  var status = stat()
  guard stat(path, &status) == 0 else {
    // A link may lead nowhere, or to itself.
    if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
    throw systemFailure("Cannot look up '\(path)'", errno)
  }
  guard status.st_mode & S_IFMT == S_IFREG else { return nil }
  #if canImport(Darwin)
    let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
  #else
    let (modified, changed) = (status.st_mtim, status.st_ctim)
  #endif
  return SeenFile(
    path: path, size: Int(status.st_size), modified: nanoseconds(modified), changed: nanoseconds(changed),
    inode: UInt64(status.st_ino))
}

/// When a file was made, in nanoseconds since 1970; 0 where that is not known.
func birthTime(_ file: SeenFile) -> Int64 { martlet_birth_time(file.path) }

/// Whether a file is seen to be written: somebody has it open for that, or it has changed since it was looked at.
///
/// Who appends to a file without keeping it open is not seen. Where the system does not tell, nobody is.
func isBeingWritten(_ file: SeenFile) -> Bool {
  // One that cannot be opened fails the batch, by name.
  guard let opened = try? SystemFile.read(file.path), let isOpen = opened.isOpenForWriting() else { return false }
  // It may have been appended to, and closed, since the look: nobody has it open, and what was seen is not the whole.
  return isOpen || (try? opened.size()) != file.size
}

private func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

/// The time by the clock that stamps files.
func fileClock() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return nanoseconds(time)
}

private func matchingFolders(_ pattern: String) throws -> [String] {
  guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
  return globMatches(pattern).filter { path in
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
