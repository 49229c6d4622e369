import Foundation

/// The rows that an output operation has committed, a partition of a batch at a time, as lines `COUNT ROW` in files
/// named `TIME-PARTITION`.
enum CommittedRows {
  /// The number of times that each row was committed.
  static func all(_ folder: String) throws -> [String: Int] {
    guard FileManager.default.fileExists(atPath: folder) else { return [:] }
    var rows: [String: Int] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let parts = name.split(separator: "-")
      // Others are files that a killed process has not yet renamed.
      guard parts.count == 2, parts.allSatisfy({ Int($0) != nil }) else { continue }
      let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")), as: UTF8.self)
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ", maxSplits: 1)
        rows[String(words.last ?? ""), default: 0] += words.first.flatMap { Int($0) } ?? 0
      }
    }
    return rows
  }
}
