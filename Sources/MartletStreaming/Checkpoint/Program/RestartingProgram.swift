package import MartletCore
import MartletLog

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
        "\($0.input.site)"
      }, lookBacks: ids.lookBacks(graph.historyDurations()), forgettingState: options.forgettingState)
  }

  /// What keeps the program from having any checkpoint, new or old; empty if nothing does.
  package var checkpointObstacles: [String] {
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
  package var newCheckpointWarnings: [String] {
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
    result.refusals = checkpointObstacles + lost + result.refusals
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
    guard let found else { return ProgramFingerprint.Comparison(warnings: newCheckpointWarnings) }
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

/// What a program answers when it is asked, by `martlet checkpoint check`, whether it would go on with a checkpoint.
///
/// It is asked with an environment variable that names the file for the answer. `StreamingContext.start()` then writes
/// the answer where it would take the checkpoint, and ends the process: nothing of the checkpoint is touched.
package enum CheckpointAnswer: Sendable, Equatable {
  /// The environment variable that names the file for the answer.
  package static let variable = "MARTLET_CHECKPOINT_CHECK"

  /// The context has its checkpoint in this folder.
  case program(RestartingProgram, directory: String)
  /// The context has no checkpoint.
  case noCheckpoint
  /// The context cannot be started at all.
  case cannotStart(String)

  private static let version: UInt8 = 1

  package func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(Self.version)
    switch self {
    case .program(let program, let directory):
      out.append(1)
      out.append(directory)
      program.fingerprint.write(out)
      out.append(program.unrecoverableInputs) { $0.append($1) }
      out.append(program.lookBacks) { $1.write($0) }
      out.append(program.forgettingState.sorted()) { $0.append($1) }
    case .noCheckpoint: out.append(2)
    case .cannotStart(let reason):
      out.append(3)
      out.append(reason)
    }
    return out
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    guard try reader.fixed(UInt8.self) == Self.version else {
      throw ByteReader.Malformed(reason: "the program was built with another release of Martlet")
    }
    switch try reader.fixed(UInt8.self) {
    case 1:
      let directory = try reader.string()
      let fingerprint = try ProgramFingerprint(&reader)
      let program = RestartingProgram(
        fingerprint, unrecoverableInputs: try reader.list { try $0.string() },
        lookBacks: try reader.list { try StateLookBack(&$0) },
        forgettingState: Set(try reader.list { try $0.string() }))
      self = .program(program, directory: directory)
    case 2: self = .noCheckpoint
    case 3: self = .cannotStart(try reader.string())
    default: throw ByteReader.Malformed(reason: "the answer is of an unknown kind")
    }
    try reader.expectEnd()
  }
}
