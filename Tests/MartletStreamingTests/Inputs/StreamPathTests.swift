#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD
import MartletTesting
import TestSupport
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// The interpretation of the names of folders and files that a stream reads.
@Suite struct StreamPathTests {
  private func moveIn(_ text: String, _ path: String) throws {
    let staged = "\(parentFolder(path))/.\(lastComponent(path))"
    try writeStreamInput(staged, text)
    try Folder.rename(staged, to: path)
  }

  private func makeContext(_ log: RecordedLog = RecordedLog()) -> TestStreamingContext {
    let conf = MartletConf().setMaster("local[2]").set(.fileSettleTime, to: .zero)
    return TestStreamingContext(MartletContext(conf: conf, logger: log.logger))
  }

  @Test(arguments: ["in[prod]", "in*", "in?", "a,b", "{a,b}", "a%20b"])
  func `a folder whose name looks like a pattern or a list is read`(_ name: String) throws {
    try withTemporaryFolder { (root) throws in
      let folder = "\(root)/\(name)"
      try Folder.create(folder)
      // The folder that the pattern would match.
      try Folder.create("\(root)/inp")
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(folder))
      try test.start()
      try moveIn("no\n", "\(root)/inp/a")
      try moveIn("A\n", "\(folder)/a")
      #expect(output.batch(at: try test.runBatch()) == ["A"])
      test.stop()
    }
  }

  @Test func `a pattern that matches no folder is reported once, and read when one appears`() throws {
    try withTemporaryFolder { (root) throws in
      let log = RecordedLog()
      let test = makeContext(log)
      let output = test.output(of: test.context.textFileStream("\(root)/in*"))
      try test.start()
      for _ in 0..<3 { #expect(output.batch(at: try test.runBatch()) == []) }
      #expect(log.messages.count == 1, "\(log.messages)")
      #expect(log.messages.first?.hasPrefix("warning textFileStream at ") == true)
      #expect(log.messages.first?.contains("No folder matches the pattern '\(root)/in*'") == true, "\(log.messages)")
      let described = test.events.completedBatches.map { $0.streamIDToInputInfo[0]?.metadataDescription ?? "" }
      #expect(described.count { $0.contains("No folder matches") } == 3)
      try Folder.create("\(root)/in1")
      try moveIn("now\n", "\(root)/in1/a")
      #expect(output.batch(at: try test.runBatch()) == ["now"])
      #expect(log.messages.count == 1)
      // It is reported again if the state returns.
      try Folder.rename("\(root)/in1", to: "\(root)/away")
      #expect(output.batch(at: try test.runBatch()) == [])
      #expect(log.messages.count == 2)
      try Folder.rename("\(root)/away", to: "\(root)/in1")
      try moveIn("more\n", "\(root)/in1/b")
      #expect(output.batch(at: try test.runBatch()) == ["more"])
      test.stop()
    }
  }

  @Test(arguments: ["*.txt", "a.txt"])
  func `a stream of files, by a pattern or one by one, is refused with advice to filter a folder`(_ name: String) throws
  {
    try withTemporaryFolder { (root) throws in
      try moveIn("before\n", "\(root)/a.txt")
      let log = RecordedLog()
      let test = makeContext(log)
      let output = test.output(of: test.context.textFileStream("\(root)/\(name)"))
      let chosen = test.output(
        of: test.context.fileStream(root, filter: { $0.hasSuffix(".txt") }) { sc, paths in sc.textFile(paths) })
      try test.start()
      for text in ["1", "2"] {
        try moveIn("\(text)\n", "\(root)/\(text).txt")
        try moveIn("no\n", "\(root)/\(text).log")
        let time = try test.runBatch()
        #expect(output.batch(at: time) == [])
        #expect(chosen.batch(at: time) == [Text(text)])
      }
      #expect(log.messages.count == 1, "\(log.messages)")
      for words in ["'\(root)/\(name)'", "Pass the folder", "filter of fileStream"] {
        #expect(log.messages.first?.contains(words) == true, "\(log.messages)")
      }
      test.stop()
    }
  }

  @Test func `a missing folder with braces in its name is explained`() throws {
    try withTemporaryFolder { (root) throws in
      let log = RecordedLog()
      let test = makeContext(log)
      test.context.textFileStream("\(root)/{a,b}").foreachRDD { _ in }
      try test.start()
      try test.runBatch()
      test.stop()
      #expect(log.messages.count == 1 && log.messages.first?.contains("not braces") == true, "\(log.messages)")
    }
  }

  #if os(Linux)
    @Test func `a folder that a pattern matches and whose name is not UTF-8 is reported`() throws {
      try withTemporaryFolder { (root) throws in
        let name = Array("\(root)/in".utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xE9), 0]
        try #require(mkdir(name, 0o700) == 0)
        defer { rmdir(name) }
        try Folder.create("\(root)/in1")
        let log = RecordedLog()
        let test = makeContext(log)
        let output = test.output(of: test.context.textFileStream("\(root)/in*"))
        try test.start()
        #expect(output.batch(at: try test.runBatch()) == [])
        #expect(log.messages.count == 1 && log.messages.first?.contains("not UTF-8") == true, "\(log.messages)")
        try #require(rmdir(name) == 0)
        try moveIn("now\n", "\(root)/in1/a")
        #expect(output.batch(at: try test.runBatch()) == ["now"])
        test.stop()
      }
    }
  #endif

  @Test func `the closure of fileStream reads files whatever their names, passed as an array`() throws {
    try withTemporaryFolder { (root) throws in
      let folder = "\(root)/in[1],x"
      try Folder.create(folder)
      let test = makeContext()
      let output = test.output(of: test.context.fileStream(folder) { sc, paths in sc.textFile(paths) })
      let whole = test.output(
        of: test.context.fileStream(folder) { sc, paths in sc.wholeTextFiles(paths).values() })
      try test.start()
      let names = ["report,2026.csv", "[a].csv", "a*", "b{1,2}", "c%20d", "e:f"]
      for name in names { try moveIn("\(name)\n", "\(folder)/\(name)") }
      // The file that the pattern would match.
      try moveIn("a\n", "\(folder)/a.csv")
      let time = try test.runBatch()
      #expect(output.batch(at: time)?.map { String($0) }.sorted() == (names + ["a"]).sorted())
      #expect(whole.batch(at: time)?.count == names.count + 1)
      test.stop()
    }
  }

  @Test(arguments: ["file:", "file://", "file://localhost"])
  func `a file URI is read as its path`(_ prefix: String) throws {
    try withTemporaryFolder { (root) throws in
      try Folder.create("\(root)/a b")
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream("\(prefix)\(root)/a%20b"))
      let pattern = test.output(of: test.context.textFileStream("\(prefix)\(root)/a*"))
      let records = test.output(of: test.context.binaryRecordsStream("\(prefix)\(root)/a%20b", recordLength: 1))
      let files = test.output(
        of: test.context.fileStream("\(prefix)\(root)/a%20b") { sc, paths in sc.parallelize(paths, 1) })
      try test.start()
      try moveIn("x", "\(root)/a b/f")
      let time = try test.runBatch()
      #expect(output.batch(at: time) == ["x"] && pattern.batch(at: time) == ["x"])
      #expect(records.batch(at: time) == [[120]] && files.batch(at: time) == ["\(root)/a b/f"])
      test.stop()
    }
  }

  @Test(arguments: ["hdfs://nn:8020/in", "s3a://bucket/in", "~/in", "~", "file:in", "file://host/in", ""])
  func `a stream of anything but a local folder is refused by start, with its name and line`(_ path: String) throws {
    let streams: [(name: String, make: (StreamingContext) -> Void)] = [
      ("textFileStream", { $0.textFileStream(path, file: "Program/main.swift", line: 3).foreachRDD { _ in } }),
      (
        "binaryRecordsStream",
        { $0.binaryRecordsStream(path, recordLength: 1, file: "Program/main.swift", line: 3).foreachRDD { _ in } }
      ),
      (
        "fileStream",
        {
          $0.fileStream(path, file: "Program/main.swift", line: 3) { sc, paths in sc.textFile(paths) }
            .foreachRDD { _ in }
        }
      ),
    ]
    for (name, make) in streams {
      let test = makeContext()
      make(test.context)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.hasPrefix("\(name) at Program/main.swift:3: ") == true, "\(error as Any)")
      #expect(path.isEmpty || error?.message.contains("'\(path)'") == true)
    }
  }

  @Test func `a packed file of an unsupported kind fails the batch by its name`() throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      test.context.textFileStream(root).foreachRDD { rdd in _ = try rdd.count() }
      try test.start()
      try moveIn("BZh91AY", "\(root)/log.bz2")
      let error = #expect(throws: BatchFailure.self) { try test.runBatch() }
      #expect(error?.description.contains("'\(root)/log.bz2' is compressed") == true, "\(error as Any)")
      test.stop()
    }
  }

  @Test func `names that begin with a dot or an underscore are not read, whatever follows`() throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      let output = test.output(of: test.context.textFileStream(root))
      try test.start()
      for name in [".\u{301}a", "_\u{301}a", "a"] { try moveIn("\(name)\n", "\(root)/\(name)") }
      #expect(output.batch(at: try test.runBatch()) == ["a"])
      test.stop()
    }
  }
}
