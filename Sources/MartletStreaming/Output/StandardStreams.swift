#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// Writes text on standard output, all of it and at once, behind what C and Swift have buffered.
func writeToStandardOutput(_ text: String) throws {
  fflush(nil)
  guard StandardDescriptors.write(text, to: STDOUT_FILENO) else {
    throw MartletError.system("Cannot write to standard output", errno: errno)
  }
}

/// Writes text on standard error, and waits while there is no room. Text that cannot be written is dropped.
public func writeToStandardError(_ text: String) { _ = StandardDescriptors.write(text, to: STDERR_FILENO) }
