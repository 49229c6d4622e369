package import MartletCore
import MartletLog
package import MartletStreaming

extension RecoveredCheckpoint {
  /// The contents of the log for the operators of the last program, by their ids.
  ///
  /// The changes of a batch count if the same segment states that it is done: an interrupted batch runs again, and its
  /// changes may differ.
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
          // Data of earlier programs belongs to the operators that have continued from it, whatever their ids are.
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

  /// The state records of batches that are done, in order, by the id of the operator.
  package func stateRecords() -> [String: [StateRecord]] { states().mapValues { $0.records.map(\.record) } }

  /// The batches that are done according to the log, in order.
  package var doneTimes: [Time] { segments.flatMap(\.doneTimes).sorted() }

  /// The first batch for which the log has all states; `nil` if there is none before it.
  ///
  /// The first segment has every key in one of its records, unless it is the very first. All of it is therefore needed
  /// to know all keys.
  package var firstWholeStates: Time? {
    guard let first = segments.first, !first.before.isEmpty else { return nil }
    return max(first.header.doneThrough, first.doneTimes.max() ?? first.header.doneThrough)
  }

  /// The segments that the next owner's log builds on.
  package var chain: SegmentChain {
    var chain = SegmentChain()
    var doneThrough = zeroTime
    for (index, segment) in segments.enumerated() {
      doneThrough = max(doneThrough, segment.header.doneThrough, segment.doneTimes.max() ?? doneThrough)
      // An owner begins another segment when the previous one holds all of the state.
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
  /// Returns true if one operator can read the data of the other.
  fileprivate func isReadable(as other: StateForm) -> Bool {
    operation == other.operation && key == other.key && state == other.state
  }
}
