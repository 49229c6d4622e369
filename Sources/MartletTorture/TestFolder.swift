import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder for one test, removed with this object. Its path has no symbolic links, as the library requires.
package final class TestFolder: Sendable {
  package let path: String

  package init() throws {
    // In memory where possible: programs that are killed hundreds of times would wait for a real disk.
    let memory = "/dev/shm"
    let isInMemory = FileManager.default.isWritableFile(atPath: memory)
    let parent = isInMemory ? memory : FileManager.default.temporaryDirectory.resolvingSymlinksInPath().path
    var template = Array("\(parent)/martlet-faults-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template).map({ String(cString: $0) }) else {
      throw TortureError("Cannot make a folder in '\(parent)': errno \(errno).")
    }
    self.path = path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Creates a folder in this one, and returns its path.
  package func folder(_ name: String) throws -> String {
    let path = "\(path)/\(name)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// The bytes of a file.
package func readFile(_ path: String) throws -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw TortureError("Cannot open '\(path)': errno \(errno).") }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    guard count >= 0 else { throw TortureError("Cannot read '\(path)': errno \(errno).") }
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}
