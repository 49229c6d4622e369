import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import Testing

@testable import MartletStreaming

/// What a stream of files makes of what happens to the files and to the folder while the program is down.
@Suite(.timeLimit(.minutes(30))) struct FileRecoveryTests {
  private static func start(
    _ folder: String, at time: Time = Time(milliseconds: 0), options: CheckpointOptions = CheckpointOptions(),
    window: Duration? = nil, newFilesOnly: Bool = true, fails: Bool = false
  ) throws -> TestStreamingContext {
    struct Interrupted: Error {}
    let test = recoverable(folder, at: time, options: options)
    let lines = test.context.fileStream("\(folder)/in", newFilesOnly: newFilesOnly) { sc, paths in
      sc.textFile(paths)
    }
    (window.map { lines.window($0) } ?? lines).map { "\($0)" }.saveAsTextFiles("\(folder)/out/batch")
    lines.foreachRDD { _ in if fails { throw Interrupted() } }
    try test.start()
    return test
  }

  private static func second(_ number: Int) -> Time { Time(milliseconds: number * 1000) }

  /// A program whose second batch, with the files `b` and `c`, is planned and not done.
  private func interrupted(_ folder: ProgramFolder) throws {
    let first = try Self.start(folder.path)
    try folder.add("a", "1\n")
    try first.runBatch()
    first.stop()
    let second = try Self.start(folder.path, at: Self.second(1), fails: true)
    try folder.add("b", "2\n")
    try folder.add("c", "3\n")
    #expect(throws: BatchFailure.self) { try second.runBatch() }
    second.stop()
  }

  enum Change: String, CaseIterable { case removed, changed, replaced }

  private func apply(_ change: Change, to name: String, of folder: ProgramFolder) throws {
    let path = "\(folder.path)/in/\(name)"
    switch change {
    case .removed: try Folder.remove(path)
    case .changed: try SystemFile.overwrite(path).write(Array("x\n".utf8))
    case .replaced:
      try Folder.rename(path, to: "\(folder.path)/old-\(name)")
      try folder.add(name, "2\n")
    }
  }

  @Test(arguments: Change.allCases)
  func `a file that was planned and is not what it was fails the batch by name, or is left out`(_ change: Change) throws
  {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      try apply(change, to: "b", of: folder)
      let refused = try Self.start(folder.path, at: Self.second(2))
      let failure = #expect(throws: BatchFailure.self) { try refused.context.waitUntilCompleted(Self.second(2)) }
      refused.stop()
      let text = "\(try #require(failure))"
      #expect(text.contains("/in/b'") && text.contains("leavingOutMissingFiles: true"), "\(text)")
      #expect(text.contains(change == .removed ? "has been removed" : "has been changed"), "\(text)")
      let going = try Self.start(
        folder.path, at: Self.second(2), options: CheckpointOptions(leavingOutMissingFiles: true))
      try going.context.waitUntilCompleted(Self.second(2))
      try going.runBatch()
      going.stop()
      // The file that came in its place is a new one.
      let late = change == .replaced ? ["2"] : []
      #expect(
        try folder.output() == ["batch-1000": ["1"], "batch-2000": ["3"], "batch-3000": late])
    }
  }

  @Test func `a file that is put back is read again, and what was appended to it is not`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      let path = "\(folder.path)/in/b"
      try Folder.rename(path, to: "\(folder.path)/aside")
      let refused = try Self.start(folder.path, at: Self.second(2))
      #expect(throws: BatchFailure.self) { try refused.context.waitUntilCompleted(Self.second(2)) }
      refused.stop()
      try Folder.rename("\(folder.path)/aside", to: path)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("later\n".utf8))
      try handle.close()
      let going = try Self.start(folder.path, at: Self.second(2))
      try going.context.waitUntilCompleted(Self.second(2))
      going.stop()
      // The whole file is read by `textFile`, which is told paths and no sizes.
      #expect(try folder.output()["batch-1000"] == ["1"])
      #expect(try folder.output()["batch-2000"]?.filter { $0 != "later" } == ["2", "3"])
    }
  }

  @Test func `a file that a window needs again is named when it is gone`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path, window: .seconds(3))
      try folder.add("a", "1\n")
      try first.runBatch()
      try folder.add("b", "2\n")
      try first.runBatch()
      first.stop()
      try Folder.remove("\(folder.path)/in/a")
      let refused = try Self.start(folder.path, at: Self.second(2), window: .seconds(3))
      let failure = #expect(throws: BatchFailure.self) { try refused.runBatch() }
      #expect("\(try #require(failure))".contains("/in/a' has been removed"))
      refused.stop()
      let going = try Self.start(
        folder.path, at: Self.second(3), options: CheckpointOptions(leavingOutMissingFiles: true), window: .seconds(3))
      try going.context.waitUntilCompleted(Self.second(3))
      going.stop()
      #expect(try folder.output()["batch-3000"] == ["2"])
    }
  }

  @Test func `a new file of an old name is read after a restart, and the old one is not`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path)
      try folder.add("a", "1\n")
      try folder.add("b", "2\n")
      try first.runBatch()
      first.stop()
      try Folder.rename("\(folder.path)/in/a", to: "\(folder.path)/old")
      try folder.add("a", "3\n")
      let second = try Self.start(folder.path, at: Self.second(1))
      try second.runBatch()
      try second.runBatch()
      second.stop()
      #expect(
        try folder.output() == ["batch-1000": ["1", "2"], "batch-2000": ["3"], "batch-3000": []])
    }
  }

  @Test func `a folder that cannot be read at a restart makes empty batches, and no file is read twice`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path)
      try folder.add("a", "1\n")
      try first.runBatch()
      first.stop()
      try folder.add("b", "2\n")
      try Folder.rename("\(folder.path)/in", to: "\(folder.path)/away")
      let second = try Self.start(folder.path, at: Self.second(1))
      try second.runBatch()
      second.stop()
      // Killed or stopped meanwhile: what was read is known still.
      let third = try Self.start(folder.path, at: Self.second(2))
      try third.runBatch()
      try Folder.rename("\(folder.path)/away", to: "\(folder.path)/in")
      try third.runBatch()
      third.stop()
      #expect(
        try folder.output()
          == ["batch-1000": ["1"], "batch-2000": [], "batch-3000": [], "batch-4000": ["2"]])
    }
  }

  @Test(arguments: [true, false])
  func `files that are there at the first start are left out for good if only new ones are wanted`(
    _ newFilesOnly: Bool
  ) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try folder.add("old", "0\n")
      let first = try Self.start(folder.path, newFilesOnly: newFilesOnly)
      try folder.add("a", "1\n")
      try first.runBatch()
      first.stop()
      // What comes while the program is down is new to it.
      try folder.add("b", "2\n")
      let second = try Self.start(folder.path, at: Self.second(1), newFilesOnly: newFilesOnly)
      try second.runBatch()
      second.stop()
      // A program that wants all files from now on does not get those that were left out.
      let third = try Self.start(folder.path, at: Self.second(2), newFilesOnly: false)
      try third.runBatch()
      third.stop()
      #expect(
        try folder.output().mapValues { $0.sorted() }
          == ["batch-1000": newFilesOnly ? ["1"] : ["0", "1"], "batch-2000": ["2"], "batch-3000": []])
    }
  }

  @Test func `files that were there at the first start stay left out when the program is killed before any batch`()
    throws
  {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try folder.add("old", "0\n")
      let first = recoverable(folder.path) { if $0 == .recoveryBegun { folder.takeImage("begun") } }
      first.context.textFileStream("\(folder.path)/in").map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/batch")
      try first.start()
      first.stop()
      try folder.restore(try #require(folder.takeImages().first?.path))
      try folder.add("a", "1\n")
      let second = recoverable(folder.path)
      second.context.textFileStream("\(folder.path)/in").map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/batch")
      try second.start()
      try second.runBatch()
      second.stop()
      #expect(try folder.output() == ["batch-1000": ["1"]])
    }
  }
}
