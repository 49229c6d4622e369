import MartletCore
import MartletLog
import MartletStreaming

/// The facts about a program that is about to continue from a checkpoint, which decide whether it may.
package struct RestartingProgram: Sendable, Equatable {
  package var fingerprint: ProgramFingerprint
  /// Inputs that cannot be recovered, such as `queueStream at App/main.swift:12`.
  package var unrecoverableInputs: [String]
  /// The earlier results of operators with state that windows need.
  package var lookBacks: [StateLookBack]
  /// The ids or names of operators whose state may be dropped.
  package var forgettingState: Set<String>

  package init(
    _ fingerprint: ProgramFingerprint, unrecoverableInputs: [String] = [], lookBacks: [StateLookBack] = [],
    forgettingState: Set<String> = []
  ) {
    self.fingerprint = fingerprint
    self.unrecoverableInputs = unrecoverableInputs
    self.lookBacks = lookBacks
    self.forgettingState = forgettingState
  }

  init(_ ids: OperatorIDs, _ options: CheckpointOptions, interval: Duration, _ graph: StreamGraph) {
    self.init(
      ids.fingerprint(batchInterval: interval, outputs: graph.outputs),
      unrecoverableInputs: ids.inputs.filter { !($0.input is any RecoverableInput) }.map {
        "\($0.input.site.name) at \($0.input.site.callSite)"
      }, lookBacks: ids.lookBacks(graph.historyDurations()), forgettingState: options.forgettingState)
  }

  /// The reasons why the program cannot have any checkpoint, new or old; empty if it can.
  package var refusalsOfAny: [String] {
    let withoutCodec: [String] = fingerprint.operators.compactMap { node in
      let form = node.form
      guard form.key == nil || form.state == nil else { return nil }
      return """
        \(form.operation) at \(node.site) cannot be stored in a checkpoint: its \
        \(form.key == nil ? "keys" : "states") have the type \(form.key == nil ? form.keyType : form.stateType), \
        which cannot be written. Make it a Codable structure or enumeration.
        """
    }
    return withoutCodec + lookBacks.compactMap(\.refusal)
  }

  /// Notices for a program without a previous checkpoint.
  package var noticesOfNew: [String] {
    unrecoverableInputs.map {
      """
      \($0) cannot be recovered from a checkpoint, because the input of its batches is lost with the process. The \
      context can run, but cannot continue from its checkpoint after a stop.
      """
    }
  }

  /// Compares the program with the one in the checkpoint with the log `found`.
  ///
  /// - Parameter isInUse: true if a program is using the checkpoint, from which this one will take over.
  package func compare(with found: RecoveredCheckpoint, isInUse: Bool = false) -> ProgramFingerprint.Comparison {
    var result = found.header.program.compare(
      to: fingerprint, unfinishedInputs: found.unfinishedInputs, isInUse: isInUse, forgetting: forgettingState)
    let lost = unrecoverableInputs.map {
      """
      \($0) cannot be recovered, because the input of its batches is lost with the process. Use an input that can be \
      recovered, such as textFileStream, or start from nothing in a new folder.
      """
    }
    result.refusals = refusalsOfAny + lost + result.refusals
    let succession = found.header.program.succession(to: fingerprint, forgetting: forgettingState)
    let states = lookBacks.isEmpty ? [:] : found.states()
    result.warnings = lookBacks.compactMap { lookBack in
      let id = succession.formerIDs[lookBack.stateOperator] ?? lookBack.stateOperator
      guard let known = found.header.program.operators.first(where: { $0.id == id }),
        forgettingState.isDisjoint(with: [id, known.name])
      else { return nil }
      return lookBack.warning(found, states[id])
    }
    return result
  }
}

extension RestartingProgram {
  /// The notices and warnings for the checkpoint in the folder `path`, whose log is `found`.
  ///
  /// - Throws: `MartletError(.invalidConfiguration)` if the program cannot continue from it.
  func accepted(_ found: RecoveredCheckpoint?, isInUse: Bool, _ path: String) throws -> ProgramFingerprint.Comparison {
    guard let found else { return ProgramFingerprint.Comparison(warnings: noticesOfNew) }
    let comparison = compare(with: found, isInUse: isInUse)
    guard comparison.refusals.isEmpty else {
      throw MartletError(
        .invalidConfiguration,
        """
        The program cannot continue from the checkpoint '\(path)':
        \(comparison.refusals.map { "- " + $0 }.joined(separator: "\n"))
        """)
    }
    func named(_ texts: [String]) -> [String] { texts.map { "Checkpoint '\(path)': \($0)" } }
    return ProgramFingerprint.Comparison(warnings: named(comparison.warnings), notices: named(comparison.notices))
  }
}

// Between the program and `martlet checkpoint check`, which are of the same release.
extension RestartingProgram {
  package func encoded() -> [UInt8] {
    let out = ByteBuffer()
    fingerprint.write(out)
    out.append(unrecoverableInputs) { $0.append($1) }
    out.append(lookBacks) { $1.write($0) }
    out.append(forgettingState.sorted()) { $0.append($1) }
    return Array(out.bytes)
  }

  /// - Throws: `ByteReader.Malformed`.
  package init(encoded bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    let fingerprint = try ProgramFingerprint(&reader)
    self.init(
      fingerprint, unrecoverableInputs: try reader.list { try $0.string() },
      lookBacks: try reader.list { try StateLookBack(&$0) },
      forgettingState: Set(try reader.list { try $0.string() }))
    try reader.expectEnd()
  }
}
