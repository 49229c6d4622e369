import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file that is to look as if it had been moved in where a stream finds it, once it has been renamed: it was
/// written long ago, and nobody has it open.
///
/// A process that another test is just starting has all that is open in this one, until it runs its program.
package func writeStreamInput(_ path: String, _ text: String) throws {
  try SystemFile.create(path).write(Array(text.utf8))
  var old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
  guard utimensat(AT_FDCWD, path, &old, 0) == 0 else {
    throw MartletError.system("Cannot date '\(path)'", errno: errno)
  }
  let file = try SystemFile.read(path)
  while file.isOpenForWriting() == true { sched_yield() }
}
