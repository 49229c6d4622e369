import Foundation

/// Checks that the log of a checkpoint ends in good order, as far as its bytes show without Martlet's help.
package enum StoppedLog {
  /// The problem with the end of the log in `folder`, if any: the program did not stop in good order, or left
  /// incomplete batches.
  ///
  /// A record has 40 bytes of header: `ML`, version, kind; at 8, the length of its payload, which zeros follow up to a
  /// multiple of 8.
  package static func problem(in folder: String) throws -> String? {
    let segments = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("log-") }.sorted()
    guard !segments.isEmpty else { return "'\(folder)' has no log" }
    var lastPlanned = Int64.min
    var lastDone = Int64.min
    var lastKind: UInt8 = 0
    for segment in segments {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(segment)")))
      var position = 0
      while position + 40 <= bytes.count, bytes[position] == UInt8(ascii: "M"), bytes[position + 1] == UInt8(ascii: "L")
      {
        let kind = bytes[position + 3]
        let payload = position + 40
        let end = payload + (Int(word(bytes, at: position + 8)) + 7) & ~7
        guard end <= bytes.count else { break }
        switch kind {
        // A plan: its time, and a flag for copies of older plans.
        case 1 where bytes[payload + 8] == 0: lastPlanned = max(lastPlanned, word(bytes, at: payload))
        case 3: lastDone = max(lastDone, word(bytes, at: payload))
        default: break
        }
        lastKind = kind
        position = end
      }
      if position != bytes.count && segment == segments.last { return "'\(segment)' ends within a record" }
    }
    if lastKind != 5 { return "the log ends with a record of kind \(lastKind), not with the note that it was stopped" }
    if lastPlanned > lastDone { return "the batch of \(lastPlanned / 1_000_000) ms was planned and is not complete" }
    return nil
  }

  private static func word(_ bytes: [UInt8], at position: Int) -> Int64 {
    (0..<8).reduce(0) { $0 | Int64(bytes[position + $1]) << (8 * Int64($1)) }
  }
}
