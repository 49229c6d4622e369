import MartletCore
import MartletLog
package import MartletStreaming

/// The earlier results of an operator with state that a window needs after a restart.
package struct StateLookBack: Sendable, Equatable {
  /// The id of the operator.
  package var stateOperator: String
  /// A description, such as `window at App/main.swift:12 looks back at the results of earlier batches of
  /// updateStateByKey at App/main.swift:9`.
  package var words: String
  /// The time in nanoseconds.
  package var duration: Int64
  /// The form of the results in the log; `nil` if the states are sufficient.
  package var resultForm: ResultForm?

  package init(stateOperator: String, words: String, duration: Int64, resultForm: ResultForm?) {
    self.stateOperator = stateOperator
    self.words = words
    self.duration = duration
    self.resultForm = resultForm
  }

  /// The reason why there can be no checkpoint; `nil` if there can.
  var refusal: String? {
    guard let resultForm, resultForm.form == nil else { return nil }
    return """
      \(words), so a checkpoint must store these, and they have the type \(resultForm.type), which cannot be \
      written. Make the operator's function return a Codable structure or enumeration, or put the window before the \
      operator.
      """
  }

  /// A warning about results that are missing in a checkpoint; `nil` if none are.
  func warning(_ found: RecoveredCheckpoint, _ state: RecoveredState?) -> String? {
    // An operator that began later than the window's beginning has no earlier results.
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
      \(words). The program that wrote the checkpoint had no such window, and stored no results for the batches up \
      to \(held.localDescription) (\(held)): windows contain only later ones.
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
  /// The results of operators with state that windows need.
  ///
  /// - Parameter history: how far back each stream may be asked for its RDDs.
  func lookBacks(_ history: [Int: Duration]) -> [StateLookBack] {
    stateOutputs.compactMap { stream in
      guard let duration = history[stream.id], duration > .zero,
        let node = operators.first(where: { $0.node.id == stream.stateOwner.id }),
        let window = windows.first(where: { $0.isComputed { $0.id == stream.id } })
      else { return nil }
      return StateLookBack(
        stateOperator: node.id,
        words: """
          \(window.site.name) at \(window.site.callSite) looks back at the results of earlier batches of \
          \(stream.site.name) at \(stream.site.callSite)
          """, duration: duration.nanoseconds, resultForm: stream.resultForm)
    }
  }
}
