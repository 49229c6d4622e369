// Unsafe code. Invariant: pointers are handed to system calls with the number of bytes that are there.

import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file. System calls that a signal interrupts, or that do less than asked, are taken up again.
package final class SystemFile: Sendable {
  package let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Makes a file that is not there yet, for writing.
  package static func create(_ path: String) throws -> SystemFile {
    try openFile(path, O_WRONLY | O_CREAT | O_EXCL, "Cannot create")
  }

  /// Opens a file or device that is there, for writing, and empties it.
  package static func overwrite(_ path: String) throws -> SystemFile {
    try openFile(path, O_WRONLY | O_TRUNC, "Cannot write to")
  }

  /// Opens a file that is there, for writing.
  package static func change(_ path: String) throws -> SystemFile { try openFile(path, O_WRONLY, "Cannot open") }

  /// Opens a file for reading.
  package static func read(_ path: String) throws -> SystemFile { try openFile(path, O_RDONLY, "Cannot open") }

  /// Opens a file for a lock, and makes it if it is not there.
  package static func lockable(_ path: String) throws -> SystemFile {
    try openFile(path, O_RDWR | O_CREAT, "Cannot open")
  }

  /// A file without a name, for data that nobody needs once this process is gone, whatever ends it.
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

  /// Writes all bytes where the last write ended.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try transfer(bytes.count) { done in
      systemWrite(descriptor, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done)  // there are bytes
    }
  }

  /// Writes all bytes at `offset`; several threads may do so at a time.
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

  /// Reads at `offset`, at most `count` bytes; fewer only at the end of the file.
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

  /// All that is in the file.
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

  /// Frees what a file without a name takes on the disk, a piece at a time, with pauses. To free a large file at once keeps
  /// the disk busy, and with it whoever waits for another file, for as much as 10 ms. Who has it open still has the time
  /// to read it, if it is not very large.
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

  /// Takes the lock on the file, which the system gives back when this object or the process ends; false if another
  /// process, or another object of this one, has it.
  package func tryLock() throws -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR { throw systemFailure("Cannot lock '\(path)'", errno) }
    }
    return true
  }

  /// Whether somebody has taken the lock with `tryLock()`.
  ///
  /// It is asked for a lock that others may have too, so any number may ask at the same time. Only whoever takes the lock
  /// in this moment would be disturbed: ask of files that are locked before they get their names.
  package func isLockedBySomebody() throws -> Bool {
    while flock(descriptor, LOCK_SH | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return true }
      if errno != EINTR { throw systemFailure("Cannot lock '\(path)'", errno) }
    }
    unlock()
    return false
  }

  /// Gives the lock back. To close the file would not do so while a child process that is being started has it too.
  package func unlock() { flock(descriptor, LOCK_UN) }

  /// Whether anybody, this process included, has the file open for writing; `nil` if the system does not tell: it does on
  /// Linux, of files that belong to this user, on disks that have leases. Some network disks say so of all files.
  package func isOpenForWriting() -> Bool? {
    let answer = martlet_is_open_for_writing(descriptor)
    return answer < 0 ? nil : answer == 1
  }

  /// Throws unless this is the file that was found at its path with these facts.
  package func expect(_ planned: FileFacts) throws { try planned.expect(descriptor, path) }

  /// How many bytes the file has.
  package func size() throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemFailure("Cannot read '\(path)'", errno) }
    return Int(status.st_size)
  }

  /// Writes all bytes where the last write ended.
  package func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  /// Waits until the memory that holds what was written can be given up. It says nothing of what is on the disk.
  package func writeOut() { martlet_write_out(descriptor) }

  /// Removes the bytes from `length` on.
  package func truncate(to length: Int) throws {
    while ftruncate(descriptor, off_t(length)) != 0 {
      if errno != EINTR { throw systemFailure("Cannot shorten '\(path)'", errno) }
    }
  }

  /// Returns when the file's bytes, and its length, are on the disk; its times need not be.
  package func synchronizeData() throws {
    #if canImport(Darwin)
      try synchronize()
    #else
      while fdatasync(descriptor) != 0 {
        if errno != EINTR { throw systemFailure("Cannot sync '\(path)' to the disk", errno) }
      }
    #endif
  }

  /// Returns when the file's bytes are on the disk.
  package func synchronize() throws {
    while fsync(descriptor) != 0 {
      // Devices and pipes have nothing to keep.
      if errno == EINVAL || errno == ENOTSUP { return }
      if errno != EINTR { throw systemFailure("Cannot sync '\(path)' to the disk", errno) }
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

/// A name that no other file has.
package func randomName() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

/// The failure of a system call on a file, with what can be done about it.
package func systemFailure(_ what: String, _ code: Int32) -> MartletError {
  let advice =
    switch code {
    case ENOSPC, EDQUOT: " Make room on that disk, or choose a folder on another."
    case EFBIG: " The file would be larger than the process or the disk allows; see 'ulimit -f'."
    case EACCES, EPERM: " Give this user the right to it, or choose another folder."
    case EROFS: " The disk is mounted for reading only; choose another folder."
    case EIO: " The disk may be failing; look at the system's log."
    case EMFILE, ENFILE: " Too many files are open; raise 'ulimit -n'."
    default: ""
    }
  let error = MartletError.system(what, errno: code)
  return advice.isEmpty ? error : error.worded(error.message + "." + advice)
}
