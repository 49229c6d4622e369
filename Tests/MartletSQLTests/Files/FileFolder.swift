import Foundation

/// A folder for the files of one test, which is removed with this object.
final class FileFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "martlet-files-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // What a test leaves in the system's temporary folder does no harm.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Creates a file, and the folders that it is in.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }

  @discardableResult
  func write(_ name: String, _ bytes: Data) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      at: URL(fileURLWithPath: file).deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: URL(fileURLWithPath: file))
    return file
  }

  /// The names in a folder, including hidden ones.
  func names(_ name: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
  }

  /// The texts of the files of rows below a folder, by their folders within it; several in one folder are put together.
  func parts(_ name: String) throws -> [String: String] {
    var texts: [String: String] = [:]
    for file in try FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(name)").sorted() {
      let parts = file.split(separator: "/")
      guard let last = parts.last, last.hasPrefix("part-") else { continue }
      let text = try String(contentsOfFile: "\(path)/\(name)/\(file)", encoding: .utf8)
      texts[parts.dropLast().joined(separator: "/"), default: ""] += text
    }
    return texts
  }
}
