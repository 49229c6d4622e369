import MartletCore
import MartletLog
package import MartletStreaming

extension RecoveredCheckpoint {
  /// What the log holds of the operators of the last program, by their ids.
  ///
  /// What a batch has changed counts if the same segment says that it is done: one that was interrupted is run again,
  /// and need not change the same.
  package func states() -> [String: RecoveredState] {
    var states: [String: RecoveredState] = [:]
    for (index, segment) in segments.enumerated() {
      let header = segment.header
      let isOfNewOwner = index == 0 || segments[index - 1].name.epoch != segment.name.epoch
      let isBeginning = index > 0 || segment.before.isEmpty
      let forms = index == 0 ? [:] : segments[index - 1].header.program.formsByID
      // An operator that the program does not have has been dropped, with its state.
      states = Dictionary(
        header.program.operators.map { node -> (String, RecoveredState) in
          // What earlier programs have written belongs to those who have gone on with it, whatever their ids are.
          let id = isOfNewOwner ? node.formerID ?? node.id : node.id
          let isOther = isOfNewOwner && node.beginsAnew || forms[id].map { !$0.isReadable(as: node.form) } ?? false
          var state =
            (isOther ? nil : states[id])
            ?? RecoveredState(resultsAfter: header.doneThrough, beganAfter: isBeginning ? header.doneThrough : nil)
          if state.resultForm != node.resultForm {
            state.results = []
            state.resultForm = node.resultForm
            state.resultsAfter = header.doneThrough
          }
          return (node.id, state)
        }, uniquingKeysWith: { first, _ in first })
      let ids = header.program.operators.map(\.id)
      let done = segment.doneTimes
      for case .state(let state) in segment.records
      where done.contains(state.time) && ids.indices.contains(state.stateOperator) {
        let record = (state.time, state.record(in: segment.bytes))
        let id = ids[state.stateOperator]
        if state.kind == .results { states[id]?.results.append(record) } else { states[id]?.records.append(record) }
      }
    }
    return states
  }

  /// The state records of batches that are done, in order, by id of the operator.
  package func stateRecords() -> [String: [StateRecord]] { states().mapValues { $0.records.map(\.record) } }

  /// The batches that are done, as far as the log tells, in order.
  package var doneTimes: [Time] { segments.flatMap(\.doneTimes).sorted() }

  /// The first batch of which the log tells all states; `nil` if there is none before it.
  ///
  /// The first segment has every key in one of its records, unless it is the first of all. So it takes all of it to know
  /// all keys.
  package var firstWholeStates: Time? {
    guard let first = segments.first, !first.before.isEmpty else { return nil }
    return max(first.header.doneThrough, first.doneTimes.max() ?? first.header.doneThrough)
  }

  /// The segments as the next owner's log builds on them.
  package var chain: SegmentChain {
    var chain = SegmentChain()
    var doneThrough = zeroTime
    for (index, segment) in segments.enumerated() {
      doneThrough = max(doneThrough, segment.header.doneThrough, segment.doneTimes.max() ?? doneThrough)
      // An owner begins another segment when the one before it holds all of the state.
      let isCut = index + 1 < segments.count && segments[index + 1].name.epoch == segment.name.epoch
      chain.append(parts[index], doneThrough: doneThrough, holdsState: isCut)
    }
    return chain
  }
}

extension ProgramFingerprint {
  fileprivate var formsByID: [String: StateForm] {
    Dictionary(operators.map { ($0.id, $0.form) }, uniquingKeysWith: { first, _ in first })
  }
}

extension StateForm {
  /// Whether what one operator has written can be read by the other.
  fileprivate func isReadable(as other: StateForm) -> Bool {
    operation == other.operation && key == other.key && state == other.state
  }
}
