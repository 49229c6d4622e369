package import MartletCore
import MartletLog
import MartletSources
import MartletStreaming

// docs/recovery.md documents the names of fields, which do not change. Times are milliseconds since 1970, with a
// fraction if batches are shorter than that.

extension CheckpointReport {
  /// The report as a JSON document.
  package var json: DynamicValue {
    object([
      ("checkpoint", .string(path)), ("problems", .array(problems.map { .string($0) })),
      ("owner", owner?.json ?? .null), ("stoppedInGoodOrder", .bool(wasStopped)),
      ("batchIntervalMs", milliseconds(batchInterval.nanosecondCount)), ("zeroTimeMs", milliseconds(zeroTime)),
      ("doneThroughMs", milliseconds(doneThrough)), ("plannedThroughMs", milliseconds(plannedThrough)),
      ("pendingBatchesMs", .array(pending.map { milliseconds($0) })), ("inputs", .array(inputs.map(\.json))),
      ("operators", .array(operators.map(\.json))), ("outputs", .array(outputs.map { .string($0) })),
      ("segments", .array(segments.map(\.json))),
    ])
  }
}

extension StateEntry {
  package var json: DynamicValue {
    object([("key", key), ("state", state), ("touchedMs", milliseconds(touched))])
  }
}

extension CheckpointReport.Owner {
  fileprivate var json: DynamicValue {
    object([
      ("epoch", number(epoch)), ("process", number(Int(process))), ("lockIsHeld", .bool(isLocked)),
      ("processIsAlive", .bool(isAlive)),
    ])
  }
}

extension CheckpointReport.Input {
  fileprivate var json: DynamicValue {
    object([
      ("id", .string(id)), ("site", .string(site)), ("progress", progress?.json ?? .null),
      (
        "batches",
        .array(
          batches.map { batch in
            object([
              ("timeMs", milliseconds(batch.time)), ("records", number(batch.records)),
              ("given", batch.contents.json),
            ])
          })
      ), ("keptBytes", number(keptBytes)),
    ])
  }
}

extension CheckpointReport.Input.Contents {
  fileprivate var json: DynamicValue {
    switch self {
    case .files(let files):
      object([("files", .array(files.map(\.json)))])
    case .stretches(let stretches): object([("stretches", .array(stretches.map(\.json)))])
    case .receiver(let progress):
      object([
        ("epoch", number(progress.epoch)), ("segment", number(progress.given.number)),
        ("offset", number(progress.given.offset)), ("leftovers", .array(progress.leftovers.map(\.json))),
        ("recordsPerSecond", progress.rate.map { .double($0) } ?? .null),
      ])
    case .offsets(let offsets): object([("offsets", .array(offsets))])
    case .bytes(let count): object([("bytes", number(count))])
    }
  }
}

extension SeenFile {
  fileprivate var json: DynamicValue {
    object([("path", .string(path.text)), ("bytes", number(size))])
  }
}

extension BlockStretch {
  fileprivate var json: DynamicValue {
    object([
      ("file", .string(segment.description)), ("from", number(from)), ("to", number(to)), ("records", number(records)),
    ])
  }
}

extension CheckpointReport.Operator {
  fileprivate var json: DynamicValue {
    object([
      ("id", .string(id)), ("site", .string(site)), ("operation", .string(operation)), ("keyType", .string(keyType)),
      ("stateType", .string(stateType)), ("keyForm", .string(keyForm)), ("stateForm", .string(stateForm)),
      ("keys", keyCount.map { number($0) } ?? .null), ("logBytes", number(logBytes)),
      ("resultBytes", number(resultBytes)),
      ("keysAreReadable", .bool(isKeyReadable)), ("statesAreReadable", .bool(isStateReadable)),
    ])
  }
}

extension CheckpointReport.Segment {
  fileprivate var json: DynamicValue {
    object([
      ("file", .string("\(name)")), ("bytes", number(size)), ("countedBytes", number(counted)),
      ("isNeeded", .bool(isNeeded)), ("problem", problem.map { .string($0) } ?? .null),
    ])
  }
}

/// The states of one operator as a JSON document.
package func statesJSON(
  _ name: String, _ report: CheckpointReport, _ entries: [StateEntry], total: Int
) -> DynamicValue {
  object([
    ("checkpoint", .string(report.path)), ("problems", .array(report.problems.map { .string($0) })),
    ("operator", .string(name)), ("doneThroughMs", milliseconds(report.doneThrough)), ("total", number(total)),
    ("entries", .array(entries.map(\.json))),
  ])
}

private func object(_ fields: [(String, DynamicValue)]) -> DynamicValue {
  .object(fields.map { DynamicValue.Field($0.0, $0.1) })
}

private func number(_ value: Int) -> DynamicValue { .signed(Int64(value)) }

private func milliseconds(_ time: Time) -> DynamicValue { milliseconds(time.nanoseconds) }

private func milliseconds(_ nanoseconds: Int64) -> DynamicValue {
  nanoseconds.isMultiple(of: 1_000_000) ? .signed(nanoseconds / 1_000_000) : .double(Double(nanoseconds) / 1e6)
}

extension Duration {
  fileprivate var nanosecondCount: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
