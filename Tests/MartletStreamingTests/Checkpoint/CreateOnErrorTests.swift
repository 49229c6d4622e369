import MartletCore
import MartletTesting
import TestSupport
import Testing

@testable import MartletCheckpoint
@testable import MartletStreaming

/// A program that may start from nothing if its checkpoint cannot be used does not damage that checkpoint.
@Suite struct CreateOnErrorTests {
  private func program(
    _ folder: String, at seconds: Int, createOnError: Bool = true, log: RecordedLog = RecordedLog(),
    isOther: Bool = false
  ) -> (TestStreamingContext, TestStream<String>, StreamOutput<Int>) {
    let test = TestStreamingContext(MartletContext(master: "local[2]", logger: log.logger))
    test.clock.set(Time(milliseconds: seconds * 1000))
    let stream = test.stream(of: String.self)
    let output = test.output(
      of: stream.map { ($0, 1) }.updateStateByKey { (values: [Int], total: Int?) in
        (total ?? 0) + values.reduce(0, +)
      }.name(isOther ? "other" : "totals").map { $0.1 })
    let context = StreamingContext.getOrCreate("\(folder)/checkpoint", createOnError: createOnError) { test.context }
    #expect(context === test.context)
    return (test, stream, output)
  }

  private func runOnce(_ folder: String) throws {
    let (test, stream, output) = program(folder, at: 0)
    try test.start()
    stream.push(["a", "a"])
    try test.runBatch()
    #expect(output.batches == [[2]])
    test.stop()
  }

  private func damage(_ folder: String) throws -> [UInt8] {
    let name = try #require(try Folder.names(folder).first { $0.hasPrefix("log-") })
    var bytes = try fileBytes("\(folder)/\(name)")
    bytes[bytes.count / 2] ^= 255
    try Folder.remove("\(folder)/\(name)")
    try writeFile("\(folder)/\(name)", bytes)
    return bytes
  }

  @Test func `a damaged checkpoint is set aside completely, and the program starts from nothing`() throws {
    try withTemporaryFolder { folder in
      try runOnce(folder)
      let bytes = try damage("\(folder)/checkpoint")
      let before = try Folder.names("\(folder)/checkpoint").sorted()

      let (refused, _, _) = program(folder, at: 1, createOnError: false)
      #expect(throws: MartletError.self) { try refused.start() }
      #expect(try Folder.names(folder) == ["checkpoint"])

      let log = RecordedLog()
      let (test, stream, output) = program(folder, at: 1, log: log)
      try test.start()
      stream.push(["a"])
      try test.runBatch()
      test.stop()
      #expect(output.batches == [[1]])
      let aside = "\(folder)/checkpoint.unusable-1"
      #expect(try Folder.names(aside).sorted() == before)
      let segment = try #require(before.first { $0.hasPrefix("log-") })
      #expect(try fileBytes("\(aside)/\(segment)") == bytes)
      let message = try #require(log.messages.first { $0.hasPrefix("error The program cannot continue") })
      #expect(message.contains("is damaged") && message.contains("is now '\(aside)'"), "\(message)")

      // The program continues from the new one.
      let (again, more, rest) = program(folder, at: 2)
      try again.start()
      more.push(["a"])
      try again.runBatch()
      #expect(rest.batches == [[2]])
      again.stop()
      _ = try damage("\(folder)/checkpoint")
      let (third, _, _) = program(folder, at: 3)
      try third.start()
      third.stop()
      #expect(
        try Folder.names(folder).sorted() == ["checkpoint", "checkpoint.unusable-1", "checkpoint.unusable-2"])
    }
  }

  @Test func `a checkpoint that no longer fits the program is set aside`() throws {
    try withTemporaryFolder { folder in
      try runOnce(folder)
      let (test, _, _) = program(folder, at: 1, isOther: true)
      try test.start()
      test.stop()
      #expect(try Folder.names(folder).sorted() == ["checkpoint", "checkpoint.unusable-1"])
    }
  }

  @Test func `the program continues from an intact checkpoint`() throws {
    try withTemporaryFolder { folder in
      try runOnce(folder)
      let (test, stream, output) = program(folder, at: 1)
      try test.start()
      stream.push(["a"])
      try test.runBatch()
      #expect(output.batches == [[3]])
      test.stop()
      #expect(try Folder.names(folder) == ["checkpoint"])
    }
  }

  @Test func `a checkpoint that another context uses is never set aside`() throws {
    try withTemporaryFolder { folder in
      let (owner, stream, output) = program(folder, at: 0)
      try owner.start()
      let (test, _, _) = program(folder, at: 0, isOther: true)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.code == .invalidState)
      stream.push(["a"])
      try owner.runBatch()
      #expect(output.batches == [[1]])
      owner.stop()
      #expect(try Folder.names(folder) == ["checkpoint"])
    }
  }

  @Test func `a program that cannot have a checkpoint at all leaves the existing one`() throws {
    try withTemporaryFolder { folder in
      try runOnce(folder)
      let test = TestStreamingContext()
      let context = StreamingContext.getOrCreate("\(folder)/checkpoint", createOnError: true) {
        let pairs = test.stream(of: String.self).map { ($0, 1) }
        // Two operators that cannot be distinguished.
        for _ in 0..<2 { _ = test.output(of: pairs.updateStateByKey { $0.reduce($1 ?? 0, +) }) }
        return test.context
      }
      #expect(throws: MartletError.self) { try context.start() }
      #expect(try Folder.names(folder) == ["checkpoint"])
    }
  }
}
