import Foundation
import MartletCore
import MartletRDD
import MartletTesting
import TestSupport
import Testing

@testable import MartletCheckpoint
@testable import MartletSources
@testable import MartletStreaming

/// The reaction of a stream of files to changes of the files and the folder while the program is down.
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

  /// A program whose second batch, with the files `b` and `c`, is planned and incomplete.
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

  private func append(_ text: String, _ path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
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
  func `a planned file that has changed fails the batch by name, or is left out`(_ change: Change) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      try apply(change, to: "b", of: folder)
      let refused = try Self.start(folder.path, at: Self.second(2))
      let failure = #expect(throws: BatchFailure.self) { try refused.context.waitUntilCompleted(Self.second(2)) }
      refused.stop()
      let text = "\(try #require(failure))"
      #expect(text.contains("/in/b'") && text.contains("leavingOutMissingFiles: true"), "\(text)")
      let expected =
        switch change {
        case .removed: "has been removed"
        case .changed: "has been changed"
        case .replaced: "has been replaced by another file"
        }
      #expect(text.contains(expected), "\(text)")
      let going = try Self.start(
        folder.path, at: Self.second(2), options: CheckpointOptions(leavingOutMissingFiles: true))
      try going.context.waitUntilCompleted(Self.second(2))
      try going.runBatch()
      going.stop()
      // The file that took its place is a new one.
      let late = change == .replaced ? ["2"] : []
      #expect(
        try folder.output() == ["batch-1000": ["1"], "batch-2000": ["3"], "batch-3000": late])
    }
  }

  @Test func `a restored file is read again, without the bytes appended to it`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      let path = "\(folder.path)/in/b"
      try Folder.rename(path, to: "\(folder.path)/aside")
      let refused = try Self.start(folder.path, at: Self.second(2))
      #expect(throws: BatchFailure.self) { try refused.context.waitUntilCompleted(Self.second(2)) }
      refused.stop()
      try Folder.rename("\(folder.path)/aside", to: path)
      try append("later\n", path)
      let going = try Self.start(folder.path, at: Self.second(2))
      try going.context.waitUntilCompleted(Self.second(2))
      going.stop()
      #expect(try folder.output() == ["batch-1000": ["1"], "batch-2000": ["2", "3"]])
    }
  }

  @Test func `a missing file that a window needs again is named`() throws {
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

  @Test func `a new file with an old name is read after a restart, and the old one is not`() throws {
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
      // Killed or stopped meanwhile: the program still knows the files that it has read.
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
  func `files that exist at the first start are permanently left out if only new ones are wanted`(
    _ newFilesOnly: Bool
  ) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try folder.add("old", "0\n")
      let first = try Self.start(folder.path, newFilesOnly: newFilesOnly)
      try folder.add("a", "1\n")
      try first.runBatch()
      first.stop()
      // Files that come while the program is down are new to it.
      try folder.add("b", "2\n")
      let second = try Self.start(folder.path, at: Self.second(1), newFilesOnly: newFilesOnly)
      try second.runBatch()
      second.stop()
      // A program that wants all files from now on does not get the files that were left out.
      let third = try Self.start(folder.path, at: Self.second(2), newFilesOnly: false)
      try third.runBatch()
      third.stop()
      #expect(
        try folder.output().mapValues { $0.sorted() }
          == ["batch-1000": newFilesOnly ? ["1"] : ["0", "1"], "batch-2000": ["2"], "batch-3000": []])
    }
  }

  @Test func `files from before the first start stay left out when the program is killed before any batch`()
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

  // MARK: Appended bytes are not read

  /// The ways in which a program reads files.
  enum Reader: String, CaseIterable { case stream, closure, otherwise }

  private static func lines(_ test: TestStreamingContext, _ folder: String, _ reader: Reader) -> DStream<String> {
    switch reader {
    case .stream: test.context.textFileStream(folder).map { "\($0)" }
    case .closure:
      test.context.fileStream(folder) { sc, paths in
        sc.union(paths.map { sc.textFile($0) }).map { "\($0)" }
      }
    case .otherwise:
      test.context.fileStream(folder) { sc, paths in
        sc.parallelize(paths, 1).flatMap { path in
          try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        }
      }
    }
  }

  @Test(arguments: [Reader.stream, .closure])
  func
    `a batch that runs again, and a window after a restart, have the contents of the files at the time of their discovery`(
      _ reader: Reader
    ) throws
  {
    struct Interrupted: Error {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(at second: Int, fails: Bool) throws -> TestStreamingContext {
        let test = recoverable(folder.path, at: Self.second(second))
        let lines = Self.lines(test, "\(folder.path)/in", reader)
        lines.saveAsTextFiles("\(folder.path)/out/batch")
        lines.window(.seconds(3)).saveAsTextFiles("\(folder.path)/out/window")
        lines.foreachRDD { _ in if fails { throw Interrupted() } }
        try test.start()
        return test
      }
      let first = try start(at: 0, fails: false)
      try folder.add("a", "a\nx")
      try first.runBatch()
      first.stop()
      let second = try start(at: 1, fails: true)
      try folder.add("b", "b\ny")
      #expect(throws: BatchFailure.self) { try second.runBatch() }
      second.stop()
      for name in ["a", "b"] { try append("z\nmore\n", "\(folder.path)/in/\(name)") }
      let third = try start(at: 2, fails: false)
      try third.context.waitUntilCompleted(Self.second(2))
      try third.runBatch()
      third.stop()
      let expected = [
        "batch-1000": ["a", "x"], "batch-2000": ["b", "y"], "batch-3000": [], "window-1000": ["a", "x"],
        "window-2000": ["a", "x", "b", "y"], "window-3000": ["a", "x", "b", "y"],
      ]
      #expect(try folder.output() == expected)
    }
  }

  @Test func `files whose names are the same text are read again after a restart, and not later`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      let first = try Self.start(folder.path, fails: true)
      try folder.add("e\u{301}", "1\n")
      try folder.add("\u{E9}", "2\n")
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      for second in 1...2 {
        let next = try Self.start(folder.path, at: Self.second(second))
        try next.context.waitUntilCompleted(Self.second(second))
        try next.runBatch()
        next.stop()
      }
      #expect(try folder.output() == ["batch-1000": ["1", "2"], "batch-2000": [], "batch-3000": []])
    }
  }

  @Test func `packed files and records of one length are read again in their original state`() throws {
    struct Interrupted: Error {}
    let gzip = try #require(Data(base64Encoded: "H4sIAAAAAAAAA0vkSuICAJcqVxgEAAAA"), "of a and b, one a line")
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(at second: Int, fails: Bool) throws -> TestStreamingContext {
        let test = recoverable(folder.path, at: Self.second(second))
        test.context.fileStream("\(folder.path)/in", filter: { $0.hasSuffix(".gz") }) { sc, paths in
          sc.union(paths.map { sc.textFile($0) })
        }.name("packed").map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/packed")
        test.context.fileStream("\(folder.path)/in", filter: { $0.hasSuffix(".bin") }) { sc, paths in
          sc.union(paths.map { sc.binaryRecords($0, recordLength: 2) })
        }.name("records").map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/records")
        let whole = test.context.fileStream("\(folder.path)/in", filter: { $0.hasSuffix(".bin") }) { sc, paths in
          sc.union(paths.map { sc.binaryFiles($0) })
        }.name("whole").map { "\($0.1)" }
        whole.saveAsTextFiles("\(folder.path)/out/whole")
        whole.foreachRDD { _ in if fails { throw Interrupted() } }
        try test.start()
        return test
      }
      let first = try start(at: 0, fails: true)
      try gzip.write(to: URL(fileURLWithPath: "\(folder.path)/staged"))
      // Moved in long after it was written, and open nowhere: a process that another test is just starting also has it
      // open, until it runs its program.
      var old = [timespec(tv_sec: 1_000_000, tv_nsec: 7), timespec(tv_sec: 1_000_000, tv_nsec: 7)]
      try #require(utimensat(AT_FDCWD, "\(folder.path)/staged", &old, 0) == 0)
      let staged = try SystemFile.read("\(folder.path)/staged")
      while staged.isOpenForWriting() == true { sched_yield() }
      try Folder.rename("\(folder.path)/staged", to: "\(folder.path)/in/a.gz")
      try folder.add("b.bin", "\u{1}\u{2}")
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      let expected = ["packed-1000": ["a", "b"], "records-1000": ["[1, 2]"], "whole-1000": ["[1, 2]"]]
      let published = try folder.output()
      #expect(published == expected)
      let handle = try #require(FileHandle(forWritingAtPath: "\(folder.path)/in/a.gz"))
      try handle.seekToEnd()
      try handle.write(contentsOf: gzip)
      try handle.close()
      try append("\u{3}", "\(folder.path)/in/b.bin")
      let second = try start(at: 1, fails: false)
      try second.context.waitUntilCompleted(Self.second(1))
      second.stop()
      #expect(try folder.output() == expected)
    }
  }

  @Test func `a file that has grown and that a closure reads itself is an error`()
    throws
  {
    struct Interrupted: Error {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func start(at second: Int, fails: Bool, _ options: CheckpointOptions) throws -> TestStreamingContext {
        let test = recoverable(folder.path, at: Self.second(second), options: options)
        let lines = Self.lines(test, "\(folder.path)/in", .otherwise)
        lines.saveAsTextFiles("\(folder.path)/out/batch")
        lines.foreachRDD { _ in if fails { throw Interrupted() } }
        try test.start()
        return test
      }
      let first = try start(at: 0, fails: true, CheckpointOptions())
      try folder.add("a", "a\n")
      try folder.add("b", "b\n")
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      try append("more\n", "\(folder.path)/in/a")
      let second = try start(at: 1, fails: false, CheckpointOptions())
      let failure = #expect(throws: BatchFailure.self) { try second.context.waitUntilCompleted(Self.second(1)) }
      second.stop()
      let text = "\(try #require(failure))"
      for words in ["/in/a' has grown", "reads it itself", "Use textFile", "leavingOutMissingFiles: true"] {
        #expect(text.contains(words), "\(text)")
      }
      let third = try start(at: 1, fails: false, CheckpointOptions(leavingOutMissingFiles: true))
      try third.context.waitUntilCompleted(Self.second(1))
      third.stop()
      #expect(try folder.output() == ["batch-1000": ["b"]])
    }
  }

  // MARK: The same folder, and the same files

  @Test func `files that were renamed while the program was down are found by batches and not read again`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      let path = "\(folder.path)/in"
      try Folder.rename("\(path)/c", to: "\(path)/c.1")
      try Folder.rename("\(path)/b", to: "\(path)/c")
      try folder.add("b", "4\n")
      let going = try Self.start(folder.path, at: Self.second(2))
      try going.context.waitUntilCompleted(Self.second(2))
      try going.runBatch()
      going.stop()
      #expect(try folder.output() == ["batch-1000": ["1"], "batch-2000": ["2", "3"], "batch-3000": ["4"]])
    }
  }

  @Test func `a folder that was restored from a copy counts as read`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      try interrupted(folder)
      // A copy with the times, like that of `cp -a`.
      try Folder.create("\(folder.path)/copy")
      for name in try Folder.names("\(folder.path)/in") {
        let path = "\(folder.path)/copy/\(name)"
        let original = try #require(try FileFacts.ofFile(at: "\(folder.path)/in/\(name)"))
        try SystemFile.create(path).write(Array(try contents("\(folder.path)/in/\(name)").utf8))
        let seconds = Int(original.modified / 1_000_000_000)
        let time = timespec(tv_sec: seconds, tv_nsec: Int(original.modified % 1_000_000_000))
        var times = [time, time]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
      }
      try Folder.remove("\(folder.path)/in")
      try Folder.rename("\(folder.path)/copy", to: "\(folder.path)/in")
      try folder.add("d", "4\n")
      let going = try Self.start(folder.path, at: Self.second(2))
      try going.context.waitUntilCompleted(Self.second(2))
      try going.runBatch()
      going.stop()
      #expect(try folder.output() == ["batch-1000": ["1"], "batch-2000": ["2", "3"], "batch-3000": ["4"]])
    }
  }

  /// Totals of the lines of files, by a context with the spelling `spelled` of the folder.
  private func totals(
    _ folder: ProgramFolder, _ spelled: String, at second: Int, named: Bool = false, log: RecordedLog = RecordedLog(),
    before: () throws -> Void
  ) throws -> [String] {
    let test = TestStreamingContext(
      MartletContext(conf: MartletConf().setMaster("local[2]"), logger: log.logger))
    test.clock.set(Self.second(second))
    test.context.checkpoint("\(folder.path)/checkpoint")
    let lines = test.context.textFileStream(spelled)
    if named { lines.name("lines") }
    let totals = lines.map { ($0, 1) }.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
    let output = test.output(of: totals.map { "\($0.0)=\($0.1)" })
    try test.start()
    try before()
    let time = try test.runBatch()
    test.stop()
    return try #require(output.batch(at: time)).sorted()
  }

  @Test(arguments: ["PATH/in/", "PATH/./in", "PATH//in", "PATH/out/../in", "RELATIVE/in", "./RELATIVE/in/"])
  func `a folder with another spelling is the same source`(_ spelled: String) throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      #expect(
        try totals(folder, "\(folder.path)/in", at: 0) { try folder.add("f", "a\n") } == ["a=1"])
      try folder.add("g", "c\n")
      // The working directory is that of all tests.
      let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
      let relative = String(repeating: "../", count: depth) + folder.path.dropFirst()
      let path = spelled.replacingOccurrences(of: "PATH", with: folder.path).replacingOccurrences(
        of: "RELATIVE", with: relative)
      #expect(try totals(folder, path, at: 1) {} == ["a=1", "c=1"])
    }
  }

  @Test func `a folder that was moved with its checkpoint continues, under a name or with the same spelling`() throws {
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      #expect(
        try totals(folder, "\(folder.path)/in", at: 0, named: true) { try folder.add("f", "a\n") } == ["a=1"])
      try folder.add("g", "c\n")
      try Folder.rename("\(folder.path)", to: "\(root)/moved")
      let moved = ProgramFolder(existing: "\(root)/moved")
      #expect(try totals(moved, "\(moved.path)/in", at: 1, named: true) {} == ["a=1", "c=1"])
    }
  }

  // MARK: Batches that are caught up

  @Test func `files that came while the program was down are in the batches of their times`() throws {
    struct Killed: Error {}
    try withTemporaryFolder { root in
      let folder = try ProgramFolder("\(root)/run")
      func add(_ number: Int, at seconds: Int) throws {
        let path = "\(folder.path)/\(number)"
        try SystemFile.create(path).write(Array("\(number)\n".utf8))
        var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        try Folder.rename(path, to: "\(folder.path)/in/\(number)")
      }
      func start(at seconds: Int, fails: Bool) throws -> TestStreamingContext {
        let test = TestStreamingContext(batchInterval: .seconds(2))
        test.clock.set(Self.second(seconds))
        test.context.checkpoint("\(folder.path)/checkpoint")
        let numbers = test.context.textFileStream("\(folder.path)/in").map { try #require(Int($0)) }
        numbers.reduceByWindow(+, .seconds(60), .seconds(2)).map { "\($0)" }.saveAsTextFiles("\(folder.path)/out/sum")
        numbers.foreachRDD { _, time in if fails && time == Self.second(6) { throw Killed() } }
        try test.start()
        return test
      }
      let first = try start(at: 0, fails: true)
      try add(1, at: 1)
      try first.runBatch()
      try add(2, at: 3)
      try first.runBatch()
      try add(3, at: 5)
      #expect(throws: BatchFailure.self) { try first.runBatch() }
      first.stop()
      for (number, seconds) in [(5, 9), (4, 7), (6, 11), (7, 999)] { try add(number, at: seconds) }
      let second = try start(at: 12, fails: false)
      try second.context.waitUntilCompleted(Self.second(12))
      try add(8, at: 2)
      try second.runBatch()
      second.stop()
      let sums = try folder.output().map { ($0, $1) }.sorted { ($0.0.count, $0.0) < ($1.0.count, $1.0) }.flatMap(\.1)
      // The test does not wait for files stamped after that time.
      #expect(sums == ["1", "3", "6", "10", "15", "28", "36"])
    }
  }

  @Test func `batches between two windows have the files that had come by their times`() throws {
    try withTemporaryFolder { folder in
      let conf = MartletConf().setMaster("local[2]").set(.fileSettleTime, to: .zero)
      let test = TestStreamingContext(conf: conf)
      let timed = test.context.textFileStream(folder).transform { rdd, time in
        rdd.map { "\($0) at \(time.milliseconds)" }
      }
      let output = test.output(of: timed.window(.seconds(3), .seconds(3)))
      try test.start()
      for second in 1...3 {
        try writeStreamInput("\(folder)/.\(second)", "\(second)\n")
        try Folder.rename("\(folder)/.\(second)", to: "\(folder)/\(second)")
        try test.runBatch()
      }
      test.stop()
      #expect(output.batches == [["1 at 1000", "2 at 2000", "3 at 3000"]])
    }
  }
}
