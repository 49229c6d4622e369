#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD
import Testing

@Suite struct PathTests {
  private let sc = MartletContext(master: "local[2]", appName: "test")

  private func write(_ text: String, _ path: String) throws { try SystemFile.create(path).write(Array(text.utf8)) }

  /// All operations that read files, with the number of files, lines or records.
  private func reads(_ path: String) -> [(name: String, run: () throws -> Int)] {
    [
      ("textFile", { try sc.textFile(path).count() }), ("wholeTextFiles", { try sc.wholeTextFiles(path).count() }),
      ("binaryFiles", { try sc.binaryFiles(path).count() }),
      ("binaryRecords", { try sc.binaryRecords(path, recordLength: 1).count() }),
      ("objectFile", { try sc.objectFile(path, of: Int.self).count() }),
    ]
  }

  private func reads(_ paths: [String]) -> [(name: String, run: () throws -> Int)] {
    [
      ("textFile", { try sc.textFile(paths).count() }), ("wholeTextFiles", { try sc.wholeTextFiles(paths).count() }),
      ("binaryFiles", { try sc.binaryFiles(paths).count() }),
      ("binaryRecords", { try sc.binaryRecords(paths, recordLength: 1).count() }),
      ("objectFile", { try sc.objectFile(paths, of: Int.self).count() }),
    ]
  }

