/// The name of a segment of a log: `log-00000002-00000005` is the fifth of the second owner.
package struct SegmentName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The epoch of the owner that wrote it, from 1.
  package var epoch: Int
  /// The number of the segment, from 1 in each epoch.
  package var number: Int

  package init(epoch: Int, number: Int) {
    self.epoch = epoch
    self.number = number
  }

  /// The segment with this file name.
  package init?(fileName: String) {
    let parts = fileName.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "log", let epoch = Int(parts[1]), let number = Int(parts[2]) else { return nil }
    self.init(epoch: epoch, number: number)
    guard description == fileName else { return nil }
  }

  package static func < (a: SegmentName, b: SegmentName) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }

  /// The name of the file.
  package var description: String { "log-\(eightDigits(epoch))-\(eightDigits(number))" }
}

/// `number` with leading zeros, so that names sort like numbers.
func eightDigits(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
}
