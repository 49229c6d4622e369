import Foundation

/// The records that a program was fed, in order; a record that was sent again occurs again.
package struct Ledger: Sendable {
  package private(set) var sent: [Record] = []

  package init() {}

  /// Reads a file with a line for each record that was sent.
  package init(contentsOf path: String) throws {
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    for line in text.split(separator: "\n") {
      guard let record = Record(line) else { throw UnreadableLine(description: "'\(path)' has the line '\(line)'.") }
      sent.append(record)
    }
  }

  package mutating func note(_ record: Record) { sent.append(record) }

  package func write(to path: String) throws {
    let text = sent.map { "\($0)\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// The number of times that each record was sent.
  package var counts: [Record: Int] { sent.reduce(into: [:]) { $0[$1, default: 0] += 1 } }

  struct UnreadableLine: Error, CustomStringConvertible {
    let description: String
  }
}
