#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// Writes the whole text to standard output with one call, after the data that C and Swift have buffered.
package func writeToStandardOutput(_ text: String) throws {
  fflush(nil)
  guard StandardDescriptors.write(text, to: STDOUT_FILENO) else {
    throw MartletError.system("Cannot write to standard output", errno: errno)
  }
}

/// Writes text to standard error, and waits if necessary. Text that cannot be written is dropped.
public func writeToStandardError(_ text: String) { _ = StandardDescriptors.write(text, to: STDERR_FILENO) }
