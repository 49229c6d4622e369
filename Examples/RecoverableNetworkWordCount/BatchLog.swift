import Foundation
import Martlet
import Synchronization

/// A file with a line for each batch, which begins with the batch's time in milliseconds.
///
/// A batch that was interrupted runs again. Since batches come in the order of their times, the last line shows whether
/// the batch's line was written before: the time of the batch makes writing idempotent.
final class BatchLog: Sendable {
  private let file: FileHandle
  private let last: Mutex<Int>

  /// Opens or creates the file, and removes an incomplete last line.
  init(_ path: String) throws {
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let text = try file.readToEnd() ?? Data()
    let end = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    try file.truncate(atOffset: UInt64(end))
    let lastLine = text[..<end].split(separator: UInt8(ascii: "\n")).last ?? Data()
    let time = lastLine.prefix { $0 != UInt8(ascii: " ") }
    last = Mutex(Int(String(decoding: time, as: UTF8.self)) ?? .min)
  }

  /// Appends a line and synchronizes the file, unless the batch already has a line.
  func append(_ time: Time, _ line: String) throws {
    try last.withLock { last in
      guard time.milliseconds > last else { return }
      try file.seekToEnd()
      try file.write(contentsOf: Data("\(time.milliseconds) \(line)\n".utf8))
      try file.synchronize()
      last = time.milliseconds
    }
  }
}
