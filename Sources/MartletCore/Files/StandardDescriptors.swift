// Unsafe code. Invariant: system calls get descriptors and flags, and memory that lives only for the call.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard input, output and error: the descriptors 0, 1 and 2.
package enum StandardDescriptors {
  /// Prepares the descriptors so that a program can rely on them, once per process.
  ///
  /// - A closed descriptor is opened on `/dev/null`. Otherwise the next file to be opened would get its number, and
  ///   messages for standard error would be written to that file.
  /// - A non-blocking pipe or terminal for output, which event loops may pass on, is opened again in blocking mode. The
  ///   functions of C and Swift, which most loggers use, drop bytes for which there is no room. Other users of the pipe
  ///   are not affected. Only on Linux; sockets cannot be opened again.
  package static func prepare() { _ = isPrepared }

  private static let isPrepared: Bool = {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // `open` returns the lowest free number. If another thread has taken this one meanwhile, it is not closed any
      // more.
      let null = open("/dev/null", O_RDWR)
      if null > descriptor { close(null) }
    }
    #if os(Linux)
      for descriptor in [STDOUT_FILENO, STDERR_FILENO] { makeBlocking(descriptor) }
    #endif
    return true
  }()

  #if os(Linux)
    /// Replaces `descriptor` by another opening of the same pipe or terminal.
    private static func makeBlocking(_ descriptor: Int32) {
      let flags = fcntl(descriptor, F_GETFL)
      var status = stat()
      guard flags >= 0, flags & O_NONBLOCK != 0, fstat(descriptor, &status) == 0,
        [S_IFIFO, S_IFCHR].contains(status.st_mode & S_IFMT)
      else { return }
      // Opening a pipe without a reader would block.
      let again = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      guard again >= 0 else { return }
      if fcntl(again, F_SETFL, fcntl(again, F_GETFL) & ~O_NONBLOCK) == 0 { dup2(again, descriptor) }
      close(again)
    }
  #endif

  /// Writes all of `text`, whether or not the descriptor blocks; returns `false`, and sets `errno`, if it cannot be
  /// written.
  package static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[done...]))
        if written >= 0 {
          done += written
        } else if errno == EAGAIN || errno == EWOULDBLOCK {
          guard waitForRoom(descriptor) else { return false }
        } else if errno != EINTR {
          return false
        }
      }
      return true
    }
  }

  private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  /// Waits until a non-blocking descriptor accepts data, or never will; the next write tells which.
  private static func waitForRoom(_ descriptor: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while poll(&entry, 1, -1) < 0 {
      if errno != EINTR { return false }
    }
    return true
  }
}
