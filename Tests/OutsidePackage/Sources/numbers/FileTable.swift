import Foundation
import Martlet

/// A table of numbers: a file for each batch, which is there whole or not at all.
struct FileTable: Sink {
  let folder: String

  func begin(_ part: BatchPart) throws -> Writer? {
    let path = "\(folder)/\(part.time.milliseconds)-\(part.partition)"
    if FileManager.default.fileExists(atPath: path) { return nil }  // an earlier run of the batch has committed it
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return Writer(folder: folder, path: path)
  }

  struct Writer: SinkWriter {
    let folder: String
    let path: String
    var lines = ""

    mutating func write(_ number: Int) { lines += "\(number)\n" }

    func commit() throws {
      try Data(lines.utf8).write(to: URL(filePath: "\(path).new"))
      try synchronize("\(path).new")  // the bytes are on the disk before the name is
      guard rename("\(path).new", path) == 0 else { throw CocoaError(.fileWriteUnknown) }
      try synchronize(folder)  // and the names before the batch is done
      try synchronize("\(folder)/..")
    }

    private func synchronize(_ path: String) throws {
      try FileHandle(forReadingFrom: URL(filePath: path)).synchronize()
    }
  }
}
