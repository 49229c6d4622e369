#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletTesting
import Synchronization
import TestSupport
import Testing

import Martlet

@Suite(.timeLimit(.minutes(30))) struct FileStreamTests {
  /// Writes a file elsewhere and moves it in, late enough for the system's clock to distinguish the two changes.
  private func moveIn(_ text: String, _ name: String, _ folder: String) throws {
    let staged = "\(folder)/.\(name)"
    try writeStreamInput(staged, text)
    try #require(rename(staged, "\(folder)/\(name)") == 0)
  }

  private func write(_ text: String, _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
  }

  private func makeContext(settle: Int = 0, log: RecordedLog = RecordedLog()) -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set(FileStreamSetting.settleKey, "\(settle)")
    return TestStreamingContext(MartletContext(conf: conf, logger: log.logger), batchInterval: .seconds(1))
  }

  private func append(_ text: String, _ path: String) throws {
    let file = try #require(fopen(path, "a"))
    fputs(text, file)
    fclose(file)
  }

  @Test func `files that are moved in are read once, each in the batch that finds it`() throws {
    try withTemporaryFolder { folder in
      try moveIn("there before the start\n", "before.txt", folder)
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try moveIn("a\nb\n", "1.txt", folder)
      #expect(output.batch(at: try test.runBatch()) == ["a", "b"])
      #expect(output.batch(at: try test.runBatch()) == [])
      try moveIn("c", "2.txt", folder)
      try moveIn("d", "3.txt", folder)
      try moveIn("no", "_hidden", folder)
      #expect(output.batch(at: try test.runBatch()) == ["c", "d"])
      test.stop()
    }
  }

  @Test func `listeners learn how many lines of files a batch has read`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let lines = test.context.textFileStream(folder)
      // Reading the lines twice does not double them.
      lines.count().pprint(to: { _ in })
      let output = test.output(of: lines)
      try test.start()
      try moveIn(String(repeating: "line\n", count: 5000), "1.txt", folder)
      try moveIn("x\ny\n", "2.txt", folder)
      #expect(output.batch(at: try test.runBatch())?.count == 5002)
      #expect(output.batch(at: try test.runBatch()) == [])
      try moveIn("z", "3.txt", folder)
      #expect(output.batch(at: try test.runBatch()) == ["z"])
      #expect(test.events.completedBatches.map(\.numRecords) == [5002, 0, 1])
      let submitted = test.events.events.compactMap { if case .batchSubmitted(let info) = $0 { info } else { nil } }
      #expect(submitted.map(\.numRecords) == [0, 0, 0])
      test.stop()
    }
  }

  @Test func `a file that is written in place is read when it has remained unchanged`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try write("half a", "\(folder)/slow.txt")
      #expect(output.batch(at: try test.runBatch()) == [])
      try write("half a line\nand one more\n", "\(folder)/slow.txt")
      #expect(output.batch(at: try test.runBatch()) == [])
      #expect(output.batch(at: try test.runBatch()) == ["half a line", "and one more"])
      let described = test.events.completedBatches.map { $0.streamIDToInputInfo[0]?.metadataDescription ?? "" }
      #expect(described.contains { $0.contains("slow.txt") && $0.contains("skipped") })
      test.stop()
    }
  }

  @Test func `bytes that are written to a file after a change of its mode are not lost`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      let path = "\(folder)/a.txt"
      try write("", path)
      try #require(chmod(path, 0o600) == 0)
      for _ in 0..<3 { #expect(output.batch(at: try test.runBatch()) == []) }
      try write("hello\n", path)
      // Long enough ago for the clock that stamps files to distinguish the two changes.
      var old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
      try #require(utimensat(AT_FDCWD, path, &old, 0) == 0)
      try #require(chmod(path, 0o644) == 0)
      #expect(output.batch(at: try test.runBatch()) == [])
      #expect(output.batch(at: try test.runBatch()) == ["hello"])
      test.stop()
    }
  }

  #if os(Linux)
    /// True if the disk of these tests reports that a file is open for writing: not all do.
    private static func diskTellsOfWriters() throws -> Bool {
      try withTemporaryFolder { folder in
        let writer = try SystemFile.create("\(folder)/file")
        defer { withExtendedLifetime(writer) {} }
        return try SystemFile.read("\(folder)/file").isOpenForWriting() != nil
      }
    }

    @Test(.enabled("this disk does not report open files") { try diskTellsOfWriters() })
    func `a file that was changed by chmod before the first look is not read while its writer has it open`() throws {
      try withTemporaryFolder { folder in
        let test = makeContext()
        let output = test.output(of: test.context.textFileStream(folder))
        try test.start()
        defer { test.stop() }
        let path = "\(folder)/slow.txt"
        let file = try #require(fopen(path, "w"))
        fputs("half a", file)
        fflush(file)
        // Long enough ago for the clock that stamps files to distinguish the two changes.
        var old = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
        try #require(utimensat(AT_FDCWD, path, &old, 0) == 0)
        try #require(chmod(path, 0o600) == 0)
        #expect(output.batch(at: try test.runBatch()) == [])
        fputs(" line\n", file)
        fclose(file)
        #expect(output.batch(at: try test.runBatch()) == [])
        #expect(output.batch(at: try test.runBatch()) == ["half a line"])
      }
    }
  #endif

  @Test func `appending to files that have been read is reported to listeners each time, and to the log once`()
    throws
  {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try moveIn("a\n", "early.txt", folder)
      #expect(output.batch(at: try test.runBatch()) == ["a"])
      #expect(log.messages.isEmpty)
      for text in ["b\n", "c\n"] {
        try append(text, "\(folder)/early.txt")
        #expect(output.batch(at: try test.runBatch()) == [])
      }
      test.stop()
      let described = test.events.completedBatches.map { $0.streamIDToInputInfo[0]?.metadataDescription ?? "" }
      #expect(described.filter { $0.contains("changed after it was read") }.count == 2)
      let warnings = log.messages.filter { $0.contains("early.txt' has changed after it was read") }
      #expect(warnings.count == 1, "\(log.messages)")
      for words in ["warning textFileStream at ", "FileStreamTests.swift", "rename it when it is complete"] {
        #expect(warnings.first?.contains(words) == true, "\(warnings)")
      }
    }
  }

  @Test func `a file with the name of one just read is read, and a name that is not UTF-8 is reported`() throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      for text in ["one", "two, which is longer", "three"] {
        try moveIn(text, "data", folder)
        #expect(output.batch(at: try test.runBatch()) == [Text(text)])
        // Its inode is free, and may be assigned to the next one.
        try #require(unlink("\(folder)/data") == 0)
        #if !os(Linux)
          awaitNextTick()
        #endif
      }
      #expect(log.messages.isEmpty, "\(log.messages)")
      #if os(Linux)
        let name = Array("\(folder)/caf".utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xE9), 0]
        close(open(name, O_CREAT | O_WRONLY, 0o600))
        try moveIn("four", "data", folder)
        #expect(output.batch(at: try test.runBatch()) == ["four"])
        #expect(output.batch(at: try test.runBatch()) == [])
        #expect(log.messages.filter { $0.contains("has a name that is not UTF-8") }.count == 1, "\(log.messages)")
        unlink(name)
      #endif
      test.stop()
    }
  }

  @Test func `a folder that is missing makes empty batches and is read once it exists`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream("\(folder)/later"))
      try test.start()
      #expect(output.batch(at: try test.runBatch()) == [])
      try #require(mkdir("\(folder)/later", 0o755) == 0)
      try moveIn("now\n", "x", "\(folder)/later")
      #expect(output.batch(at: try test.runBatch()) == ["now"])
      let described = test.events.completedBatches.map { $0.streamIDToInputInfo[0]?.metadataDescription ?? "" }
      #expect(described.first?.contains("\(folder)/later") == true)
      test.stop()
    }
  }

  @Test func `a file that vanishes before it is read fails the batch and is named`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let stream = test.context.textFileStream(folder)
      // The first output operation removes the file before the second reads it.
      stream.foreachRDD { _ in unlink("\(folder)/gone.txt") }
      let output = test.output(of: stream)
      try test.start()
      try moveIn("lost\n", "gone.txt", folder)
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      #expect(error?.description.contains("gone.txt") == true)
      _ = output
      test.stop()
    }
  }

  @Test func `a pattern names several folders, and a filter leaves files out`() throws {
    try withTemporaryFolder { folder in
      for name in ["eu", "us"] { try #require(mkdir("\(folder)/\(name)", 0o755) == 0) }
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream("\(folder)/*"))
      let filtered = test.output(
        of: test.context.fileStream("\(folder)/us", filter: { $0.hasSuffix(".csv") }) { sc, paths in
          sc.parallelize(paths.map { Text(String($0.split(separator: "/").last ?? "")) }, 1)
        })
      try test.start()
      try moveIn("1\n", "a.txt", "\(folder)/eu")
      try moveIn("2\n", "b.csv", "\(folder)/us")
      let time = try test.runBatch()
      #expect(output.batch(at: time) == ["1", "2"])
      #expect(filtered.batch(at: time) == ["b.csv"])
      test.stop()
    }
  }

  @Test func `records of one length are read, and a file of the wrong size fails the batch`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let output = test.output(of: test.context.binaryRecordsStream(folder, recordLength: 2))
      try test.start()
      try moveIn("abcd", "1.bin", folder)
      #expect(output.batch(at: try test.runBatch()) == [[97, 98], [99, 100]])
      try moveIn("abc", "2.bin", folder)
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      #expect(error?.description.contains("2.bin") == true)
      test.stop()
    }
  }

  // MARK: The identity of files

  private func move(_ name: String, to other: String, _ folder: String) throws {
    try #require(rename("\(folder)/\(name)", "\(folder)/\(other)") == 0)
  }

  @Test func `files that are renamed in their folder are not read again`() throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      defer { test.stop() }
      try moveIn("A", "app.log", folder)
      #expect(output.batch(at: try test.runBatch()) == ["A"])
      for text in ["B", "C", "D"] {
        if text > "C" { try move("app.log.2", to: "app.log.3", folder) }
        if text > "B" { try move("app.log.1", to: "app.log.2", folder) }
        try move("app.log", to: "app.log.1", folder)
        try moveIn(text, "app.log", folder)
        #expect(output.batch(at: try test.runBatch()) == [Text(text)])
        #expect(output.batch(at: try test.runBatch()) == [])
      }
      try move("app.log", to: "between", folder)
      try move("app.log.1", to: "app.log", folder)
      try move("between", to: "app.log.1", folder)
      try move("app.log.2", to: "app.log.2.done", folder)
      #expect(output.batch(at: try test.runBatch()) == [])
      #expect(log.messages.isEmpty, "\(log.messages)")
    }
  }

  @Test func `a file that is renamed and appended to right after it was read is not read again`() throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      defer { test.stop() }
      for number in 1...20 {
        try moveIn("\(number)\n", "\(number).log", folder)
        try awaitTickAfterBirth(of: "\(folder)/\(number).log")
        #expect(output.batch(at: try test.runBatch()) == [Text("\(number)")])
        try move("\(number).log", to: "\(number).log.1", folder)
        try append("more\n", "\(folder)/\(number).log.1")
        #expect(output.batch(at: try test.runBatch()) == [])
      }
    }
  }

  @Test func `a copy of the same name, size and time is not read, and the log says so once`() throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      defer { test.stop() }
      for name in ["a", "b"] { try moveIn("\(name)\n", name, folder) }
      #expect(output.batch(at: try test.runBatch()) == ["a", "b"])
      for name in ["a", "b"] {
        let facts = try #require(try FileFacts.ofFile(at: "\(folder)/\(name)"))
        try write("\(name)\n", "\(folder)/.\(name)")
        let time = timespec(tv_sec: Int(facts.modified / 1_000_000_000), tv_nsec: Int(facts.modified % 1_000_000_000))
        var times = [time, time]
        try #require(utimensat(AT_FDCWD, "\(folder)/.\(name)", &times, 0) == 0)
        try move(".\(name)", to: name, folder)
      }
      for _ in 0..<3 { #expect(output.batch(at: try test.runBatch()) == []) }
      #expect(log.messages.count == 1, "\(log.messages)")
      for words in ["/a' has been replaced", "counts as a copy", "The same applies to 1 more", "give it a new name"] {
        #expect(log.messages.first?.contains(words) == true, "\(log.messages)")
      }
    }
  }

  /// The reader of files: a stream's own reader, or a closure of the program.
  enum Reader: String, CaseIterable { case text, records, closure, otherwise }

  private func stream(_ context: StreamingContext, _ folder: String, _ reader: Reader) -> DStream<String> {
    switch reader {
    case .text: context.textFileStream(folder).map { "\($0)" }
    case .records:
      context.binaryRecordsStream(folder, recordLength: 3).map { String(decoding: $0.dropLast(), as: UTF8.self) }
    case .closure: context.fileStream(folder) { sc, paths in sc.union(paths.map { sc.textFile($0) }).map { "\($0)" } }
    case .otherwise:
      context.fileStream(folder) { sc, paths in
        sc.parallelize(paths, 1).flatMap { try TestSupport.contents($0).split(separator: "\n").map(String.init) }
      }
    }
  }

  @Test(arguments: Reader.allCases)
  func `files whose names are the same text in different Unicode forms are each read once`(_ reader: Reader) throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: stream(test.context, folder, reader))
      try test.start()
      defer { test.stop() }
      try moveIn("a1\n", "e\u{301}", folder)
      try moveIn("b1\n", "\u{E9}", folder)
      #expect(output.batch(at: try test.runBatch())?.sorted() == ["a1", "b1"])
      for _ in 0..<2 { #expect(output.batch(at: try test.runBatch()) == []) }
      // One goes, another takes its name, and a third takes the name of that. The third may have the number of the
      // first.
      awaitNextTick()
      try #require(unlink("\(folder)/\u{E9}") == 0)
      try move("e\u{301}", to: "\u{E9}", folder)
      try moveIn("c1\n", "e\u{301}", folder)
      #expect(output.batch(at: try test.runBatch()) == ["c1"])
      for _ in 0..<2 { #expect(output.batch(at: try test.runBatch()) == []) }
      #expect(log.messages.isEmpty, "\(log.messages)")
    }
  }

  @Test(arguments: Reader.allCases)
  func `a file that is replaced while its batch waits fails the batch, and the new one is not read for it`(
    _ reader: Reader
  ) throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let lines = stream(test.context, folder, reader)
      let moved = Mutex(false)
      lines.foreachRDD { _ in
        guard
          !moved.withLock({ moved in
            defer { moved = true }; return moved
          })
        else { return }
        try moveIn("b1\nb2\nb3\n", "f", folder)
      }
      let output = test.output(of: lines)
      try test.start()
      try moveIn("a1\na2\n", "f", folder)
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      test.stop()
      #expect(error?.description.contains("/f' has been") == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("replaced") == true)
      #expect(output.batches.isEmpty)
    }
  }

  @Test(arguments: [Reader.text, .records, .closure])
  func `a file that grows while its batch waits is read in its original length`(_ reader: Reader) throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let lines = stream(test.context, folder, reader)
      lines.foreachRDD { _, time in if time.milliseconds == 1000 { try append("b1\n", "\(folder)/f") } }
      let output = test.output(of: lines)
      try test.start()
      try moveIn("a1\na2\n", "f", folder)
      #expect(output.batch(at: try test.runBatch()) == ["a1", "a2"])
      #expect(output.batch(at: try test.runBatch()) == [])
      test.stop()
      #expect(
        log.messages.count == 1 && log.messages.first?.contains("the change is not read") == true, "\(log.messages)")
    }
  }

  @Test func `a file that grows before a closure reads it itself is reported`() throws {
    try withTemporaryFolder { folder in
      let log = RecordedLog()
      let test = makeContext(log: log)
      let lines = stream(test.context, folder, .otherwise)
      lines.foreachRDD { _ in try append("b1\n", "\(folder)/f") }
      let output = test.output(of: lines)
      try test.start()
      try moveIn("a1\na2\n", "f", folder)
      #expect(output.batch(at: try test.runBatch()) == ["a1", "a2", "b1"])
      test.stop()
      #expect(log.messages.count == 1 && log.messages.first?.contains("/f' has grown after it was found") == true)
    }
  }

  @Test(arguments: [Reader.text, .records])
  func `a file that is renamed while its batch waits is read under its new name`(_ reader: Reader) throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let lines = stream(test.context, folder, reader)
      lines.foreachRDD { _, time in
        guard time.milliseconds == 1000 else { return }
        try move("f", to: "f.1", folder)
        try moveIn("b1\n", "f", folder)
      }
      let output = test.output(of: lines)
      try test.start()
      try moveIn("a1\na2\n", "f", folder)
      #expect(output.batch(at: try test.runBatch()) == ["a1", "a2"])
      #expect(output.batch(at: try test.runBatch()) == ["b1"])
      test.stop()
    }
  }

  @Test(arguments: [Reader.text, .records])
  func `files of the same size and time that are rotated while their batch waits are each read`(
    _ reader: Reader
  ) throws {
    try withTemporaryFolder { folder in
      let test = makeContext()
      let lines = stream(test.context, folder, reader)
      lines.foreachRDD { _, time in
        guard time.milliseconds == 1000 else { return }
        try move("f.1", to: "f.2", folder)
        try move("f", to: "f.1", folder)
      }
      let output = test.output(of: lines)
      try test.start()
      for (name, text) in [("f", "a1\n"), ("f.1", "b1\n")] {
        try write(text, "\(folder)/.\(name)")
        var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
        try #require(utimensat(AT_FDCWD, "\(folder)/.\(name)", &times, 0) == 0)
        try move(".\(name)", to: name, folder)
      }
      #expect(output.batch(at: try test.runBatch())?.sorted() == ["a1", "b1"])
      #expect(output.batch(at: try test.runBatch()) == [])
      test.stop()
    }
  }

  #if os(Linux)
    @Test func `files that are written and moved in at once are in the next batch`() throws {
      try withTemporaryFolder { folder in
        // Long enough that no file counts as unchanged.
        let test = makeContext(settle: 1_000_000)
        let output = test.output(of: test.context.textFileStream(folder))
        try test.start()
        defer { test.stop() }
        var sameTimes = 0
        for number in 0..<200 {
          try write("\(number)\n", "\(folder)/.\(number)")
          try move(".\(number)", to: "\(number)", folder)
          let facts = try #require(try FileFacts.ofFile(at: "\(folder)/\(number)"))
          if facts.modified == facts.changed { sameTimes += 1 }
          #expect(output.batch(at: try test.runBatch()) == [Text("\(number)")])
        }
        #expect(sameTimes > 0, "otherwise nothing is tested")
      }
    }

    @Test func `a file that is written in place waits, even with the name of one that was moved in`() throws {
      try withTemporaryFolder { folder in
        let test = makeContext(settle: 1_000_000)
        let output = test.output(of: test.context.textFileStream(folder))
        try test.start()
        defer { test.stop() }
        try write("half a", "\(folder)/.f")
        try move(".f", to: "f", folder)
        try #require(unlink("\(folder)/f") == 0)
        try write("half a", "\(folder)/f")
        for _ in 0..<3 { #expect(output.batch(at: try test.runBatch()) == []) }
      }
    }
  #endif

  @Test func `a folder of a pattern that cannot be read does not hold up the others`() throws {
    try withTemporaryFolder { folder in
      for name in ["eu", "us"] { try #require(mkdir("\(folder)/\(name)", 0o755) == 0) }
      let log = RecordedLog()
      let test = makeContext(log: log)
      let output = test.output(of: test.context.textFileStream("\(folder)/*"))
      try test.start()
      defer { test.stop() }
      try moveIn("1", "a", "\(folder)/eu")
      try moveIn("2", "b", "\(folder)/us")
      #expect(output.batch(at: try test.runBatch()) == ["1", "2"])
      // The target of a link with too long a name cannot be looked up.
      try #require(symlink(String(repeating: "x", count: 300), "\(folder)/eu/link") == 0)
      try moveIn("3", "c", "\(folder)/eu")
      try moveIn("4", "d", "\(folder)/us")
      #expect(output.batch(at: try test.runBatch()) == ["4"])
      try moveIn("5", "e", "\(folder)/us")
      #expect(output.batch(at: try test.runBatch()) == ["5"])
      #expect(log.messages.count == 1 && log.messages.first?.contains("eu/link") == true, "\(log.messages)")
      let described = test.events.completedBatches.map { $0.streamIDToInputInfo[0]?.metadataDescription ?? "" }
      #expect(described.map { $0.contains("Cannot look up") } == [false, true, true])
      try #require(unlink("\(folder)/eu/link") == 0)
      #expect(output.batch(at: try test.runBatch()) == ["3"])
      #expect(output.batch(at: try test.runBatch()) == [])
    }
  }

  @Test(arguments: [
    ("in", "in", true), ("in/", "./in", true), ("in/*", "in/checkpoint", true), ("in/*", "in/made", true),
    ("in", "in/checkpoint", false), ("in/*", "checkpoint", false), ("in/*/*", "in/made", true), ("link", "in", true),
    ("in", "link", true), ("in", "inner", false), ("\u{E9}", "e\u{301}", false),
  ])
  func `a checkpoint whose files would be read as data is refused`(
    _ input: String, _ checkpoint: String, _ refused: Bool
  )
    throws
  {
    try withTemporaryFolder { folder in
      for name in ["in", "in/made", "in/made/inside"] { try #require(mkdir("\(folder)/\(name)", 0o755) == 0) }
      try #require(symlink("in", "\(folder)/link") == 0)
      let test = makeContext()
      test.context.checkpoint("\(folder)/\(checkpoint)")
      test.context.textFileStream("\(folder)/\(input)").foreachRDD { _ in }
      defer { test.stop() }
      if refused {
        let error = #expect(throws: MartletError.self) { try test.start() }
        #expect(error?.code == .invalidConfiguration)
        for words in ["textFileStream at ", "FileStreamTests.swift", "read as data", "Keep the checkpoint elsewhere"] {
          #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
      } else {
        try test.start()
        try test.runBatch()
      }
    }
  }
}
