import MartletCore
import MartletLog
import MartletRDD
import MartletStreaming

/// How far windows look back at state, and how their data is restored after a restart.
///
/// The states of earlier batches are restored by replaying the log up to these batches, so the log must reach as far
/// back as the windows. The results of `mapWithState` are stored in the log beside the states.
struct StateHistory {
  /// The streams computed from the operator with this number.
  private let outputs: [(stateOperator: Int, stream: any StateOutputNode)]
  /// How far back the batches of each stream may be requested after a restart.
  private let history: [Int: Duration]

  init(_ ids: OperatorIDs, history: [Int: Duration]) {
    outputs = ids.stateOutputs.compactMap { stream in
      ids.operators.firstIndex { $0.node.id == stream.stateOwner.id }.map { ($0, stream) }
    }
    self.history = history
  }

  /// How far before the last completed batch the batches of a stream may be requested. Known when the graph is
  /// initialized.
  private func duration(_ stream: any StateOutputNode) -> Duration {
    max(stream.rememberDuration, history[stream.id] ?? .zero)
  }

  /// The longest time before the last completed batch for which any batch may be requested.
  var longest: Duration { outputs.map { duration($0.stream) }.max() ?? .zero }

  /// Makes operators store the results that windows will look back at, and records their form.
  func keepResults(_ program: inout ProgramFingerprint) {
    for (number, stream) in outputs where duration(stream) > .zero {
      stream.keepResults()
      if let form = stream.resultForm?.form { program.operators[number].resultForm = form }
    }
  }

  /// Restores the state of an operator, and the RDDs of earlier batches of the streams computed from it.
  func restore(_ node: any StatefulNode, _ number: Int, _ state: RecoveredState?, _ found: RecoveredCheckpoint) throws {
    let streams = outputs.filter { $0.stateOperator == number }.map(\.stream)
    let forms = streams.map(\.resultForm)
    let firstWholeStates = found.firstWholeStates
    let results = Dictionary(grouping: state?.results ?? [], by: \.time).mapValues { $0.map(\.record) }
    var records = (state?.records ?? [])[...]
    for time in batches(of: streams, found) {
      let end = records.firstIndex { $0.time > time } ?? records.endIndex
      try node.restore(records[..<end].map(\.record), through: found.doneThrough)
      records = records[end...]
      for (stream, form) in zip(streams, forms) where time > found.doneThrough - duration(stream) {
        if let form {
          if form.form == state?.resultForm { try stream.recallBatch(time, results[time] ?? []) }
        } else if firstWholeStates.map({ time >= $0 }) ?? true {
          try stream.recallBatch(time, [])
        }
      }
    }
    try node.restore(records.map(\.record), through: found.doneThrough)
  }

  /// The batches for which streams of one operator may be asked for their RDDs, in order.
  private func batches(of streams: [any StateOutputNode], _ found: RecoveredCheckpoint) -> [Time] {
    guard let longest = streams.map({ duration($0) }).max(), longest > .zero, let slide = streams.first?.slideDuration
    else { return [] }
    return found.doneTimes.filter { time in
      time > found.doneThrough - longest && time <= found.doneThrough && (time - found.zeroTime).isMultiple(of: slide)
    }
  }
}
