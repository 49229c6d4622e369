import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file that appears to have been moved into a stream's folder once it has been renamed, even to a program
/// that was not running: it was written in 1970, before the batches of a test, and is not open. No two have the same
/// time.
///
/// A process that another test is just starting has all open files of this one open, until it runs its program.
package func writeStreamInput(_ path: String, _ text: String) throws {
  try SystemFile.create(path).write(Array(text.utf8))
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  time.tv_sec = 0
  var old = [time, time]
  guard utimensat(AT_FDCWD, path, &old, 0) == 0 else {
    throw MartletError.system("Cannot date '\(path)'", errno: errno)
  }
  let file = try SystemFile.read(path)
  while file.isOpenForWriting() == true { sched_yield() }
}
