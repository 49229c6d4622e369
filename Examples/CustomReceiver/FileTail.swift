#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Martlet

/// Receives the lines of a file: those that are there, and those that are appended later.
final class FileTail: Receiver<Text>, @unchecked Sendable {
  private let path: String

  init(_ path: String) {
    self.path = path
    super.init()
  }

  /// Stays here until the receiver is stopped. If the file cannot be opened, the error is reported to listeners, and
  /// `onStart` is called again after a while.
  override func onStart() throws {
    guard let file = fopen(path, "r") else {
      throw MartletError(.inputOutput, "Cannot open '\(path)': \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var line: [UInt8] = []
    while !isStopped {
      switch getc(file) {
      case EOF:
        clearerr(file)
        usleep(20_000)
      case 10:
        store(Text(decoding: line))
        line = []
      case let byte:
        line.append(UInt8(truncatingIfNeeded: byte))
      }
    }
  }
}
