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
  guard writeAll(text, to: STDOUT_FILENO) else {
    throw MartletError.system("Cannot write to standard output", errno: errno)
  }
}

/// Writes text on standard error; what cannot be written there is dropped.
public func writeToStandardError(_ text: String) { _ = writeAll(text, to: STDERR_FILENO) }

private func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written >= 0 {
      bytes = bytes.dropFirst(written)
    } else if errno != EINTR {
      return false
    }
  }
  return true
}
