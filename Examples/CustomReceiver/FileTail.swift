#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Martlet

/// Receives the lines of a file: those that it already has, and those that are appended later.
///
/// A log that is rotated is followed as by `tail -F`: when the path names another file, the receiver reads the old one
/// to its end, and then the new one from its beginning. A file that has become shorter is read from its beginning
/// again. A line that is still unfinished at that point is a line of its own. The receiver checks the path 50 times a
/// second: it does not notice a file that is truncated and grows beyond its former length between two checks, or one
/// that is replaced twice.
struct FileTail: StreamReceiver {
  let path: String

  /// Continues until the context stops. If the file cannot be opened or read, the error is reported to listeners, and
  /// `receive` is called again after a delay.
  func receive(into stream: StreamInput<Text>) async throws {
    var file = try OpenFile(path)
    while !Task.isCancelled {
      if let line = try file.nextLine() {
        await stream.store(line)
      } else if file.isShorterThanRead {
        if let rest = file.takeUnfinishedLine() { await stream.store(rest) }
        file.rewind()
      } else if let next = file.successor() {
        // Something may have been written between the last read and the replacement of the file.
        while let line = try file.nextLine() { await stream.store(line) }
        if let rest = file.takeUnfinishedLine() { await stream.store(rest) }
        file = next
      } else {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
  }
}

/// A file that is read line by line.
private final class OpenFile {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>
  private var unfinished: [UInt8] = []
  private var bytesRead = 0

  init(_ path: String) throws {
    guard let file = fopen(path, "r") else {
      throw MartletError(.inputOutput, "Cannot open '\(path)': \(String(cString: strerror(errno)))")
    }
    self.path = path
    self.file = file
  }

  deinit { fclose(file) }

  /// The next line without its line feed; `nil` if no further line has been written yet.
  func nextLine() throws -> Text? {
    while true {
      switch getc(file) {
      case EOF:
        guard ferror(file) == 0 else {
          throw MartletError(.inputOutput, "Cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        clearerr(file)
        return nil
      case 10:
        bytesRead += 1
        defer { unfinished = [] }
        return Text(decoding: unfinished)
      case let byte:
        bytesRead += 1
        unfinished.append(UInt8(truncatingIfNeeded: byte))
      }
    }
  }

  /// The unfinished line at the end of the file, which will not be completed.
  func takeUnfinishedLine() -> Text? {
    defer { unfinished = [] }
    return unfinished.isEmpty ? nil : Text(decoding: unfinished)
  }

  /// True if the file ends before the position up to which it was read.
  var isShorterThanRead: Bool { (try? status()).map { Int($0.st_size) < bytesRead } ?? false }

  /// Goes back to the beginning.
  func rewind() {
    fseek(file, 0, SEEK_SET)
    bytesRead = 0
  }

  /// The file that has the path now, if it is another one. While there is none, as in the middle of a rotation, this
  /// one is read further.
  func successor() -> OpenFile? {
    var named = stat()
    guard stat(path, &named) == 0, let own = try? status() else { return nil }
    return named.st_ino == own.st_ino && named.st_dev == own.st_dev ? nil : try? OpenFile(path)
  }

  private func status() throws -> stat {
    var status = stat()
    guard fstat(fileno(file), &status) == 0 else {
      throw MartletError(.inputOutput, "Cannot look at '\(path)': \(String(cString: strerror(errno)))")
    }
    return status
  }
}
