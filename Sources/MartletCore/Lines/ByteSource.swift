#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Bytes that are read one after the other.
package protocol ByteSource: AnyObject {
  /// Reads at most `count` bytes to `target`; returns how many, 0 at the end.
  func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int
}

/// The bytes of a file.
package final class FileSource: ByteSource {
  private let path: String
  private let descriptor: Int32
  /// How many bytes are left of those that are to be read; `nil` if all that are there when they are read.
  private var left: Int?

  /// Opens the file for reading, from `offset` bytes on.
  ///
  /// - Parameter planned: the file as it was found, if it was: then that file is read and no other, under whatever name in
  ///   the same folder, and no more of it than there was.
  /// - Throws: `MartletError` if it cannot be opened, or is not what was found.
  package init(path: String, offset: Int = 0, planned: FileFacts? = nil) throws {
    self.path = path
    descriptor = try openForReading(path, planned)
    left = planned.map { max(0, $0.size - offset) }
    if offset > 0 && lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
      throw MartletError.system("Cannot seek in '\(path)'", errno: errno)
    }
  }

  // Also of an object whose `init` has thrown once everything was set.
  deinit { close(descriptor) }

  package func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    let count = min(count, left ?? count)
    if count == 0 { return 0 }
    while true {
      #if canImport(Glibc)
        let got = Glibc.read(descriptor, target, count)
      #elseif canImport(Musl)
        let got = Musl.read(descriptor, target, count)
      #else
        let got = Darwin.read(descriptor, target, count)
      #endif
      if got > 0 {
        left = left.map { $0 - got }
        return got
      }
      if got == 0 {
        guard left == nil else {
          throw MartletError(.inputOutput, "The file '\(path)' became shorter while it was read.")
        }
        return 0
      }
      if errno != EINTR { throw MartletError.system("Cannot read '\(path)'", errno: errno) }
    }
  }
}
