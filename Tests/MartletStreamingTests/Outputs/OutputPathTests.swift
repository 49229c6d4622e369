import MartletCore
import MartletRDD
import MartletTesting
import Testing

@testable import MartletStreaming

/// The interpretation of the names of folders that a program writes.
@Suite struct OutputPathTests {
  private func makeContext() -> TestStreamingContext { TestStreamingContext() }

  @Test(arguments: ["hdfs://nn:8020/out/x", "s3a://bucket/x", "~/x", "file:x", ""])
  func `outputs and checkpoints outside local folders are refused by start, without side effects`(
    _ path: String
  ) throws {
    let before = try Folder.names(".")
    let uses: [(name: String, use: (TestStreamingContext, DStream<Int>) -> Void)] = [
      ("saveAsTextFiles", { $1.saveAsTextFiles(path, file: "Program/main.swift", line: 3) }),
      ("saveAsObjectFiles", { $1.saveAsObjectFiles(path, file: "Program/main.swift", line: 3) }),
      ("checkpoint", { test, _ in test.context.checkpoint(path, file: "Program/main.swift", line: 3) }),
      (
        "checkpoint",
        { test, _ in
          _ = StreamingContext.getOrCreate(path, file: "Program/main.swift", line: 3) { test.context }
        }
      ),
      ("stopWhenFileExists", { test, _ in test.context.stopWhenFileExists(path, file: "Program/main.swift", line: 3) }),
    ]
    for (name, use) in uses {
      let test = makeContext()
      let stream = test.stream([[1]])
      stream.foreachRDD { _ in }
      use(test, stream)
      let error = #expect(throws: MartletError.self, "\(name)") { try test.start() }
      #expect(
        error?.message.contains(
          "\(name)\(path.isEmpty && name == "checkpoint" ? "(\"\")" : "") at Program/main.swift:3") == true,
        "\(error as Any)")
      #expect(path.isEmpty || error?.message.contains("'\(path)'") == true)
    }
    #expect(try Folder.names(".") == before)
  }

