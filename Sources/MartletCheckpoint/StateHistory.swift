import MartletCore
import MartletLog
import MartletRDD
import MartletStreaming

/// How far back windows ask for what comes from state, and how they have it again after a restart.
///
/// The states of earlier batches are those of the log, replayed up to these batches; so the log must go back as far as
/// the windows do. What `mapWithState` has made of its input is kept in the log beside the states.
struct StateHistory {
  /// What comes from the operator of this number.
  private let outputs: [(stateOperator: Int, stream: any StateOutputNode)]
  /// How far back the batches of each stream are asked for after a restart.
  private let history: [Int: Duration]

  init(_ ids: OperatorIDs, history: [Int: Duration]) {
    outputs = ids.stateOutputs.compactMap { stream in
      ids.operators.firstIndex { $0.node.id == stream.stateOwner.id }.map { ($0, stream) }
    }
    self.history = history
  }

  /// How far behind the last batch that is done the batches of a stream may be asked for. Known when the graph is
  /// initialised.
  private func duration(_ stream: any StateOutputNode) -> Duration {
    max(stream.rememberDuration, history[stream.id] ?? .zero)
  }

  /// How far behind the last batch that is done any is asked for.
  var longest: Duration { outputs.map { duration($0.stream) }.max() ?? .zero }

  /// Has operators keep what windows will look back at, and notes in which form.
  func keepResults(_ program: inout ProgramFingerprint) {
    for (number, stream) in outputs where duration(stream) > .zero {
      stream.keepResults()
      if let form = stream.resultForm?.form { program.operators[number].resultForm = form }
    }
  }

  /// Gives an operator its state back, and to the streams that come from it what they have had in earlier batches.
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

  /// The batches of which streams of one operator may be asked for their RDDs, in order.
  private func batches(of streams: [any StateOutputNode], _ found: RecoveredCheckpoint) -> [Time] {
    guard let longest = streams.map({ duration($0) }).max(), longest > .zero, let slide = streams.first?.slideDuration
    else { return [] }
    return found.doneTimes.filter { time in
      time > found.doneThrough - longest && time <= found.doneThrough && (time - found.zeroTime).isMultiple(of: slide)
    }
  }
}
