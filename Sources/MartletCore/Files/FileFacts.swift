#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import CMartlet

/// The facts that a file system states of a regular file, but for its name.
package struct FileFacts: Sendable, Hashable {
  /// The disk; 0 if unknown. A disk may have another number after the machine was started again.
  package var device: UInt64
  /// The number of the file on its disk, which another file may be given once this one is gone.
  package var inode: UInt64
  package var size: Int
  /// When the contents last changed, in nanoseconds since 1970.
  package var modified: Int64
  /// When anything about the file last changed, its name included.
  package var changed: Int64
  /// When the file was made; 0 if unknown.
  package var born: Int64
  /// Whether no other file can have been given the same number and birth time: the clock that stamps files, which goes in
  /// steps, had gone on when this one was seen. See `hasUniqueBirth(seenAfter:)`.
  package var isBirthUnique = true

  package init(
    size: Int, modified: Int64, changed: Int64 = 0, inode: UInt64 = 0, device: UInt64 = 0, born: Int64 = 0
  ) {
    self.device = device
    self.inode = inode
    self.size = size
    self.modified = modified
    self.changed = changed
    self.born = born
  }

  /// The facts of the file at `path`, where links lead; `nil` if there is no regular file of this name.
  package static func ofFile(at path: String) throws -> FileFacts? {
    try refuseZeroByte(path)
    var found = martlet_file_facts()
    guard martlet_look_up(path, -1, &found) == 0 else {
      // A link may lead nowhere, or to itself.
      if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
      throw systemFailure("Cannot look up '\(path)'", errno)
    }
    return found.is_regular != 0 ? FileFacts(found) : nil
  }

  /// The facts of an open file. `path` is named in errors.
  package static func ofOpenFile(_ descriptor: Int32, _ path: String) throws -> FileFacts {
    var found = martlet_file_facts()
    guard martlet_look_up(nil, descriptor, &found) == 0 else { throw systemFailure("Cannot look up '\(path)'", errno) }
    return FileFacts(found)
  }

  private init(_ found: martlet_file_facts) {
    self.init(
      size: Int(found.size), modified: found.modified, changed: found.changed, inode: found.inode,
      device: found.device, born: found.born)
  }
}

/// The number of a file, and its disk: other disks use the same numbers.
package struct FileNumber: Sendable, Hashable {
  package var device: UInt64
  package var inode: UInt64
}

/// What a file that is found is to one that was found earlier.
package enum FileRelation: Sendable {
  /// The same file with the same contents.
  case same
  /// The same file, with more in it. What was in it is taken to be there still: nothing but reading it would tell.
  case grown
  /// The same file, with other contents.
  case changed
  /// Another file of the same name, size and modification time: one that was restored from a copy, or written again by a
  /// program that keeps times. The contents are taken to be the same.
  case copy
  case other
}

extension FileFacts {
  package var number: FileNumber { FileNumber(device: device, inode: inode) }

  /// The identity of files, decided here alone.
  ///
  /// A file keeps its number and the time when it was made, whatever happens to its name and contents. Neither is enough:
  /// a number is used again once its file is gone, and a copy has a number of its own. So:
  ///
  /// | number | made at the same time | disk | same name | size and modification time | |
  /// |---|---|---|---|---|---|
  /// | same | yes | same | any | any | `same`, `grown`, `changed` |
  /// | same | yes | another number | yes | any | `same`, `grown`, `changed` |
  /// | same | yes, and it may be that of two files; or unknown | same | yes | any | `same`, `grown`, `changed` |
  /// | same | the same | same | no | same | `same` |
  /// | anything else | | | yes | same | `copy` |
  /// | anything else | | | | | `other` |
  ///
  /// When the name, mode or owner last changed does not count.
  package func relation(to before: FileFacts, hasSameName: Bool) -> FileRelation {
    let hasSameContents = size == before.size && modified == before.modified
    let hasSameDevice = device == before.device || device == 0 || before.device == 0
    let isSameFile: Bool
    if inode != before.inode || inode == 0 {
      isSameFile = false
    } else if hasKnownBirth(before) {
      isSameFile = born == before.born && (hasSameDevice || hasSameName)
    } else if born != before.born && born != 0 && before.born != 0 {
      isSameFile = false
    } else {
      isSameFile = hasSameDevice && (hasSameName || hasSameContents)
    }
    if isSameFile { return hasSameContents ? .same : size > before.size ? .grown : .changed }
    return hasSameName && hasSameContents ? .copy : .other
  }

  /// Whether no file that is made after this one was seen can have its birth time.
  ///
  /// Until the clock that stamps files goes on, a file can be removed and another one made, which gets the same number and
  /// the same time. Some disks count in longer steps than the clock, such as 100 ns or a second, and cut off the rest:
  /// the birth time then ends in zeros.
  ///
  /// - Parameter clock: the time by the clock that stamps files, read before the file was looked up. Read later, it would
  ///   say nothing about the time in between.
  package func hasUniqueBirth(seenAfter clock: Int64) -> Bool {
    var step: Int64 = 1
    while step < 1_000_000_000 && born.isMultiple(of: step * 10) { step *= 10 }
    let (age, isOverflowing) = clock.subtractingReportingOverflow(born)
    return isOverflowing ? clock > born : age >= step
  }

  /// Whether it is known of both when they were made, so that they are the same file only if it is the same time.
  package func hasKnownBirth(_ before: FileFacts) -> Bool {
    born != 0 && before.born != 0 && before.isBirthUnique
  }
}
