#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is appended to and synchronized, with nothing around it: a measure of what the disk alone costs.
public final class BareFile {
  private let path: String
  private let descriptor: Int32

  /// Makes the file.
  public init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    guard descriptor >= 0 else { throw UnreadableFile(path: path) }
  }

  deinit { close(descriptor) }

  /// Appends `count` bytes, and waits until they are on the disk.
  /// - Returns: the duration of the wait, in milliseconds.
  public func synchronizedAppend(_ count: Int) throws -> Double {
    let bytes = [UInt8](repeating: 0x5A, count: count)
    guard write(descriptor, bytes, count) == count else { throw UnreadableFile(path: path) }
    let stopwatch = Stopwatch()
    #if canImport(Darwin)
      guard fsync(descriptor) == 0 else { throw UnreadableFile(path: path) }
    #else
      guard fdatasync(descriptor) == 0 else { throw UnreadableFile(path: path) }
    #endif
    return stopwatch.seconds * 1000
  }

  /// Removes the file from its folder.
  public func remove() { unlink(path) }
}
