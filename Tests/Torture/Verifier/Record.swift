/// A record for a program: `KEY SOURCE NUMBER`.
package struct Record: Sendable, Hashable, CustomStringConvertible {
  package var key: String
  /// Within a source, order counts.
  package var source: String
  /// From 0, without gaps.
  package var number: Int

  package init(key: String, source: String, number: Int) {
    self.key = key
    self.source = source
    self.number = number
  }

  /// The record of a line, if it is one.
  package init?(_ line: Substring) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, let number = Int(words[2]) else { return nil }
    self.init(key: String(words[0]), source: String(words[1]), number: number)
    guard description == line else { return nil }
  }

  package var description: String { "\(key) \(source) \(number)" }
}
