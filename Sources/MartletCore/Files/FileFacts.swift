#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import CMartlet

/// The metadata of a regular file, except for its name.
package struct FileFacts: Sendable, Hashable {
  /// The disk; 0 if unknown. The number of a disk may change when the machine restarts.
  package var device: UInt64
  /// The number of the file on its disk, which may be reused after the file is removed.
  package var inode: UInt64
  package var size: Int
  /// The time of the last change of contents, in nanoseconds since 1970.
  package var modified: Int64
  /// The time of the last change of anything about the file, including its name.
  package var changed: Int64
  /// The creation time; 0 if unknown.
  package var born: Int64
  /// True if no other file can have the same number and creation time: the file system's clock, which moves in steps,
  /// had advanced when this file was seen. See `hasUniqueBirth(seenAfter:)`.
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

  /// The facts of the file at `path`, following links; `nil` if no regular file has this name.
  package static func ofFile(at path: String) throws -> FileFacts? {
    try refuseZeroByte(path)
    var found = martlet_file_facts()
    guard martlet_look_up(path, -1, &found) == 0 else {
      // A link may be dangling, or point to itself.
      if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
      throw systemFailure("Cannot look up '\(path)'", errno)
    }
    return found.is_regular != 0 ? FileFacts(found) : nil
  }

  /// The facts of an open file. Errors name `path`.
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

/// The number of a file and of its disk: numbers are unique only within a disk.
package struct FileNumber: Sendable, Hashable {
  package var device: UInt64
  package var inode: UInt64
}

/// The relation of a file to one that was found earlier.
package enum FileRelation: Sendable {
  /// The same file with the same contents.
  case same
  /// The same file, with more content. The previous content is assumed to be unchanged, because only reading it could
  /// tell.
  case grown
  /// The same file with other content.
  case changed
  /// Another file with the same name, size and modification time: one that was restored from a copy, or rewritten by a
  /// program that preserves times. The content is assumed to be the same.
  case copy
  case other
}

extension FileFacts {
  package var number: FileNumber { FileNumber(device: device, inode: inode) }

  /// Decides the identity of files. Nothing else does.
  ///
  /// A file keeps its number and creation time when its name or content changes. Neither is sufficient: the number of a
  /// removed file is reused, and a copy has its own number. Therefore:
  ///
  /// | number | same creation time | disk | same name | size and modification time | |
  /// |---|---|---|---|---|---|
  /// | same | yes | same | any | any | `same`, `grown`, `changed` |
  /// | same | yes | another number | yes | any | `same`, `grown`, `changed` |
  /// | same | yes, and it may be that of two files; or unknown | same | yes | any | `same`, `grown`, `changed` |
  /// | same | the same | same | no | same | `same` |
  /// | anything else | | | yes | same | `copy` |
  /// | anything else | | | | | `other` |
  ///
  /// The time of the last change of name, mode or owner does not matter.
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

  /// Returns true if no file created after this one was seen can have its creation time.
  ///
  /// Until the file system's clock advances, a file can be removed and another one created with the same number and
  /// time. Some disks use longer steps than the clock, such as 100 ns or a second, and truncate times, which then end
  /// in zeros.
  ///
  /// - Parameter clock: the time of the file system's clock, read before the file was looked up. A later reading would
  ///   not cover the time in between.
  package func hasUniqueBirth(seenAfter clock: Int64) -> Bool {
    var step: Int64 = 1
    while step < 1_000_000_000 && born.isMultiple(of: step * 10) { step *= 10 }
    let (age, isOverflowing) = clock.subtractingReportingOverflow(born)
    return isOverflowing ? clock > born : age >= step
  }

  /// Returns true if both creation times are known, so that the files are the same only if the times are.
  package func hasKnownBirth(_ before: FileFacts) -> Bool {
    born != 0 && before.born != 0 && before.isBirthUnique
  }
}
