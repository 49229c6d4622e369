import Foundation

/// The files that an output operation has left of one batch.
package struct BatchOutput: Sendable {
  /// Milliseconds since 1970.
  package var time: Int
  /// The lines, in the order of the files.
  package var lines: [Substring]
  /// A description of damage to the folder, if any.
  package var damage: String?

  /// The folders `PREFIX-TIME`, in the order of time.
  package static func all(_ prefix: String) throws -> [BatchOutput] {
    let url = URL(fileURLWithPath: prefix)
    let parent = url.deletingLastPathComponent().path
    let stem = url.lastPathComponent + "-"
    guard FileManager.default.fileExists(atPath: parent) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: parent).compactMap { name -> BatchOutput? in
      guard name.hasPrefix(stem), let time = Int(name.dropFirst(stem.count)) else { return nil }
      return try BatchOutput("\(parent)/\(name)", time: time)
    }.sorted { $0.time < $1.time }
  }

  private init(_ folder: String, time: Int) throws {
    self.time = time
    lines = []
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    if !names.contains("_SUCCESS") { damage = "'\(folder)' has no _SUCCESS" }
    for name in names.filter({ $0.hasPrefix("part-") }).sorted() {
      let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")), as: UTF8.self)
      if let last = text.utf8.last, last != 10 { damage = "'\(folder)/\(name)' ends within a line" }
      lines += text.split(separator: "\n")
    }
  }
}
