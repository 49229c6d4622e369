/// The findings of the verifier.
package struct Verdict: Sendable, Equatable {
  /// Records that are missing from the output; the shortfall of a count, and missing batches.
  package var lost = 0
  /// Records that came out too often or were never sent; the excess of a count.
  package var duplicated = 0
  /// Records that came out after a later one of their source.
  package var outOfOrder = 0
  /// The findings in words; the first few of each kind.
  package private(set) var findings: [String] = []

  package init() {}

  package var isClean: Bool { lost == 0 && duplicated == 0 && outOfOrder == 0 && findings.isEmpty }

  package mutating func note(_ finding: String) {
    if findings.count < 20 { findings.append(finding) }
  }

  package mutating func lose(_ finding: String, count: Int = 1) {
    lost += count
    note("lost: \(finding)")
  }

  package mutating func duplicate(_ finding: String, count: Int = 1) {
    duplicated += count
    note("duplicated: \(finding)")
  }

  package mutating func disorder(_ finding: String) {
    outOfOrder += 1
    note("out of order: \(finding)")
  }

  package mutating func add(_ other: Verdict) {
    lost += other.lost
    duplicated += other.duplicated
    outOfOrder += other.outOfOrder
    for finding in other.findings { note(finding) }
  }
}
