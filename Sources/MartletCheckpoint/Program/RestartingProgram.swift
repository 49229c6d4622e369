import MartletCore
import MartletLog
import MartletStreaming

/// What a program that is about to go on with a checkpoint says of itself: all that decides whether it may.
package struct RestartingProgram: Sendable, Equatable {
  package var fingerprint: ProgramFingerprint
  /// Inputs of which nothing can be had again, such as `queueStream at App/main.swift:12`.
  package var unrecoverableInputs: [String]
  /// What windows need of what operators with state have given to earlier batches.
  package var lookBacks: [StateLookBack]
  /// Ids or names of operators whose state may be dropped.
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

  /// What keeps the program from having any checkpoint, new or old; empty if nothing does.
  package var refusalsOfAny: [String] {
    let withoutCodec: [String] = fingerprint.operators.compactMap { node in
      let form = node.form
      guard form.key == nil || form.state == nil else { return nil }
      return """
        \(form.operation) at \(node.site) cannot be kept in a checkpoint: its \(form.key == nil ? "keys" : "states") \
        are of the type \(form.key == nil ? form.keyType : form.stateType), which cannot be written. Make it a Codable \
        structure or enumeration.
        """
    }
    return withoutCodec + lookBacks.compactMap(\.refusal)
  }

  /// What is worth telling where there is no checkpoint yet.
  package var noticesOfNew: [String] {
    unrecoverableInputs.map {
      """
      \($0) cannot be recovered from a checkpoint: what it has given to a batch is gone with the process. The context \
      can run, but not go on with its checkpoint after a stop.
      """
    }
  }

  /// Whether the program may go on with the checkpoint whose log is `found`.
  ///
  /// - Parameter isInUse: whether a program is at work with the checkpoint, which this one is to take over from.
  package func compare(with found: RecoveredCheckpoint, isInUse: Bool = false) -> ProgramFingerprint.Comparison {
    var result = found.header.program.compare(
      to: fingerprint, unfinishedInputs: found.unfinishedInputs, isInUse: isInUse, forgetting: forgettingState)
    let lost = unrecoverableInputs.map {
      """
      \($0) cannot be recovered, because what it has given to a batch is gone with the process. Use an input that can, \
      such as textFileStream; or name a new folder, to begin from nothing.
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
  /// What is worth telling of the checkpoint in the folder `path`, whose log is `found`.
  ///
  /// - Throws: `MartletError(.invalidConfiguration)` if the program cannot go on with it.
  func accepted(_ found: RecoveredCheckpoint?, isInUse: Bool, _ path: String) throws -> ProgramFingerprint.Comparison {
    guard let found else { return ProgramFingerprint.Comparison(warnings: noticesOfNew) }
    let comparison = compare(with: found, isInUse: isInUse)
    guard comparison.refusals.isEmpty else {
      throw MartletError(
        .invalidConfiguration,
        """
        The program cannot go on with the checkpoint '\(path)':
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
