#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD

/// The regular files of a folder, or of all folders that a pattern names, by name.
///
/// - Throws: `MartletError` if the folder cannot be listed, or a file in it cannot be looked up: what is left out here is
///   taken to be gone, and read again when it comes back.
func seenFiles(_ folder: String) throws -> [SeenFile] {
  try matchingFolders(folder).flatMap { folder -> [SeenFile] in
    // A file that has gone since the listing is simply not there.
    try folderEntries(folder).compactMap { try seenFile(folder.hasSuffix("/") ? folder + $0 : folder + "/" + $0) }
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
