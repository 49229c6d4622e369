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

  /// Opens the file for reading, from `offset` bytes on.
  package init(path: String, offset: Int = 0) throws {
    try refuseZeroByte(path)
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw MartletError.system("Cannot open '\(path)'", errno: errno) }
    if offset > 0 && lseek(descriptor, off_t(offset), SEEK_SET) < 0 {
      let code = errno
      close(descriptor)
      throw MartletError.system("Cannot seek in '\(path)'", errno: code)
    }
  }

  deinit { close(descriptor) }

  package func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    while true {
      #if canImport(Glibc)
        let got = Glibc.read(descriptor, target, count)
      #elseif canImport(Musl)
        let got = Musl.read(descriptor, target, count)
      #else
        let got = Darwin.read(descriptor, target, count)
      #endif
      if got >= 0 { return got }
      if errno != EINTR { throw MartletError.system("Cannot read '\(path)'", errno: errno) }
    }
  }
}
