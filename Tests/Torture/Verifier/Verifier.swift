/// Compares the outputs of a program with the records that it was fed. It does not know how the program works: it reads
/// folders.
package struct Verifier: Sendable {
  package var workload: Workload
  /// The folder that has `out`.
  package var folder: String
  /// Milliseconds between batches.
  package var interval: Int

  package init(_ workload: Workload, in folder: String, interval: Int) {
    self.workload = workload
    self.folder = folder
    self.interval = interval
  }

  /// The fate of every record in the ledger.
  package func verify(_ ledger: Ledger) throws -> Verdict {
    var verdict = Verdict()
    let found = try read("records", slide: 1, &verdict)
    let records = records(of: found, ledger, &verdict)
    try compareCommitted(ledger, &verdict)
    switch workload {
    case .files, .map: break
    case .windows:
      let batches = records.map { ($0.time, counts($0.records)) }
      try compareWindows("window", slide: Workload.windowSlide, batches, &verdict)
      try compareWindows("inverse", slide: 1, batches, &verdict)
    case .update: try compareTotals(records, &verdict)
    case .history:
      let totals = totals(records)
      try compareWindows("recent", slide: Workload.windowSlide, totals.map { ($0.time, $0.totals) }, &verdict)
      try compareWindows("given", slide: 1, totals.map { ($0.time, $0.given) }, &verdict)
    }
    return verdict
  }

  /// The records of `wanted` that have not come out: for a moment at which more are on their way.
  package func missing(_ wanted: some Sequence<Record>) throws -> Verdict {
    var verdict = Verdict()
    let out = Set(try BatchOutput.all("\(folder)/out/records").flatMap(\.lines).compactMap { Record($0) })
    for record in wanted where !out.contains(record) { verdict.lose("\(record), which was acknowledged") }
    return verdict
  }

  // MARK: Folders

  /// The folders of an output, of which none may be missing between the first and the last.
  private func read(_ name: String, slide: Int, _ verdict: inout Verdict) throws -> [BatchOutput] {
    let batches = try BatchOutput.all("\(folder)/out/\(name)")
    for batch in batches {
      if let damage = batch.damage { verdict.lose("the end of a batch: \(damage)") }
    }
    let step = interval * slide
    for (batch, next) in zip(batches, batches.dropFirst()) where next.time != batch.time + step {
      let gap = next.time - batch.time
      verdict.lose("batches of '\(name)' between \(batch.time) and \(next.time)", count: max(1, gap / step - 1))
    }
    return batches
  }

  // MARK: Records

  /// The records of each batch, once each; notes those that are missing, excessive, or in the wrong place.
  private func records(
    of batches: [BatchOutput], _ ledger: Ledger, _ verdict: inout Verdict
  ) -> [(time: Int, records: [Record])] {
    let sent = ledger.counts
    var seen: [Record: Int] = [:]
    var isOut: Set<Record> = []
    var last: [String: Int] = [:]
    var all: [(time: Int, records: [Record])] = []
    for batch in batches {
      var records: [Record] = []
      for line in batch.lines {
        let isRepeated = workload == .map && line.hasPrefix("again ")
        guard let record = Record(isRepeated ? line.dropFirst(6) : line), let times = sent[record] else {
          verdict.duplicate("'\(line)' in the batch of \(batch.time) was never sent")
          continue
        }
        seen[record, default: 0] += 1
        if seen[record, default: 0] > (workload == .map ? times : 1) {
          verdict.duplicate("\(record), once more in the batch of \(batch.time)")
        } else if !isRepeated && !isOut.insert(record).inserted {
          verdict.duplicate("\(record), not reported as such in the batch of \(batch.time)")
        }
        records.append(record)
        guard !isRepeated else { continue }
        if let before = last[record.source], before > record.number {
          verdict.disorder("\(record) after number \(before) in the batch of \(batch.time)")
        }
        last[record.source] = max(last[record.source] ?? 0, record.number)
      }
      all.append((batch.time, records))
    }
    for record in Set(ledger.sent).subtracting(isOut).sorted(by: { $0.description < $1.description }) {
      verdict.lose("\(record)")
    }
    return all
  }

  /// Compares the rows that the program has committed, a partition at a time, with the records that it was fed.
  private func compareCommitted(_ ledger: Ledger, _ verdict: inout Verdict) throws {
    let sent = ledger.counts
    var isOut: Set<Record> = []
    for (line, count) in try CommittedRows.all("\(folder)/out/committed") {
      let isRepeated = workload == .map && line.hasPrefix("again ")
      guard let record = Record(isRepeated ? line.dropFirst(6) : line[...]), let times = sent[record] else {
        verdict.duplicate("the committed row '\(line)' was never sent", count: count)
        continue
      }
      if !isRepeated { isOut.insert(record) }
      let tooMany = count - (isRepeated ? times - 1 : 1)
      if tooMany > 0 { verdict.duplicate("the committed row '\(line)'", count: tooMany) }
    }
    for record in Set(ledger.sent).subtracting(isOut).sorted(by: { $0.description < $1.description }) {
      verdict.lose("\(record) among the committed rows")
    }
  }

  // MARK: Counts

  /// Compares windows with the sums of their batches, by key.
  private func compareWindows(
    _ name: String, slide: Int, _ batches: [(time: Int, sums: [String: Int])], _ verdict: inout Verdict
  ) throws {
    let windows = try read(name, slide: slide, &verdict)
    requireEnds(of: windows, batches.map(\.time), slack: interval * (slide - 1), name, &verdict)
    for window in windows {
      let begin = window.time - interval * Workload.windowLength
      let sums = batches.filter { $0.time > begin && $0.time <= window.time }.map(\.sums)
      compare(window, name, sums.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }, &verdict)
    }
  }

  /// The number of times that each key has come after each batch, and the sums of the numbers, counted from 1, of its
  /// records in the batch.
  private func totals(
    _ batches: [(time: Int, records: [Record])]
  ) -> [(time: Int, totals: [String: Int], given: [String: Int])] {
    var totals: [String: Int] = [:]
    return batches.map { batch in
      var given: [String: Int] = [:]
      for record in batch.records {
        totals[record.key, default: 0] += 1
        given[record.key, default: 0] += totals[record.key, default: 0]
      }
      return (batch.time, totals, given)
    }
  }

  private func compareTotals(_ batches: [(time: Int, records: [Record])], _ verdict: inout Verdict) throws {
    let totals = try read("totals", slide: 1, &verdict)
    requireEnds(of: totals, batches.map(\.time), slack: 0, "totals", &verdict)
    let byTime = Dictionary(uniqueKeysWithValues: totals.map { ($0.time, $0) })
    for (time, expected, _) in self.totals(batches) {
      if let found = byTime[time] { compare(found, "totals", expected, &verdict) }
    }
  }

  /// Requires that an output has as many batches as the records: also the first and the last.
  private func requireEnds(
    of found: [BatchOutput], _ times: [Int], slack: Int, _ name: String, _ verdict: inout Verdict
  ) {
    guard let first = times.first, let last = times.last else { return }
    if found.first.map({ $0.time > first + slack }) ?? true { verdict.lose("the first batch of '\(name)', \(first)") }
    if found.last.map({ $0.time < last - slack }) ?? true { verdict.lose("the last batch of '\(name)', \(last)") }
  }

  private func counts(_ records: [Record]) -> [String: Int] {
    records.reduce(into: [:]) { $0[$1.key, default: 0] += 1 }
  }

  /// Compares lines of the form `KEY COUNT`.
  private func compare(_ batch: BatchOutput, _ name: String, _ expected: [String: Int], _ verdict: inout Verdict) {
    var found: [String: Int] = [:]
    let place = "'\(name)' of \(batch.time)"
    for line in batch.lines {
      let words = line.split(separator: " ")
      guard words.count == 2, let count = Int(words[1]) else {
        verdict.duplicate("'\(line)' in \(place) is no count")
        continue
      }
      if let before = found.updateValue(count, forKey: String(words[0])) {
        verdict.duplicate("\(words[0]) is twice in \(place): \(before) and \(count)")
      }
    }
    for key in Set(expected.keys).union(found.keys).sorted() {
      let (count, wanted) = (found[key] ?? 0, expected[key] ?? 0)
      if count < wanted { verdict.lose("\(key) in \(place) is \(count), not \(wanted)", count: wanted - count) }
      if count > wanted { verdict.duplicate("\(key) in \(place) is \(count), not \(wanted)", count: count - wanted) }
    }
  }
}
