import MartletCore
import MartletLog
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct RecoveredCheckpointTests {
  private func observed(
    _ images: [SegmentImage], epochs: [Int: Bool] = [1: true], damaged: [SegmentName: ByteBuffer] = [:]
  ) -> ObservedLog {
    ObservedLog(epochs: epochs, segments: Set(images.map(\.name)), folder: "checkpoint") { name in
      if let bytes = damaged[name] { return bytes }
      guard let image = images.first(where: { $0.name == name }) else {
        throw MartletError(.inputOutput, "There is no \(name).")
      }
      return image.bytes
    }
  }

  private func milliseconds(_ times: [Time]) -> [Int] { times.map(\.milliseconds) }

  private func files(_ log: RecoveredCheckpoint, _ id: String = "in") throws -> [String] {
    try (log.inputs[id]?.plans ?? []).flatMap { try FileList($0.bytes.bytes).files.map(\.path.text) }
  }

  private func states(_ log: RecoveredCheckpoint, _ id: String = "sums") -> [String] {
    (log.stateRecords()[id] ?? []).map { String(decoding: $0.bytes.bytes, as: UTF8.self) }
  }

  @Test func `A folder without segments is not a checkpoint, unless an owner had begun one`() throws {
    #expect(try RecoveredCheckpoint(observed([], epochs: [:])) == nil)
    #expect(try RecoveredCheckpoint(observed([], epochs: [1: false])) == nil)
    let error = #expect(throws: MartletError.self) { try RecoveredCheckpoint(observed([], epochs: [1: true])) }
    #expect(error?.message.contains("'checkpoint/log-00000001-00000001' is missing") == true)
  }

  @Test func `Batches that have begun and are incomplete are pending, and their state does not count`() throws {
    let first = SegmentImage(1, 1)
    first.plan(1000, "a")
    first.state(1000, "one")
    first.done(1000)
    first.plan(2000, "b")
    first.plan(3000)
    first.state(2000, "two")
    let log = try #require(try RecoveredCheckpoint(observed([first])))
    #expect(log.doneThrough.milliseconds == 1000)
    #expect(log.plannedThrough.milliseconds == 3000)
    #expect(milliseconds(log.pending) == [2000, 3000])
    #expect(try files(log) == ["a", "b"])
    #expect(states(log) == ["one"])
    #expect(log.unfinishedInputs == ["in"])
    #expect(!log.wasStopped)
    first.append(.stopped)
    #expect(try RecoveredCheckpoint(observed([first]))?.wasStopped == true)
  }

  @Test func `A segment builds on those before it, and plans that it repeats count once`() throws {
    let first = SegmentImage(1, 1)
    first.plan(1000, "a")
    first.state(1000, "one")
    first.done(1000)
    let second = SegmentImage(1, 2, done: 1000, planned: 1000, before: [first.part])
    second.plan(1000, "a", isCopy: true)
    second.progress(["a"])
    second.plan(2000, "b")
    second.state(2000, "two")
    second.done(2000)
    let log = try #require(try RecoveredCheckpoint(observed([first, second])))
    #expect(try files(log) == ["a", "b"])
    #expect(log.inputs["in"]?.plans.map(\.isIncludedInProgress) == [true, false])
    #expect(states(log) == ["one", "two"])
    #expect(log.pending.isEmpty)
    #expect(log.parts == [first.part, second.part])
  }

  @Test func `Records that a fenced owner writes later do not count`() throws {
    let old = SegmentImage(1, 1)
    old.plan(1000, "a")
    let part = old.part
    old.done(1000)
    let new = SegmentImage(2, 1, planned: 1000, before: [part])
    let log = try #require(try RecoveredCheckpoint(observed([old, new], epochs: [1: true, 2: true])))
    #expect(milliseconds(log.pending) == [1000])
    #expect(log.doneThrough.milliseconds == 0)
  }

  @Test func `An owner that has claimed the checkpoint and begun nothing does not count`() throws {
    let old = SegmentImage(1, 1)
    old.plan(1000, "a")
    let log = try #require(try RecoveredCheckpoint(observed([old], epochs: [1: true, 2: false])))
    #expect(milliseconds(log.pending) == [1000])
  }

  @Test func `A missing file is refused by its name`() throws {
    let first = SegmentImage(1, 1)
    let second = SegmentImage(1, 2, before: [first.part])
    first.seal()
    let cases: [(ObservedLog, String)] = [
      (observed([first]), "log-00000001-00000002"), (observed([second]), "log-00000001-00000001"),
      (observed([first, second], epochs: [1: true, 2: true]), "log-00000002-00000001"),
    ]
    for (observed, file) in cases {
      let error = #expect(throws: MartletError.self) { try RecoveredCheckpoint(observed) }
      #expect(error?.code == .corruptData)
      #expect(error?.message.contains("'checkpoint/\(file)' is missing") == true)
    }
  }

  @Test func `A file of another checkpoint is refused by its name`() throws {
    let first = SegmentImage(1, 1, checkpointID: 8)
    let second = SegmentImage(1, 2, before: [first.part])
    let error = #expect(throws: MartletError.self) { try RecoveredCheckpoint(observed([first, second])) }
    #expect(error?.message.contains("'checkpoint/log-00000001-00000001' is damaged: it belongs to another") == true)
  }

  @Test func `Older segments must not be torn or damaged`() throws {
    let first = SegmentImage(1, 1)
    first.plan(1000, "a")
    first.state(1000, "one")
    first.done(1000)
    let second = SegmentImage(1, 2, done: 1000, before: [first.part])
    for length in 0..<first.bytes.count {
      let torn = observed([first, second], damaged: [first.name: first.damaged(length: length)])
      #expect(throws: MartletError.self) { try RecoveredCheckpoint(torn) }
    }
    for position in first.positions {
      let flipped = observed([first, second], damaged: [first.name: first.damaged(flippedBit: position * 8 + 200)])
      #expect(throws: MartletError.self) { try RecoveredCheckpoint(flipped) }
    }
  }

  @Test func `Numbers of inputs and operators are those of their own segment's header`() throws {
    let first = SegmentImage(1, 1, inputs: ["x"], operators: ["old"])
    first.plan(1000, "a")
    first.state(1000, "one")
    first.done(1000)
    let second = SegmentImage(2, 1, done: 1000, planned: 1000, before: [first.part], operators: ["new", "old"])
    second.plan(2000, "b")
    second.state(2000, "two")
    second.done(2000)
    let log = try #require(try RecoveredCheckpoint(observed([first, second], epochs: [2: true])))
    #expect(try files(log) == ["b"])
    #expect(states(log, "old") == ["one"])
    #expect(states(log, "new") == ["two"])
  }

  @Test func `Changes of an interrupted batch do not count when it runs again`() throws {
    let first = SegmentImage(1, 1)
    first.plan(1000, "a")
    first.state(1000, "one")
    first.state(1000, "given", .results)
    let second = SegmentImage(2, 1, planned: 1000, before: [first.part], resultForm: "text")
    second.state(1000, "another")
    second.state(1000, "given again", .results)
    second.done(1000)
    let log = try #require(try RecoveredCheckpoint(observed([first, second], epochs: [2: true])))
    #expect(states(log) == ["another"])
    #expect(try results(log) == ["given again"])
    #expect(log.doneTimes.map(\.milliseconds) == [1000])
  }

  private func results(_ log: RecoveredCheckpoint) throws -> [String] {
    try #require(log.states()["sums"]).results.map { String(decoding: $0.record.bytes.bytes, as: UTF8.self) }
  }

  /// Two segments of one owner, of which the first is not the beginning, and two of the next owner.
  private func chain(_ forms: [String?], anew: Bool = false) -> [SegmentImage] {
    let gone = SegmentPart(name: SegmentName(epoch: 1, number: 1), length: 1)
    var images: [SegmentImage] = []
    for (index, form) in forms.enumerated() {
      let image = SegmentImage(
        1 + index / 2, index / 2 == 0 ? 2 + index : 1 + index % 2, done: index * 1000, planned: index * 1000,
        before: index == 0 ? [gone] : images.map(\.part), resultForm: form, beginsAnew: anew && index >= 2)
      image.state(index * 1000 + 1000, "\(index)")
      if form != nil { image.state(index * 1000 + 1000, "given \(index)", .results) }
      image.done(index * 1000 + 1000)
      images.append(image)
    }
    return images
  }

  @Test func `Results count as far back as they have the present form`() throws {
    let cases: [(forms: [String?], after: Int, results: [Int])] = [
      (["text", "text", "text", "text"], 0, [0, 1, 2, 3]), ([nil, "text", "text", "text"], 1000, [1, 2, 3]),
      (["text", nil, "text", "text"], 2000, [2, 3]), (["text", "text", "int", "int"], 2000, [2, 3]),
      (["text", "text", "text", nil], 3000, []),
    ]
    for (forms, after, numbers) in cases {
      let log = try #require(try RecoveredCheckpoint(observed(chain(forms), epochs: [2: true])))
      let state = try #require(log.states()["sums"])
      #expect(state.resultForm == forms.last)
      #expect(state.resultsAfter.milliseconds == after, "\(forms)")
      #expect(try results(log) == numbers.map { "given \($0)" }, "\(forms)")
      #expect(states(log) == ["0", "1", "2", "3"])
      #expect(state.beganAfter == nil)
      // All keys are known at the end of the first segment, which is not the beginning.
      #expect(log.firstWholeStates?.milliseconds == 1000)
    }
  }

  @Test func `A state that a program has dropped does not come back`() throws {
    let anew = try #require(
      try RecoveredCheckpoint(observed(chain([nil, nil, nil, nil], anew: true), epochs: [2: true])))
    #expect(states(anew) == ["2", "3"])
    #expect(anew.states()["sums"]?.beganAfter?.milliseconds == 2000)
    let first = SegmentImage(1, 1)
    first.state(1000, "one")
    first.done(1000)
    let second = SegmentImage(2, 1, done: 1000, before: [first.part], operators: ["others"])
    let third = SegmentImage(3, 1, done: 1000, before: [first.part, second.part])
    third.state(2000, "two")
    third.done(2000)
    let log = try #require(try RecoveredCheckpoint(observed([first, second, third], epochs: [3: true])))
    #expect(states(log) == ["two"])
    #expect(log.firstWholeStates == nil)
  }

  @Test func `A header is read as it was written`() throws {
    for (form, anew) in [(nil, false), ("text", false), (nil, true)] as [(String?, Bool)] {
      var program = fingerprint(inputs: ["in", "other"])
      program.inputs[0].place = "place"
      program.inputs[1].filesID = "files"
      program.operators[0].place = "place"
      program.operators[0].statePlace = "state"
      program.operators[0].path = "path"
      program.operators[0].formerID = form
      program.operators[0].hasInitialStates = anew
      program.operators[0].resultForm = form
      program.operators[0].beginsAnew = anew
      let header = CheckpointHeader(
        checkpointID: 1, program: program, zeroTime: Time(milliseconds: 1), doneThrough: Time(milliseconds: 2),
        plannedThrough: Time(milliseconds: 3), stagingFolders: ["/out/.martlet-1-1"])
      let bytes = ByteBuffer()
      header.write(bytes)
      var reader = ByteReader(bytes.bytes)
      #expect(try CheckpointHeader(&reader) == header)
      withExtendedLifetime(bytes) {}
    }
  }
}
