import MartletCore
import MartletSources
import MartletStreaming

extension CheckpointReport {
  /// The report as text, for a terminal.
  package var text: String {
    var lines = ["Checkpoint \(path)"]
    lines += problems.map { "DAMAGED: \($0)" }
    if !problems.isEmpty { lines.append("The readable part follows.") }
    lines += [
      "  owner          \(owner?.text ?? "none")\(wasStopped ? "; stopped in good order" : "")",
      "  batch interval \(milliseconds(batchInterval))",
      "  begun          \(zeroTime.text)",
      "  done through   \(doneThrough == zeroTime ? "no batch yet" : doneThrough.text)",
      "  planned        through \(plannedThrough.text)",
      "  pending        \(pending.isEmpty ? "none" : pending.map(\.text).joined(separator: ", "))",
      "", "Inputs",
    ]
    for input in inputs { lines += input.lines }
    lines += ["", "Stateful operators\(operators.isEmpty ? ": none" : "")"]
    for node in operators { lines += node.lines }
    lines += ["", "Outputs"] + outputs.map { "  \($0)" } + ["", "Files of the log"]
    for segment in segments { lines.append("  \(segment.text)") }
    return lines.joined(separator: "\n")
  }
}

extension CheckpointReport.Owner {
  fileprivate var text: String {
    let claim = "epoch \(epoch), process \(process)"
    if isLocked { return "\(claim): a process owns the checkpoint" }
    return isAlive ? "\(claim): holds no lock, but a process with this number is running" : "\(claim): not running"
  }
}

extension CheckpointReport.Input {
  fileprivate var lines: [String] {
    var lines = ["  \(id)", "    at \(site)"]
    if let progress { lines.append("    read so far: \(progress.summary)") }
    if keptBytes > 0 { lines.append("    stores \(byteCount(keptBytes)) in the checkpoint's folder") }
    for batch in batches.suffix(10) {
      lines.append("    batch of \(batch.time.text): \(batch.contents.text)")
    }
    if batches.count > 10 { lines.append("    and \(batches.count - 10) earlier batches: --json shows all") }
    return lines
  }
}

extension CheckpointReport.Input.Contents {
  fileprivate var summary: String {
    switch self {
    case .files(let files):
      guard let last = files.max(by: { $0.facts.changed < $1.facts.changed }) else { return "no file" }
      return "\(files.count) file\(files.count == 1 ? "" : "s"), the newest \(last.path)"
    default: return text
    }
  }

  /// The contents on one line.
  package var text: String {
    switch self {
    case .files(let files): return files.map { "\($0.path) (\(byteCount($0.size)))" }.joined(separator: ", ")
    case .stretches(let stretches): return stretches.map(\.text).joined(separator: ", ")
    case .receiver(let progress):
      let leftovers = progress.leftovers.map(\.text).joined(separator: ", ")
      return "run \(progress.epoch), file \(progress.given.number), offset \(progress.given.offset)"
        + (leftovers.isEmpty ? "" : "; unprocessed records of earlier runs: \(leftovers)")
    case .offsets(let offsets):
      let places = offsets.map { "\($0)" }
      guard let last = places.last else { return "nothing" }
      return (places.count > 1 ? "after \(places[0]) " : "") + "through \(last)"
    case .bytes(let count): return byteCount(count)
    }
  }
}

extension BlockStretch {
  fileprivate var text: String { "\(segment) from \(from) to \(to), \(records) records" }
}

extension CheckpointReport.Operator {
  fileprivate var lines: [String] {
    let keys = keyCount.map { "\($0) key\($0 == 1 ? "" : "s")" } ?? "keys in a form that this release does not support"
    var lines = ["  \(id)", "    at \(site)"]
    lines += ["    \(keys), \(byteCount(logBytes)) in the log", "    \(keyType) → \(stateType)"]
    if resultBytes > 0 { lines.append("    \(byteCount(resultBytes)) of results of batches, for windows") }
    if keyCount != nil, !isKeyReadable || !isStateReadable {
      let what = isKeyReadable ? "states" : isStateReadable ? "keys" : "keys and states"
      lines.append("    \(what) can only be shown as bytes, which only the program can interpret")
    }
    return lines
  }
}

extension CheckpointReport.Segment {
  fileprivate var text: String {
    var text = "\(name)  \(byteCount(size))"
    if !isNeeded { return text + ", no longer needed" }
    if let problem { return text + ". \(problem)" }
    if size > counted { text += ", of which \(byteCount(size - counted)) at the end do not count" }
    return text
  }
}

extension Time {
  fileprivate var text: String { "\(localDescription) (\(self))" }
}

/// The entries of an operator's state, one per line.
package func statesText(_ entries: [StateEntry], total: Int) -> String {
  var lines = entries.map { "\($0.key)\t\($0.state)" }
  if total > entries.count { lines.append("… \(total - entries.count) more: --limit shows more") }
  if total == 0 { lines.append("no keys") }
  return lines.joined(separator: "\n")
}

private func milliseconds(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let whole = seconds * 1000 + attoseconds / 1_000_000_000_000_000
  let microseconds = attoseconds / 1_000_000_000_000 % 1000
  return microseconds == 0 ? "\(whole) ms" : "\(Double(whole) + Double(microseconds) / 1000) ms"
}

private func byteCount(_ count: Int) -> String { "\(count) byte\(count == 1 ? "" : "s")" }
