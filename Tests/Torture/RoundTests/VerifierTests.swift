import MartletTorture
import Foundation
import Testing
import TortureVerifier

/// The verifier finds faults planted in otherwise correct outputs.
@Suite struct VerifierTests {
  /// Outputs of batches every 10 ms, made by hand.
  private final class Outputs {
    let folder: TestFolder
    let workload: Workload
    private(set) var ledger = Ledger()
    private var byBatch: [[Record]] = []
    private static let batches = 12

    /// Correct outputs: three records for each batch, of two keys.
    init(_ workload: Workload) throws {
      self.workload = workload
      folder = try TestFolder()
      var number = 0
      for batch in 0..<Self.batches {
        let records = (0..<3).map { index in
          Record(key: "k\((batch + index) % 2)", source: workload == .files ? "f\(batch)" : "s", number: number + index)
        }
        number += 3
        for record in records { ledger.note(record) }
        byBatch.append(records)
        try write("records", batch, records.map(\.description))
        try commit(batch, records.map(\.description))
        if workload == .windows {
          try write("inverse", batch, counts(byBatch.suffix(Workload.windowLength)))
          if batch % 2 == 1 { try write("window", batch, counts(byBatch.suffix(Workload.windowLength))) }
        }
        if workload == .history {
          let all = byBatch.indices.map { sums(byBatch[...$0]) }.suffix(Workload.windowLength)
          try write("given", batch, added(all.map(\.given)))
          if batch % 2 == 1 { try write("recent", batch, added(all.map(\.totals))) }
        }
        if workload == .update { try write("totals", batch, counts(byBatch[...])) }
      }
    }

    private func counts(_ batches: ArraySlice<[Record]>) -> [String] {
      let counts = batches.joined().reduce(into: [:]) { $0[$1.key, default: 0] += 1 }
      return counts.map { "\($0.key) \($0.value)" }.sorted()
    }

    /// The counts by the end of the last batch, and the sums of the numbers of its records.
    private func sums(_ batches: ArraySlice<[Record]>) -> (totals: [String: Int], given: [String: Int]) {
      func count(_ records: some Sequence<Record>) -> [String: Int] {
        records.reduce(into: [:]) { $0[$1.key, default: 0] += 1 }
      }
      let totals = count(batches.joined()), last = count(batches.last ?? [])
      return (
        totals,
        Dictionary(
          uniqueKeysWithValues: last.map { key, new in
            (key, (totals[key, default: 0] - new + 1...totals[key, default: 0]).reduce(0, +))
          })
      )
    }

    private func added(_ sums: [[String: Int]]) -> [String] {
      sums.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }.map { "\($0.key) \($0.value)" }.sorted()
    }

    func path(_ name: String, _ batch: Int) -> String { "\(folder.path)/out/\(name)-\(1000 + 10 * batch)" }

