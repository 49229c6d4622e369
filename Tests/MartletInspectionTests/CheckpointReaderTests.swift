import Foundation
import MartletCore
import MartletInspection
import MartletLog
import MartletRDD
import MartletStreaming
import MartletTesting
import TestSupport
import Testing

/// A visit, as programs store them.
struct Visit: Codable, Sendable, Equatable {
  var page: String
  var seconds: Double
}

@Suite(.timeLimit(.minutes(30))) struct CheckpointReaderTests {
  /// The checkpoint of a program that has run these batches.
  private func withCheckpoint<Value: Sendable>(
    _ batches: [[(Text, Value)]], _ program: (DStream<(Text, Value)>) -> Void, _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext()
      test.context.checkpoint("\(folder)/checkpoint")
      program(test.stream(batches))
      try test.start()
      try test.runBatches(batches.count)
      test.stop()
      try body("\(folder)/checkpoint")
    }
  }

  private let words: [[(Text, Int)]] = [[("a", 1), ("b", 2)], [("a", 3)], [("c", 4), ("b", -2)]]

  /// A sum for each key, which is removed at zero.
  private func sums(_ stream: DStream<(Text, Int)>) {
    stream.updateStateByKey { (values, sum: Int?) -> Int? in
      let new = (sum ?? 0) + values.reduce(0, +)
      return new == 0 ? nil : new
    }.name("sums").print()
  }

  @Test func `The report shows the position of the program, and its stored data`() throws {
    try withCheckpoint(words, sums) { path in
      let report = try CheckpointReader(path).report()
      #expect(report.problems.isEmpty)
      #expect(report.wasStopped)
      #expect(report.doneThrough.milliseconds == 3000)
      #expect(report.pending.isEmpty)
      #expect(report.batchInterval == .seconds(1))
      #expect(report.owner?.epoch == 1)
      #expect(report.owner?.isLocked == false)
      #expect(report.operators.map(\.id) == ["name:sums"])
      #expect(report.operators.map(\.keyCount) == [2])
      #expect(report.operators[0].isStateReadable)
      #expect(report.segments.map(\.counted) == report.segments.map(\.size))
      for part in ["name:sums", "2 keys", "done through", "testStream"] { #expect(report.text.contains(part)) }
      #expect(report.json.description.contains(#""doneThroughMs":3000,"plannedThroughMs":3000,"pendingBatchesMs":[]"#))
    }
  }

  @Test func `Keys are shown with their latest states, and removed keys are not shown`() throws {
    try withCheckpoint(words, sums) { path in
      let reader = try CheckpointReader(path)
      func lines(_ key: String? = nil, _ limit: Int = 20) throws -> [String] {
        try reader.states(of: "sums", key: key, limit: limit).entries.map { "\($0.key) \($0.state)" }
      }
      #expect(try lines() == ["\"a\" 4", "\"c\" 4"])
      #expect(try lines("a") == ["\"a\" 4"])
      #expect(try lines("b") == [])
      #expect(try lines(nil, 1) == ["\"a\" 4"])
      #expect(try reader.states(of: "name:sums", limit: 1).total == 2)
      let error = #expect(throws: MartletError.self) { try reader.states(of: "sum") }
      #expect(error?.message.contains("It has: name:sums.") == true)
    }
  }

  @Test func `Structures are shown field by field, with names where they are stored`() throws {
    let visits: [[(Text, Visit)]] = [[("ann", Visit(page: "/home", seconds: 1.5))]]
    try withCheckpoint(visits) { stream in
      stream.updateStateByKey { (values, last: Visit?) in values.last ?? last }.name("last").print()
    } _: { path in
      let entries = try CheckpointReader(path).states(of: "last").entries
      #expect(entries.map(\.state.description) == [#"{"page":"/home","seconds":1.5}"#])
    }
  }

  @Test func `A program may use the checkpoint at the same time, and is not disturbed`() throws {
    try withTemporaryFolder { folder in
      let test = TestStreamingContext()
      test.context.checkpoint("\(folder)/checkpoint")
      sums(test.stream(words))
      try test.start()
      try test.runBatch()
      for batch in 2...3 {
        let report = try CheckpointReader("\(folder)/checkpoint").report()
        #expect(report.owner?.isLocked == true)
        #expect(report.doneThrough.milliseconds == (batch - 1) * 1000)
        try test.runBatch()
      }
      test.stop()
    }
  }

  @Test func `The report of a damaged checkpoint names the damage, and shows the readable part`() throws {
    try withCheckpoint(words, sums) { path in
      let segment = "\(path)/log-00000001-00000001"
      let whole = try SystemFile.read(segment).readAll()
      var bytes = withExtendedLifetime(whole) { Array(whole.bytes) }
      // In the plan of the first batch: later records state that it was durable.
      let opening = LogFrame.Place(SegmentName(epoch: 1, number: 1), 0)
      bytes[try whole.header(at: opening).synced + LogFrame.headerSize] ^= 1
      try SystemFile.overwrite(segment).write(bytes)
      let report = try CheckpointReader(path).report()
      #expect(report.problems.count == 1)
      #expect(report.problems.first?.contains(segment) == true)
      #expect(report.segments.first?.problem != nil)
      #expect(report.text.contains("DAMAGED"))
      #expect(report.operators.map(\.id) == ["name:sums"])
      try Folder.remove(segment)
      #expect(throws: MartletError.self) { try CheckpointReader(path) }
    }
  }

  @Test func `Files that must be read again count once, and are reported when they are missing`() throws {
    struct Interrupted: Error {}
    try withTemporaryFolder { (folder: String) throws in
      try Folder.create("\(folder)/in")
      let names = (0..<7).map { "\(folder)/in/file-\($0)" }
      for run in 0..<2 {
        let test = TestStreamingContext()
        test.clock.set(Time(milliseconds: run * 1000))
        test.context.checkpoint("\(folder)/checkpoint")
        test.context.textFileStream("\(folder)/in").foreachRDD { _ in throw Interrupted() }
        try test.start()
        for (number, name) in names.enumerated() where run == 0 {
          try writeStreamInput("\(folder)/\(number)", "\(number)\n")
          try Folder.rename("\(folder)/\(number)", to: name)
        }
        // The second run has the same batch, and begins a log with its plan and the files that were read.
        #expect(throws: BatchFailure.self) { try test.context.waitUntilCompleted(startBatch(test, run)) }
        test.stop()
      }
      let reader = try CheckpointReader("\(folder)/checkpoint")
      guard case .files(let files)? = try reader.report().inputs.first?.progress else {
        Issue.record("no files have been read")
        return
      }
      #expect(files.map(\.path.text).sorted() == names)
      func notices(_ directory: String) -> [String] {
        let program = RestartingProgram(reader.log.header.program)
        let check = RestartCheck(.program(program, directory: directory), reader)
        #expect(check.verdict == .accepted && check.refusals.isEmpty)
        return check.notices
      }
      #expect(notices(reader.path).isEmpty)
      // Another name for the same folder, and another folder.
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/checkpoint")
      #expect(notices("\(folder)/link").isEmpty)
      #expect(notices("\(folder)/in").count == 1 && notices("\(folder)/in")[0].contains("another folder"))
      for name in names.prefix(5) { try Folder.remove(name) }
      let gone = names.prefix(5).map { "The program will read the file '\($0)' again, but it no longer exists." }
      #expect(notices(reader.path) == gone)
      try Folder.remove(names[5])
      #expect(notices(reader.path) == gone + ["The program will read 1 more file again that no longer exists."])
      try Folder.remove(names[6])
      #expect(notices(reader.path) == gone + ["The program will read 2 more files again that no longer exist."])
    }
  }

  /// Begins the first batch, or the one that runs again; returns its time.
  private func startBatch(_ test: TestStreamingContext, _ run: Int) -> Time {
    if run == 0 { test.clock.advance(by: .seconds(1)) }
    return Time(milliseconds: 1000)
  }

  @Test func `A folder that is not a checkpoint, or does not exist, is named`() throws {
    try withTemporaryFolder { folder in
      for path in [folder, "\(folder)/none"] {
        let error = #expect(throws: MartletError.self) { try CheckpointReader(path) }
        #expect(error?.message.contains(path) == true)
      }
      let names = try Folder.names(folder)
      #expect(names.isEmpty)
    }
  }
}