  @Test(arguments: ["a,b", "a,b,", ",", "{a,b}", "in[prod]", "a*", "100%", "a b", "12:30", "caf\u{65}\u{301}"])
  func `a saved name is read by that name, even if it looks like a list or a pattern`(
    _ name: String
  ) throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/\(name)"
      try sc.parallelize(["x", "y"], 1).saveAsTextFile(path)
      #expect(try Folder.names(folder) == [name])
      #expect(try sc.textFile(path).collect() == ["x", "y"])
      #expect(try sc.textFile([path]).collect() == ["x", "y"])
      #expect(try sc.textFile("\(path)/part-00000").count() == 2)
      #expect(try sc.wholeTextFiles(path).collect().map(\.0) == ["\(path)/part-00000"])
      #expect(try sc.binaryFiles(path).values().collect() == [Array("x\ny\n".utf8)])
      #expect(try sc.binaryRecords(path, recordLength: 2).collect() == ["x\n", "y\n"].map { Array($0.utf8) })
      try Folder.remove(path)
      try sc.parallelize([1, 2], 1).saveAsObjectFile(path)
      #expect(try sc.objectFile(path).collect() == [1, 2])
      #expect(try sc.objectFile([path]).collect() == [1, 2])
    }
  }

  @Test func `a list and a pattern are read as such if no file has their name`() throws {
    try withTemporaryFolder { (folder) throws in
      try write("a\n", "\(folder)/a")
      try write("p\n", "\(folder)/inp")
      #expect(try sc.textFile("\(folder)/a,\(folder)/inp").collect() == ["a", "p"])
      #expect(try sc.textFile("\(folder)/in[prod]").collect() == ["p"])
      try write("name\n", "\(folder)/in[prod]")
      #expect(try sc.textFile("\(folder)/in[prod]").collect() == ["name"])
      #expect(try sc.textFile("\(folder)/in[prod],\(folder)/a").collect() == ["name", "a"])
    }
  }

  @Test func `an array of paths has no lists and no patterns`() throws {
    try withTemporaryFolder { (folder) throws in
      try write("1\n", "\(folder)/b")
      try write("2\n", "\(folder)/a")
      for name in ["\(folder)/a,\(folder)/b", "\(folder)/*", "\(folder)/[ab]", "\(folder)/gone", ""] {
        for (operation, run) in reads(["\(folder)/a", name]) {
          let error = #expect(throws: MartletError.self, "\(operation) of \(name)") { try run() }
          #expect(error?.message.hasPrefix("\(operation) at MartletRDDTests/PathTests.swift:") == true)
          #expect(error?.message.contains(name) == true)
        }
      }
      #expect(try sc.textFile(["\(folder)/b", "\(folder)/a"]).collect() == ["1", "2"])
      #expect(try sc.textFile([folder, "file://\(folder)/b"]).collect() == ["2", "1", "1"])
      for (operation, run) in reads([]) { #expect(try run() == 0, "\(operation)") }
    }
  }

  @Test func `a file URI is read as its path, also in a list and with a pattern`() throws {
    try withTemporaryFolder { (folder) throws in
      try Folder.create("\(folder)/a b,c")
      try write("1\n", "\(folder)/a b,c/x.txt")
      try write("2\n", "\(folder)/y.txt")
      #expect(try sc.textFile("file://\(folder)/a b,c").collect() == ["1"])
      #expect(try sc.textFile("file:\(folder)/a%20b%2Cc").collect() == ["1"])
      #expect(try sc.textFile("file://\(folder)/*.txt").collect() == ["2"])
      #expect(try sc.textFile("file://\(folder)/y.txt,\(folder)/y.txt").collect() == ["2", "2"])
      try sc.parallelize([3], 1).saveAsTextFile("file://\(folder)/out%20put")
      #expect(try Folder.names(folder) == ["a b,c", "out put", "y.txt"])
      #expect(try sc.textFile("file://localhost\(folder)/out put").collect() == ["3"])
      try sc.parallelize([4], 1).saveAsObjectFile("file:\(folder)/objects")
      #expect(try sc.objectFile("file:\(folder)/objects").collect() == [4])
    }
  }

  @Test(arguments: ["hdfs://nn:8020/x", "s3a://bucket/x", "s3:/x", "~/x", "~", "file:x", "file://host/x"])
  func `anything but a local file is refused by all reading and writing, without side effects`(
    _ path: String
  ) throws {
    let before = try Folder.names(".")
    let writes: [(name: String, run: () throws -> Void)] = [
      ("saveAsTextFile", { try sc.parallelize([1]).saveAsTextFile(path) }),
      ("saveAsObjectFile", { try sc.parallelize([1]).saveAsObjectFile(path) }),
    ]
    for (name, run) in (reads(path) + reads([path])).map({ read in (read.name, { _ = try read.run() }) }) + writes {
      let error = #expect(throws: MartletError.self, "\(name) of '\(path)'") { try run() }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.hasPrefix("\(name) at MartletRDDTests/PathTests.swift:") == true, "\(error as Any)")
      #expect(error?.message.contains("'\(path)'") == true)
    }
    #expect(try Folder.names(".") == before)
  }

  @Test func `the folder for spilled data may be a file URI, and anything but a local folder is refused`() throws {
    func context(_ directory: String) -> MartletContext {
      MartletContext(
        conf: MartletConf().setMaster("local[1]").set(.taskMemoryBytes, to: 1)
          .set(.localDirectory, to: directory))
    }
    try withTemporaryFolder { (folder) throws in
      let numbers = (0..<100_000).map { "number \($0 % 1000)" }
      #expect(try context("file://\(folder)/sp%20ill").parallelize(numbers, 1).sortBy { $0 }.first() == "number 0")
      #expect(try Folder.names(folder) == ["sp ill"])
      for path in ["hdfs://nn/spill", "~/spill"] {
        let error = #expect(throws: MartletError.self) { try context(path).parallelize(numbers).count() }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("martlet.local.dir: '\(path)'") == true)
      }
    }
  }

  #if os(Linux)
    @Test func `a file whose name is not UTF-8 is an error that shows the name`() throws {
      try withTemporaryFolder { (folder) throws in
        try write("a\n", "\(folder)/a")
        // The displayed form of the name is the name of another file.
        try write("b\n", "\(folder)/caf\u{FFFD}")
        let name = Array("\(folder)/caf".utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xE9), 0]
        let descriptor = open(name, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
        defer { unlink(name) }
        for path in [folder, "\(folder)/*", "\(folder)/caf?"] {
          for (operation, run) in reads(path) {
            let error = #expect(throws: MartletError.self, "\(operation) of \(path)") { try run() }
            #expect(error?.message.contains("'\(folder)/caf\u{FFFD}' has a name that is not UTF-8") == true)
            #expect(error?.message.hasPrefix("\(operation) at ") == true)
          }
        }
      }
    }
  #endif

  @Test func `names that begin with a dot or an underscore are left out, whatever follows`() throws {
    try withTemporaryFolder { (folder) throws in
      for name in [".a", "_a", ".\u{301}a", "_\u{301}a"] { try write("no\n", "\(folder)/\(name)") }
      try write("yes\n", "\(folder)/a.\u{301}")
      #expect(try sc.textFile(folder).collect() == ["yes"])
    }
  }

  @Test func `a pattern does not lead through files and links`() throws {
    try withTemporaryFolder { (folder) throws in
      try Folder.create("\(folder)/open")
      try write("1\n", "\(folder)/open/a")
      try write("2\n", "\(folder)/file")
      try #require(symlink("\(folder)/nowhere", "\(folder)/link") == 0)
      #expect(try sc.textFile("\(folder)/*/*").collect() == ["1"])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may read every folder"))
  func `a pattern that leads through a folder that cannot be read is an error`() throws {
    try withTemporaryFolder { (folder) throws in
      try Folder.create("\(folder)/open")
      try write("1\n", "\(folder)/open/a")
      try Folder.create("\(folder)/closed")
      try #require(chmod("\(folder)/closed", 0) == 0)
      defer { chmod("\(folder)/closed", 0o700) }
      let error = #expect(throws: MartletError.self) { try sc.textFile("\(folder)/*/*").collect() }
      #expect(error?.message.contains("'\(folder)/*/*'") == true)
    }
  }

  @Test(arguments: [
    "bz2", "xz", "zst", "lz4", "snappy", "Z", "zip", "ZIP", "deflate", "lzo", "7z", "tgz", "GZ",
  ])
  func `a file with a packing other than gzip is refused as text, by its name`(_ ending: String) throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/log.\(ending)"
      try write("BZh91AY", path)
      try write("a\n", "\(folder)/a.txt")
      for (name, run) in reads(folder) + reads([path]) {
        guard name == "textFile" || name == "wholeTextFiles" else { continue }
        let error = #expect(throws: MartletError.self, "\(name)") { try run() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("'\(path)'") == true && error?.message.contains("ename it") == true)
      }
      #expect(try sc.binaryFiles(path).values().collect() == [Array("BZh91AY".utf8)])
      #expect(try sc.textFile("\(folder)/*.txt").collect() == ["a"])
    }
  }

  @Test(arguments: [230, 236, 240, 250, 254, 255])
  func `a folder is saved under a name of any length that the disk allows`(_ length: Int) throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/\(String(repeating: "n", count: length))"
      try sc.parallelize([1], 1).saveAsTextFile(path)
      #expect(try sc.textFile(path).collect() == ["1"])
      let site = OperatorSite("saveAsTextFile", #fileID, #line)
      try sc.parallelize([2], 1).save(.lines, in: OutputFolder(path, isReplacing: true, site), site)
      #expect(try sc.textFile(path).collect() == ["2"])
      #expect(try Folder.names(folder) == [lastComponent(path)])
    }
  }

  @Test func `a name that is too long for the disk is refused before any work`() throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/\(String(repeating: "n", count: 256))"
      let error = #expect(throws: MartletError.self) {
        try sc.parallelize(0..<3).map { _ -> Int in fatalError("no task must run") }.saveAsTextFile(path)
      }
      #expect(error?.message.contains("File name too long") == true)
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test func `whole texts keep a byte order mark, and lines do not`() throws {
    try withTemporaryFolder { (folder) throws in
      try write("\u{FEFF}a\n", "\(folder)/a")
      #expect(try sc.textFile(folder).collect() == ["a"])
      #expect(try sc.wholeTextFiles(folder).values().collect() == ["\u{FEFF}a\n"])
    }
  }
}