    func write(_ name: String, _ batch: Int, _ lines: [String], isComplete: Bool = true) throws {
      let path = path(name, batch)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      // Two partitions.
      for (part, lines) in [lines.prefix(2), lines.dropFirst(2)].enumerated() {
        let text = lines.map { $0 + "\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/part-0000\(part)"))
      }
      if isComplete { try Data().write(to: URL(fileURLWithPath: "\(path)/_SUCCESS")) }
    }

    /// Writes the lines of a batch as rows of two partitions.
    func commit(_ batch: Int, _ lines: [String]) throws {
      let folder = "\(folder.path)/out/committed"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (part, lines) in [lines.prefix(2), lines.dropFirst(2)].enumerated() {
        let text = lines.map { "1 \($0)\n" }.joined()
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(1000 + 10 * batch)-\(part)"))
      }
    }

    /// Changes the lines of a batch.
    func change(_ name: String, _ batch: Int, _ change: (inout [String]) -> Void) throws {
      var lines: [String] = []
      for part in ["part-00000", "part-00001"] {
        let text = String(decoding: try readFile("\(path(name, batch))/\(part)"), as: UTF8.self)
        lines += text.split(separator: "\n").map(String.init)
      }
      change(&lines)
      try write(name, batch, lines)
    }

    func remove(_ name: String, _ batch: Int) throws { try FileManager.default.removeItem(atPath: path(name, batch)) }

    func sendAgain(_ record: Record) { ledger.note(record) }

    func verdict() throws -> Verdict {
      // By way of a file, as after a round.
      try ledger.write(to: "\(folder.path)/ledger")
      return try Verifier(workload, in: folder.path, interval: 10)
        .verify(try Ledger(contentsOf: "\(folder.path)/ledger"))
    }
  }

  /// Expects these counts.
  private func expect(
    _ outputs: Outputs, lost: Int = 0, duplicated: Int = 0, outOfOrder: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let verdict = try outputs.verdict()
    let found = [verdict.lost, verdict.duplicated, verdict.outOfOrder]
    #expect(
      found.elementsEqual([lost, duplicated, outOfOrder]),
      "\(verdict.findings.joined(separator: "\n"))", sourceLocation: sourceLocation)
    #expect(verdict.isClean == (lost + duplicated + outOfOrder == 0), sourceLocation: sourceLocation)
  }

  @Test(arguments: Workload.allCases)
  func `correct outputs have no findings`(_ workload: Workload) throws { try expect(Outputs(workload)) }

  @Test(arguments: [Workload.files, .map])
  func `a record that is missing is lost`(_ workload: Workload) throws {
    let outputs = try Outputs(workload)
    try outputs.change("records", 4) { $0.remove(at: 1) }
    try expect(outputs, lost: 1)
  }

  @Test(arguments: [Workload.files, .map])
  func `a record that comes twice, in one batch or in two, counts as duplicated`(_ workload: Workload) throws {
    let outputs = try Outputs(workload)
    try outputs.change("records", 4) { $0.append($0[2]) }
    try expect(outputs, duplicated: 1)
    var last = ""
    try outputs.change("records", 4) { last = $0.removeLast() }
    try outputs.change("records", 5) { $0.insert(last, at: 0) }
    try expect(outputs, duplicated: 1)
  }

  @Test(arguments: [Workload.files, .map])
  func `records in an order other than that of sending are out of order`(_ workload: Workload) throws {
    let outputs = try Outputs(workload)
    try outputs.change("records", 4) { $0.swapAt(0, 1) }
    try expect(outputs, outOfOrder: 1)
  }

  @Test func `a record that was never sent counts as duplicated`() throws {
    let outputs = try Outputs(.files)
    try outputs.change("records", 4) { $0.append("k0 f99 0") }
    try expect(outputs, duplicated: 1)
  }

  @Test func `a torn file is found, within a line or at its end`() throws {
    let outputs = try Outputs(.files)
    let file = "\(outputs.path("records", 7))/part-00000"
    let whole = try readFile(file)
    // Without the last line; within it; and without only the line feed.
    for (count, lost, duplicated) in [(9, 1, 0), (whole.count - 4, 2, 1), (whole.count - 1, 1, 0)] {
      try Data(whole[..<count]).write(to: URL(fileURLWithPath: file))
      try expect(outputs, lost: lost, duplicated: duplicated)
    }
  }

  @Test func `a batch that is missing or incomplete counts as lost`() throws {
    let outputs = try Outputs(.files)
    try FileManager.default.removeItem(atPath: "\(outputs.path("records", 2))/_SUCCESS")
    try expect(outputs, lost: 1)
    // The batch and its three records.
    try outputs.remove("records", 2)
    try expect(outputs, lost: 4)
    let windows = try Outputs(.windows)
    try windows.remove("window", 11)
    try windows.remove("inverse", 0)
    try expect(windows, lost: 2)
    let totals = try Outputs(.update)
    try totals.remove("totals", 5)
    try expect(totals, lost: 1)
  }

  @Test(arguments: [
    (Workload.windows, "window"), (.windows, "inverse"), (.update, "totals"), (.history, "recent"), (.history, "given"),
  ])
  func `a count that is too high or too low is found`(_ workload: Workload, _ name: String) throws {
    let outputs = try Outputs(workload)
    var first = ""
    try outputs.change(name, 9) {
      first = $0[0]
      let count = Int(first.split(separator: " ")[1]) ?? 0
      $0[0] = "k0 \(count - 2)"
    }
    try expect(outputs, lost: 2)
    try outputs.change(name, 9) {
      let count = Int(first.split(separator: " ")[1]) ?? 0
      $0[0] = "k0 \(count + 1)"
    }
    try expect(outputs, duplicated: 1)
    try outputs.change(name, 9) {
      $0[0] = first
      $0.append(first)
    }
    try expect(outputs, duplicated: 1)
  }

  @Test(arguments: [Workload.files, .map])
  func `a committed row that is missing, duplicated or was never sent is found`(_ workload: Workload) throws {
    let outputs = try Outputs(workload)
    let lines = outputs.ledger.sent[12..<15].map(\.description)
    try outputs.commit(4, [lines[0], lines[2]])
    try expect(outputs, lost: 1)
    try outputs.commit(4, lines + [lines[1]])
    try expect(outputs, duplicated: 1)
    try outputs.commit(4, lines + ["k0 f99 0"])
    try expect(outputs, duplicated: 1)
    try outputs.commit(4, lines)
    try expect(outputs)
  }

  @Test func `a record that was sent again may be reported as such, once for each time`() throws {
    let outputs = try Outputs(.map)
    let record = outputs.ledger.sent[4]
    outputs.sendAgain(record)
    try expect(outputs)
    try outputs.change("records", 6) { $0.insert("again \(record)", at: 0) }
    try expect(outputs)
    // The program reports one record twice.
    try outputs.change("records", 8) { $0.insert("again \(record)", at: 0) }
    try expect(outputs, duplicated: 1)
    // It takes the second one for a new record.
    try outputs.change("records", 8) { $0.removeFirst() }
    try outputs.change("records", 6) { $0[0] = "\(record)" }
    try expect(outputs, duplicated: 1, outOfOrder: 1)
  }

  @Test func `an acknowledged record that has not come out counts as lost`() throws {
    let outputs = try Outputs(.map)
    let verifier = Verifier(.map, in: outputs.folder.path, interval: 10)
    #expect(try verifier.missing(outputs.ledger.sent).isClean)
    #expect(try verifier.missing([Record(key: "k0", source: "s", number: 99)]).lost == 1)
  }
}
