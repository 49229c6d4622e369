import MartletCore
import MartletLog
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct FingerprintTests {
  private func form(
    operation: String = "updateStateByKey", key: String? = "text", state: String? = "raw Swift.Int 8/8",
    keyType: String = "Text", stateType: String = "Int"
  ) -> StateForm {
    StateForm(operation: operation, key: key, state: state, keyType: keyType, stateType: stateType)
  }

  @Test func `A program continues with its own checkpoint, without notices`() {
    #expect(fingerprint().compare(to: fingerprint()) == ProgramFingerprint.Comparison())
  }

  @Test func `Outputs, lines and the order of operators may change`() {
    var new = fingerprint(inputs: ["b", "in"], operators: ["counts", "sums"])
    new.outputs = ["pprint at App/main.swift:9"]
    for index in new.operators.indices { new.operators[index].site = "App/main.swift:77" }
    let old = fingerprint(inputs: ["in", "b"], operators: ["sums", "counts"])
    #expect(old.compare(to: new) == ProgramFingerprint.Comparison())
  }

  @Test func `A forbidden change is refused, with the old value and a remedy`() {
    let refused: [(ProgramFingerprint, [String])] = [
      (fingerprint(milliseconds: 2000), ["The batch interval was 1 s and is 2 s"]),
      (
        fingerprint(form: form(state: "string", stateType: "String")),
        ["the type of its state was Int and is String", "forgettingState: [\"sums\"]", "App/main.swift:2"]
      ),
      (fingerprint(form: form(key: "raw Swift.Int 8/8", keyType: "Int")), ["the type of its keys was Text and is Int"]),
      (fingerprint(form: form(operation: "mapWithState")), ["the operation was updateStateByKey and is mapWithState"]),
      (fingerprint(form: form(state: nil)), ["its state", "has changed"]),
      // The same name for another layout.
      (fingerprint(form: form(state: "raw Swift.Int 4/4")), ["the form of its state", "4/4"]),
      (
        fingerprint(operators: []),
        ["sums, at App/main.swift:2, is no longer in the program", "forgettingState: [\"sums\"]"]
      ),
      (fingerprint(operators: ["name:totals"]), ["call .name(\"…\") on it in the program that wrote the checkpoint"]),
    ]
    for (program, words) in refused {
      let comparison = fingerprint().compare(to: program)
      #expect(comparison.refusals.count == 1)
      for word in words { #expect(comparison.refusals[0].contains(word), "\(comparison.refusals)") }
    }
  }

  @Test func `State that may be dropped is named by id or by name`() {
    let old = fingerprint(operators: ["name:sums", "updateStateByKey(in)"])
    #expect(old.compare(to: fingerprint(operators: [])).refusals.count == 2)
    let accepted = old.compare(to: fingerprint(operators: []), forgetting: ["sums", "updateStateByKey(in)"])
    #expect(accepted.refusals.isEmpty)
    let changed = fingerprint(operators: ["name:sums"], form: form(state: "string", stateType: "String"))
    #expect(fingerprint(operators: ["name:sums"]).compare(to: changed, forgetting: ["name:sums"]).refusals.isEmpty)
  }

  @Test func `New parts begin without state, and missing parts are reported`() {
    let added = fingerprint().compare(to: fingerprint(inputs: ["in", "b"], operators: ["sums", "counts"]))
    #expect(added.refusals.isEmpty)
    #expect(added.notices.count == 2)
    #expect(added.notices[0].contains("counts, at App/main.swift:2, is new. It begins without state"))
    #expect(added.notices[1].contains("The input b is new"))
    let removed = fingerprint(inputs: ["in", "b"]).compare(to: fingerprint())
    #expect(removed.refusals.isEmpty)
    #expect(removed.notices.count == 1)
  }

  @Test func `An input with unprocessed records cannot be left out`() {
    let old = fingerprint(inputs: ["in", "b"])
    #expect(old.compare(to: fingerprint(), unfinishedInputs: ["in"]).refusals.isEmpty)
    let refused = old.compare(to: fingerprint(), unfinishedInputs: ["b"])
    #expect(refused.refusals.count == 1)
    #expect(refused.refusals[0].contains("Run the program with the input once, and stop it gracefully"))
  }

  @Test func `An operator with initial states is not reported to begin without state`() {
    var program = fingerprint(operators: ["sums", "counts"])
    program.operators[1].hasInitialStates = true
    let notices = fingerprint().compare(to: program).notices
    #expect(notices.count == 1)
    #expect(
      notices[0].contains("counts, at App/main.swift:2, is new. It begins with the initial states of the program"))
  }

  @Test func `Types without a codec, and inputs that end with the process, are refused`() throws {
    let program = RestartingProgram(fingerprint(form: form(key: nil, keyType: "Node")))
    #expect(program.refusalsOfAny.count == 1)
    #expect(program.refusalsOfAny[0].contains("its keys have the type Node, which cannot be written"))
    let states = RestartingProgram(fingerprint(form: form(state: nil, stateType: "Node")))
    #expect(states.refusalsOfAny[0].contains("its states have the type Node, which cannot be written"))
    let image = SegmentImage(1, 1)
    let found = try #require(
      try RecoveredCheckpoint(ObservedLog(epochs: [1: true], segments: [image.name], folder: "c") { _ in image.bytes }))
    let queue = RestartingProgram(fingerprint(), unrecoverableInputs: ["queueStream at App/main.swift:4"])
    #expect(queue.compare(with: found).refusals.count == 1)
    #expect(queue.noticesOfNew.count == 1)
    #expect(RestartingProgram(fingerprint()).compare(with: found).refusals.isEmpty)
  }

  @Test func `An answer is read as it was written, and nothing else is accepted`() throws {
    let program = RestartingProgram(
      fingerprint(), unrecoverableInputs: ["queueStream at a:1"],
      lookBacks: [
        StateLookBack(
          stateOperator: "sums", words: "a looks back at the results of earlier batches of b", duration: 1,
          resultForm: nil),
        StateLookBack(
          stateOperator: "sums", words: "c", duration: 2, resultForm: ResultForm(form: nil, type: "Node")),
        StateLookBack(
          stateOperator: "sums", words: "d", duration: 3, resultForm: ResultForm(form: "text", type: "Text")),
      ], forgettingState: ["a", "b"])
    #expect(program.refusalsOfAny.count == 1)
    #expect(program.refusalsOfAny.first?.hasPrefix("c, so a checkpoint must store these") == true)
    let encoded = program.encoded()
    #expect(try encoded.withUnsafeBytes { try RestartingProgram(encoded: $0) } == program)
    for length in 0..<encoded.count {
      #expect(throws: ByteReader.Malformed.self) {
        try encoded[..<length].withUnsafeBytes { try RestartingProgram(encoded: $0) }
      }
    }
    for answer in [.program(encoded, directory: "/c"), .noCheckpoint, .cannotStart("why")] as [CheckpointAnswer] {
      let bytes = answer.encoded()
      #expect(try CheckpointAnswer(bytes.bytes) == answer)
      for length in 0..<bytes.count {
        let part = UnsafeRawBufferPointer(rebasing: bytes.bytes[..<length])
        #expect(throws: ByteReader.Malformed.self) { try CheckpointAnswer(part) }
      }
      withExtendedLifetime(bytes) {}
    }
  }
}
