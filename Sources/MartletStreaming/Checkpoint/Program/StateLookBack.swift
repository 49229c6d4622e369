import MartletCore
import MartletLog

/// What a window needs, after a restart, of what an operator with state has given to earlier batches.
package struct StateLookBack: Sendable, Equatable {
  /// The operator's id.
  package var stateOperator: String
  /// Who needs what, such as `window at App/main.swift:12 looks back at what updateStateByKey at App/main.swift:9`.
  package var words: String
  /// How far, in nanoseconds.
  package var duration: Int64
  /// In what form it must be in the log; `nil` if the states tell all.
  package var resultForm: ResultForm?

  package init(stateOperator: String, words: String, duration: Int64, resultForm: ResultForm?) {
    self.stateOperator = stateOperator
    self.words = words
    self.duration = duration
    self.resultForm = resultForm
  }

  /// Why there can be no checkpoint; `nil` if there can.
  var refusal: String? {
    guard let resultForm, resultForm.form == nil else { return nil }
    return """
      \(words) has given to earlier batches, so a checkpoint must keep that, and it is of the type \(resultForm.type), \
      which cannot be written. Have the operator's function return a Codable structure or enumeration; or put the window \
      before the operator.
      """
  }

  /// What is missing for the window in a checkpoint; `nil` if nothing is.
  func warning(_ found: RecoveredCheckpoint, _ state: RecoveredState?) -> String? {
    // What began later than the windows do has given nothing before.
    let before = found.doneThrough - .nanoseconds(duration)
    let wanted = max(before, state?.beganAfter ?? before)
    let held: Time
    if let resultForm {
      held = state?.resultForm == resultForm.form ? state?.resultsAfter ?? found.doneThrough : found.doneThrough
    } else {
      guard let first = found.firstWholeStates else { return nil }
      held = first - .nanoseconds(found.header.program.batchInterval)
    }
    guard wanted < held else { return nil }
    return """
      \(words) has given to earlier batches. The program that wrote the checkpoint had no such window, and kept nothing of \
      that for the batches up to \(held.localDescription) (\(held)): windows hold what came later alone.
      """
  }

  func write(_ out: ByteBuffer) {
    out.append(stateOperator)
    out.append(words)
    out.append(fixed: duration)
    out.append(resultForm == nil ? 0 : 1)
    if let resultForm {
      out.append(resultForm.form ?? "")
      out.append(resultForm.type)
    }
  }

  init(_ reader: inout ByteReader) throws {
    stateOperator = try reader.string()
    words = try reader.string()
    duration = try reader.fixed(Int64.self)
    guard try reader.fixed(UInt8.self) != 0 else { return }
    let form = try reader.string()
    resultForm = ResultForm(form: form.isEmpty ? nil : form, type: try reader.string())
  }
}

extension OperatorIDs {
  /// What windows need of operators with state.
  ///
  /// - Parameter history: how far back each stream is asked for its RDDs.
  func lookBacks(_ history: [Int: Duration]) -> [StateLookBack] {
    stateOutputs.compactMap { stream in
      guard let duration = history[stream.id], duration > .zero,
        let node = operators.first(where: { $0.node.id == stream.stateOwner.id }),
        let window = windows.first(where: { $0.isComputed { $0.id == stream.id } })
      else { return nil }
      return StateLookBack(
        stateOperator: node.id,
        words: """
          \(window.site) looks back at what \(stream.site)
          """, duration: duration.nanoseconds, resultForm: stream.resultForm)
    }
  }
}
