// Unsafe code. Invariant: pointers are passed to system calls with the number of bytes that they point to.

import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file. System calls that are interrupted by a signal, or are incomplete, are continued.
package final class SystemFile: Sendable {
  package let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Creates a new file for writing.
  package static func create(_ path: String) throws -> SystemFile {
    try openFile(path, O_WRONLY | O_CREAT | O_EXCL, "Cannot create")
  }

  /// Opens an existing file or device for writing, and truncates it.
  package static func overwrite(_ path: String) throws -> SystemFile {
    try openFile(path, O_WRONLY | O_TRUNC, "Cannot write to")
  }

  /// Opens an existing file for writing.
  package static func change(_ path: String) throws -> SystemFile { try openFile(path, O_WRONLY, "Cannot open") }

  /// Opens a file for reading.
  package static func read(_ path: String) throws -> SystemFile { try openFile(path, O_RDONLY, "Cannot open") }

  /// Opens a file for a lock, and creates it if needed.
  package static func lockable(_ path: String) throws -> SystemFile {
    try openFile(path, O_RDWR | O_CREAT, "Cannot open")
  }

  /// A file without a name, for data that ends with this process.
  package static func temporary(in folder: String) throws -> SystemFile {
    let path = "\(folder)/.martlet-\(getpid())-\(randomName())"
    let file = try openFile(path, O_RDWR | O_CREAT | O_EXCL, "Cannot create a file for spilled data,")
    guard unlink(path) == 0 else { throw systemFailure("Cannot unlink the file for spilled data, '\(path)'", errno) }
    return file
  }

  private static func openFile(_ path: String, _ flags: Int32, _ what: String) throws -> SystemFile {
    try refuseZeroByte(path)
    while true {
      let descriptor = open(path, flags | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return SystemFile(path: path, descriptor: descriptor) }
      if errno != EINTR { throw systemFailure("\(what) '\(path)'", errno) }
    }
  }

  /// Appends all bytes after the last write.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try transfer(bytes.count) { done in
      systemWrite(descriptor, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done)  // not empty
    }
  }

  /// Writes all bytes at `offset`; several threads may do so at the same time.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    try transfer(bytes.count) { done in
      pwrite(descriptor, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done, off_t(offset + done))
    }
  }

  private func transfer(_ count: Int, _ call: (_ done: Int) -> Int) throws {
    var done = 0
    while done < count {
      let written = call(done)
      if written > 0 {
        done += written
      } else if written < 0 && errno != EINTR {
        throw systemFailure("Cannot write to '\(path)'", errno)
      }
    }
  }

  /// Reads at most `count` bytes at `offset`; fewer only at the end of the file.
  package func read(_ target: UnsafeMutableRawPointer, count: Int, at offset: Int) throws -> Int {
    var done = 0
    while done < count {
      let got = pread(descriptor, target + done, count - done, off_t(offset + done))
      if got == 0 { break }
      if got > 0 {
        done += got
      } else if errno != EINTR {
        throw systemFailure("Cannot read '\(path)'", errno)
      }
    }
    return done
  }

  /// The whole content of the file.
  package func readAll() throws -> ByteBuffer {
    let bytes = ByteBuffer(capacity: try size())
    let step = 1 << 20
    while true {
      let wanted = max(try size() - bytes.count, 0)
      if wanted == 0 { return bytes }
      let count = min(wanted, step)
      let got = try read(bytes.extend(by: count), count: count, at: bytes.count - count)
      if got < count {
        bytes.shorten(by: count - got)
        return bytes
      }
    }
  }

  /// Frees the disk space of a file without a name gradually, with pauses. Freeing a large file at once keeps the disk
  /// busy, and blocks waits for other files, for as much as 10 ms. Processes that have the file open have some time
  /// left to read it, if it is not very large.
  package func emptyGraduallyIfRemoved() {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return }
    var size = Int(status.st_size)
    let piece = max(1 << 20, size / 64)
    if size > piece { usleep(100_000) }
    while size > piece {
      size -= piece
      guard ftruncate(descriptor, off_t(size)) == 0 else { return }
      usleep(1000)
    }
  }

  /// Whether the file has no name any more, so that nobody can find what is written to it.
  package var isRemoved: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink == 0
  }

  /// Takes the lock on the file, which the system releases when this object or the process ends; returns `false` if
  /// another process or object holds it.
  package func tryLock() throws -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR { throw systemFailure("Cannot lock '\(path)'", errno) }
    }
    return true
  }

  /// Returns true if another process or object has taken the lock with `tryLock()`.
  ///
  /// Asks for a shared lock, so any number of callers may ask at the same time. Only a `tryLock()` at the same moment
  /// could fail because of it: ask only for files that are locked before they get their names.
  package func isLockedBySomebody() throws -> Bool {
    while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return true }
      if errno != EINTR { throw systemFailure("Cannot lock '\(path)'", errno) }
    }
    unlock()
    return false
  }

  /// Releases the lock. Closing the file is not enough while a child process that is being started has it too.
  package func unlock() { flock(descriptor, LOCK_UN) }

  /// Returns true if any process, including this one, has the file open for writing; `nil` if the system cannot tell.
  /// Linux can, for files of this user on disks with leases. Some network disks answer yes for all files.
  package func isOpenForWriting() -> Bool? {
    let answer = martlet_is_open_for_writing(descriptor)
    return answer < 0 ? nil : answer == 1
  }

  /// Throws unless this is the file that was found at its path with these facts.
  package func expect(_ planned: FileFacts) throws { try planned.expect(descriptor, path) }

  /// The size of the file in bytes.
  package func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemFailure("Cannot read '\(path)'", errno) }
    return Int(status.st_size)
  }

  /// Appends all bytes after the last write.
  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Waits until the memory of written data can be freed. Does not ensure that the data is on disk.
  package func writeOut() { martlet_write_out(descriptor) }

  /// Removes the bytes from `length` on.
  package func truncate(to length: Int) throws {
    while ftruncate(descriptor, off_t(length)) != 0 {
      if errno != EINTR { throw systemFailure("Cannot shorten '\(path)'", errno) }
    }
  }

  /// Returns when the bytes and the length of the file are on disk; its times may not be.
  package func synchronizeData() throws {
    #if canImport(Darwin)
      try synchronize()
    #else
      while fdatasync(descriptor) != 0 {
        if errno != EINTR { throw systemFailure("Cannot sync '\(path)' to the disk", errno) }
      }
    #endif
  }

  /// Returns when the bytes of the file are on disk.
  package func synchronize() throws {
    while fsync(descriptor) != 0 {
      // Devices and pipes have nothing to sync.
      if errno == EINVAL || errno == ENOTSUP { return }
      if errno != EINTR { throw systemFailure("Cannot sync '\(path)' to the disk", errno) }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// A unique name.
package func randomName() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

/// An error for a failed system call on a file, with advice on how to fix it.
package func systemFailure(_ what: String, _ code: Int32) -> MartletError {
  let advice =
    switch code {
    case ENOSPC, EDQUOT: " Free space on that disk, or choose a folder on another disk."
    case EFBIG: " The file would exceed the limit of the process or the disk; see 'ulimit -f'."
    case EACCES, EPERM: " Grant this user permission, or choose another folder."
    case EROFS: " The disk is mounted read-only; choose another folder."
    case EIO: " The disk may be failing; check the system log."
    case EMFILE, ENFILE: " Too many files are open; raise 'ulimit -n'."
    default: ""
    }
  let error = MartletError.system(what, errno: code)
  return advice.isEmpty ? error : error.worded(error.message + "." + advice)
}
