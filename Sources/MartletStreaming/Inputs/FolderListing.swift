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

/// What can be seen of a regular file; `nil` if there is none of this name.
func seenFile(_ path: String) throws -> SeenFile? {
  try FileFacts.ofFile(at: path).map { SeenFile(path: path, facts: $0) }
}

/// Whether a file is seen to be written: somebody has it open for that, or it has changed since it was looked at.
///
/// Who appends to a file without keeping it open is not seen. `nil` where the system does not tell.
func isBeingWritten(_ file: SeenFile) -> Bool? {
  // One that cannot be opened fails the batch, by name.
  guard let opened = try? SystemFile.read(file.path), let isOpen = opened.isOpenForWriting() else { return nil }
  // It may have been appended to, and closed, since the look: nobody has it open, and what was seen is not the whole.
  return isOpen || (try? opened.size()) != file.size
}

/// When the contents of a file were changed, and when anything about it was.
private func times(_ status: stat) -> (modified: Int64, changed: Int64) {
  #if canImport(Darwin)
    (nanoseconds(status.st_mtimespec), nanoseconds(status.st_ctimespec))
  #else
    (nanoseconds(status.st_mtim), nanoseconds(status.st_ctim))
  #endif
}

private func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

/// The time by the clock that stamps files.
func fileClock() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return nanoseconds(time)
}

/// What tells whether names have come to a folder, or gone.
struct FolderStamp: Sendable, Equatable {
  let path: String
  let inode: UInt64
  /// Nobody can set this time, as copying programs set that of the last modification.
  private let changed: Int64

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.path = path
    inode = UInt64(status.st_ino)
    changed = times(status).changed
  }

  /// Whether what happens to the folder from `now` on gives it another time: some systems count whole or two seconds,
  /// most of them ticks of at most 10 ms.
  func isPast(at now: Int64) -> Bool {
    let step: Int64 = changed % 1_000_000_000 == 0 ? 2_500_000_000 : 100_000_000
    return now - changed > step
  }
}

/// The folder, or the folders that a pattern names.
func matchingFolders(_ pattern: String) -> [String] {
  guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
  return globMatches(pattern).filter { path in
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
