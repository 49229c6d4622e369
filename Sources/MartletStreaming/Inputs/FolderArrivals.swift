// Unsafe code. Invariant: records are read from a buffer no further than the system has filled it, and names are copied
// before it is filled again.

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

/// Sees, on Linux, how names come to folders: whether a file was moved in, or is being made there.
///
/// The times of a file do not tell that for sure: one that is written and moved in at once has the same time for both, as
/// the clock that stamps files goes in steps. Where this sees nothing, because the system has no such thing, too much
/// happens, or the folder is on a file server, the times have to do.
struct FolderArrivals: Sendable {
  /// Closes the descriptor when nobody needs it any more.
  private final class Watch: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { if descriptor >= 0 { close(descriptor) } }
  }

  /// Not there before the first folder is watched, nor while the system has no more of them to give.
  private var watch = Watch(-1)
  private var watched: [FolderStamp] = []
  /// Folders by their numbers in the records.
  private var folders: [Int32: FilePath] = [:]
  /// Paths that were moved in, and that no look has found yet: those of the last time, and those of the time before.
  private var movedIn: Set<FilePath> = []
  private var before: Set<FilePath> = []

  /// Watches these folders from now on.
  mutating func watch(_ stamps: [FolderStamp]) {
    if watch.descriptor < 0 {
      watch = Watch(martlet_begin_watching())
      watched = []
    }
    guard watch.descriptor >= 0, !watched.elementsEqual(stamps, by: { $0.path == $1.path && $0.inode == $1.inode })
    else { return }
    watched = stamps
    folders = [:]
    for stamp in stamps {
      let number = martlet_watch_folder(watch.descriptor, stamp.path.text)
      if number >= 0 { folders[number] = stamp.path }
    }
  }

  /// The paths of files that were moved in since the last time but one, unless they have been found since.
  mutating func take() -> Set<FilePath> {
    before = movedIn
    movedIn = []
    guard watch.descriptor >= 0 else { return before }
    withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 8) { buffer in
      // The size of the buffer is not zero.
      let base = buffer.baseAddress.unsafelyUnwrapped
      while true {
        let count = read(watch.descriptor, base, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        var offset = 0
        while offset < count, let length = note(base + offset, count - offset) { offset += length }
      }
    }
    return movedIn.union(before)
  }

  /// Takes note of the record at `bytes` and returns its length.
  private mutating func note(_ bytes: UnsafeRawPointer, _ count: Int) -> Int? {
    var number: Int32 = 0
    var name: UnsafePointer<CChar>?
    var wasMoved: Int32 = 0
    let length = martlet_read_arrival(bytes, Int32(count), &number, &name, &wasMoved)
    guard length > 0 else { return nil }
    if let folder = folders[number], let name = name.map({ String(cString: $0) }), !isHiddenName(name) {
      let path = FilePath(name, in: folder)
      if wasMoved != 0 {
        movedIn.insert(path)
      } else {
        movedIn.remove(path)
        before.remove(path)
      }
    }
    return Int(length)
  }

  /// Paths that were moved in, for the next time.
  mutating func keep(_ paths: Set<FilePath>) { movedIn.formUnion(paths) }

  /// Files that a look has found are what they are.
  mutating func forget(_ files: [SeenFile]) {
    if movedIn.isEmpty { return }
    for file in files { movedIn.remove(file.path) }
  }
}
