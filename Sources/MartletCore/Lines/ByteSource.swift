#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A source of bytes that are read in order.
package protocol ByteSource: AnyObject {
  /// Reads at most `count` bytes to `target`; returns the number read, 0 at the end.
  func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int
}

/// The bytes of a file.
package final class FileSource: ByteSource {
  private let path: String
  private let descriptor: Int32
  /// The number of bytes left to read; `nil` to read to the end of the file.
  private var left: Int?

  /// Opens the file for reading, from `offset` on.
  ///
  /// - Parameter planned: the facts of a file found earlier. Then that file is read and no other, under any name in the
  ///   same folder, and only up to its size at that time.
  /// - Throws: `MartletError` if it cannot be opened, or is not the file that was found.
  package init(path: String, offset: Int = 0, planned: FileFacts? = nil) throws {
    self.path = path
    descriptor = try openForReading(path, planned)
    left = planned.map { max(0, $0.size - offset) }
    if offset > 0 && lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
      throw MartletError.system("Cannot seek in '\(path)'", errno: errno)
    }
  }

  // Also runs if `init` throws after all properties are set.
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
