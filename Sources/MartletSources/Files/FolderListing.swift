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
import MartletStreaming

/// The facts of a regular file; `nil` if there is none with this name.
func seenFile(_ path: FilePath) throws -> SeenFile? {
  try FileFacts.ofFile(at: path.text).map { SeenFile(path: path, facts: $0) }
}

/// Returns true if a file is being written: a process has it open for writing, or it has changed since it was looked
/// at.
///
/// Writers that do not keep the file open are not detected. Returns `nil` if the system cannot tell.
func isBeingWritten(_ file: SeenFile) -> Bool? {
  // A file that cannot be opened fails the batch, with its name.
  guard let opened = try? SystemFile.read(file.path.text), let isOpen = opened.isOpenForWriting() else { return nil }
  // It may have been appended to and closed since the look: no process has it open, but the facts are outdated.
  return isOpen || (try? opened.size()) != file.size
}

/// The times of the last changes of a file's content, and of anything about it.
private func times(_ status: stat) -> (modified: Int64, changed: Int64) {
  #if canImport(Darwin)
    (nanoseconds(status.st_mtimespec), nanoseconds(status.st_ctimespec))
  #else
    (nanoseconds(status.st_mtim), nanoseconds(status.st_ctim))
  #endif
}

private func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

/// The time of the file system's clock: on Linux, that of the last tick. No file created from now on has an earlier
/// time, unless a server sets it, or the clock is set back.
func fileClock() -> Int64 {
  var time = timespec()
  #if os(Linux)
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
  #else
    clock_gettime(CLOCK_REALTIME, &time)
  #endif
  return nanoseconds(time)
}

/// The facts that show whether names have appeared in a folder, or disappeared.
struct FolderStamp: Sendable, Equatable {
  let path: FilePath
  private let inode: UInt64
  private let device: UInt64
  /// This time cannot be set, unlike that of the last modification, which copying programs set.
  private let changed: Int64

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.path = FilePath(path)
    inode = UInt64(status.st_ino)
    device = UInt64(truncatingIfNeeded: status.st_dev)
    changed = times(status).changed
  }

  /// Returns true if it is the same folder under the same path, regardless of changes to it.
  func isSameFolder(as other: FolderStamp) -> Bool {
    path == other.path && inode == other.inode && device == other.device
  }

  /// Returns true if changes to the folder from `now` on will change its time: some systems count whole or two seconds,
  /// most of them ticks of at most 10 ms.
  func isPast(at now: Int64) -> Bool {
    let step: Int64 = changed % 1_000_000_000 == 0 ? 2_500_000_000 : 100_000_000
    return now - changed > step
  }
}

/// The folder, or the folders that match a pattern. An existing folder with such a name takes precedence over a
/// pattern.
///
/// - Throws: `MartletError` if a pattern matches no folder, or its matches cannot all be determined.
func matchingFolders(_ pattern: String) throws -> [String] {
  guard isPattern(pattern), !isThere(pattern) else { return [pattern] }
  let matches = try patternMatches(pattern)
  let folders = matches.filter(\.isFolder)
  if folders.isEmpty {
    throw MartletError(
      .inputOutput,
      matches.isEmpty
        ? "No folder matches the pattern '\(pattern)'"
        : "The pattern '\(pattern)' matches files, but no folder. \(namesFolders)")
  }
  if let nameless = folders.first(where: { !$0.isUTF8 }) {
    throw MartletError(
      .inputOutput,
      """
      The folder '\(nameless.path)', which the pattern '\(pattern)' matches, has a name that is not UTF-8, and cannot be \
      opened. Rename it
      """)
  }
  return folders.map(\.path)
}

private let namesFolders = """
  A file stream reads folders. Pass the folder, and select its files with the filter of fileStream
  """

/// The entries of a folder of a stream.
func entries(of folder: String) throws -> [FolderEntry] {
  do { return try Folder.entries(folder) } catch let error as MartletError {
    if !isThere(folder) { throw error.worded(error.message + advice(onMissing: folder)) }
    guard try seenFile(FilePath(folder)) != nil else { throw error }
    throw MartletError(error.code, "'\(folder)' is a file. \(namesFolders)")
  }
}

/// Returns true if an item with this path exists.
func isThere(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0
}