  @Test func `outputs, a checkpoint and a stop file can be file URIs`() throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      test.context.checkpoint("file://\(root)/check%20point")
      #expect(test.context.checkpointDirectory == "\(root)/check point")
      let stream = test.stream([[1]])
      stream.saveAsTextFiles("file://\(root)/out/a%20b", "txt")
      stream.saveAsObjectFiles("file:\(root)/out/objects")
      stream.foreachRDD { rdd, time in try rdd.saveAsTextFile("file://localhost\(root)/own-\(time.milliseconds)") }
      try test.start()
      try test.runBatch()
      test.stop()
      #expect(try Folder.names(root) == ["check point", "out", "own-1000"])
      #expect(try Folder.names("\(root)/out").filter { !isHiddenName($0) } == ["a b-1000.txt", "objects-1000"])
      #expect(try contents("\(root)/out/a b-1000.txt/part-00001") == "1\n")
    }
  }

  @Test func `getOrCreate takes a path and its file URI for the same folder`() throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      _ = StreamingContext.getOrCreate("file://\(root)/cp") {
        test.context.checkpoint("\(root)/cp")
        test.stream([[1]]).foreachRDD { _ in }
        return test.context
      }
      try test.start()
      test.stop()
    }
  }

  @Test(arguments: [false, true])
  func `outputs whose folders are the same text in different Unicode forms are each written`(
    _ hasCheckpoint: Bool
  ) throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      if hasCheckpoint { test.context.checkpoint("\(root)/checkpoint") }
      let folders = ["\(root)/out-\u{E9}", "\(root)/out-e\u{301}"]
      for (number, folder) in folders.enumerated() {
        try Folder.create(folder)
        test.stream([[number]]).name("\(number)").saveAsTextFiles("\(folder)/batch")
      }
      try test.start()
      try test.runBatch()
      test.stop()
      for (number, folder) in folders.enumerated() {
        #expect(try Folder.names(folder).filter { !isHiddenName($0) } == ["batch-1000"])
        #expect(try contents("\(folder)/batch-1000/part-00001") == "\(number)\n")
      }
    }
  }

  @Test func `getOrCreate distinguishes Unicode forms of a name`() throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      _ = StreamingContext.getOrCreate("\(root)/\u{E9}") {
        test.context.checkpoint("\(root)/e\u{301}")
        test.stream([[1]]).foreachRDD { _ in }
        return test.context
      }
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("the closure has set another folder for the checkpoint") == true)
    }
  }

  @Test func `a suffix with a slash is refused`() throws {
    let test = makeContext()
    test.stream([[1]]).saveAsTextFiles("out", "a/b", file: "Program/main.swift", line: 3)
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.hasPrefix("saveAsTextFiles at Program/main.swift:3: the suffix 'a/b'") == true)
  }

  @Test(arguments: [210, 240, 250])
  func `batches are saved under prefixes of any length that leave space for the time`(_ length: Int) throws {
    try withTemporaryFolder { (root) throws in
      let prefix = String(repeating: "é", count: (length - 5) / 2)
      for run in 1...2 {
        let test = makeContext()
        test.context.checkpoint("\(root)/cp\(run)")
        test.stream([[run]]).saveAsTextFiles("\(root)/out\(run)/\(prefix)")
        try test.start()
        try test.runBatch()
        test.stop()
        let names = try Folder.names("\(root)/out\(run)").filter { !isHiddenName($0) }
        #expect(names == ["\(prefix)-1000"])
      }
    }
  }

  @Test(
    arguments: [
      ("data/*", "data/out", nil), ("data/*", "data/./out", "txt"), ("data/out-*", "data/out", nil),
      ("*/*", "data/out", nil), ("data/*.txt", "data/out", "txt"), ("data/../data/ou?-*", "data/out", nil),
    ] as [(String, String, String?)])
  func `outputs that their own input would read again are refused, with the lines of both`(
    _ input: String, _ prefix: String, _ suffix: String?
  ) throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      let lines = test.context.textFileStream("\(root)/\(input)", file: "Program/main.swift", line: 3)
      lines.map { $0 }.window(.seconds(2)).saveAsTextFiles(
        "\(root)/\(prefix)", suffix, file: "Program/main.swift", line: 9)
      let error = #expect(throws: MartletError.self) { try test.start() }
      for words in [
        "textFileStream at Program/main.swift:3", "saveAsTextFiles at Program/main.swift:9", "'\(root)/\(input)'",
      ] {
        #expect(error?.message.contains(words) == true, "\(error as Any)")
      }
    }
  }

  @Test func `outputs that no input reads, or only another one than theirs, are accepted`() throws {
    try withTemporaryFolder { (root) throws in
      for folder in ["data", "data/in1", "data/in[1]", "data/out[x]"] { try Folder.create("\(root)/\(folder)") }
      let test = makeContext()
      let sc = test.context
      sc.textFileStream("\(root)/data").saveAsTextFiles("\(root)/data/out")
      sc.textFileStream("\(root)/data/in*").saveAsTextFiles("\(root)/data/results")
      // The name of an existing folder is not a pattern.
      sc.textFileStream("\(root)/data/out[x]").saveAsTextFiles("\(root)/data/outx")
      // One step after the other.
      sc.textFileStream("\(root)/data/in1").saveAsTextFiles("\(root)/middle/out")
      sc.textFileStream("\(root)/middle/*").saveAsTextFiles("\(root)/end/out")
      try test.start()
      try test.runBatch()
      test.stop()
    }
  }

  @Test(arguments: ["in", "in/", "*", "i?"])
  func `a checkpoint in a folder that is read is refused, with the line of the input`(_ input: String) throws {
    try withTemporaryFolder { (root) throws in
      let test = makeContext()
      test.context.checkpoint("\(root)/in")
      test.context.textFileStream("\(root)/\(input)", file: "Program/main.swift", line: 3).foreachRDD { _ in }
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("textFileStream at Program/main.swift:3") == true)
      #expect(error?.message.contains("checkpoint '\(root)/in'") == true)
      #expect(try Folder.names(root) == [])
    }
  }

  @Test func `a negative time to remember is refused`() throws {
    let test = makeContext()
    test.context.remember(.seconds(-1), file: "Program/main.swift", line: 3)
    test.stream([[1]]).foreachRDD { _ in }
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.hasPrefix("remember at Program/main.swift:3: ") == true)
  }
}
