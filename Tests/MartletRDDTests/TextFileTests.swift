#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct TextFileTests {
  private let sc = MartletContext(master: "local[3]", appName: "test")

  private func write(_ text: String, _ path: String) throws {
    try write(Array(text.utf8), path)
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  @Test func `a file, a folder, a pattern and a list are read in the order of the names`() throws {
    try withTemporaryFolder { folder in
      try write("b1\nb2\n", "\(folder)/b.txt")
      try write("a1\r\na2", "\(folder)/a.txt")
      try write("c1\n", "\(folder)/c.log")
      try write("hidden\n", "\(folder)/.hidden")
      try write("marker\n", "\(folder)/_SUCCESS")
      #expect(try sc.textFile("\(folder)/b.txt").collect() == ["b1", "b2"])
      #expect(try sc.textFile(folder).collect() == ["a1", "a2", "b1", "b2", "c1"])
      #expect(try sc.textFile("\(folder)/*.txt").collect() == ["a1", "a2", "b1", "b2"])
      #expect(try sc.textFile("\(folder)/c.log,\(folder)/a.txt").collect() == ["c1", "a1", "a2"])
    }
  }

  @Test func `a missing file is an error with its path`() throws {
    let error = #expect(throws: MartletError.self) { try sc.textFile("/nowhere/at/all.txt").count() }
    #expect(error?.message.contains("/nowhere/at/all.txt") == true)
    #expect(throws: MartletError.self) { try sc.textFile("/nowhere/*.txt").count() }
    #expect(throws: MartletError.self) { try sc.wholeTextFiles("/nowhere/*.txt").count() }
  }

  @Test func `a path without a name, or with an empty one in its list, is refused`() {
    for path in ["", ",", "/dev/null,", ",/dev/null", "/dev/null,,/dev/null"] {
      let reads: [(name: String, run: () throws -> Int)] = [
        ("textFile", { try sc.textFile(path).count() }), ("wholeTextFiles", { try sc.wholeTextFiles(path).count() }),
        ("binaryFiles", { try sc.binaryFiles(path).count() }),
        ("binaryRecords", { try sc.binaryRecords(path, recordLength: 1).count() }),
        ("objectFile", { try sc.objectFile(path, of: Int.self).count() }),
      ]
      for (name, run) in reads {
        let error = #expect(throws: MartletError.self, "\(name) of '\(path)'") { _ = try run() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("\(name) at MartletRDDTests/TextFileTests.swift:") == true)
        #expect(error?.message.contains("'\(path)'") == true)
      }
    }
  }

  @Test(arguments: [nil, 1, 3, 100]) func `wholeTextFiles returns files with their paths`(partitions: Int?) throws {
    try withTemporaryFolder { folder in
      let long = String(repeating: "a longer line\n", count: 10_000)
      try write("a1\na2", "\(folder)/a.txt")
      try write([0, 255, 10], "\(folder)/b.bin")
      try write("", "\(folder)/c.txt")
      try write(long, "\(folder)/d.txt")
      try write("hidden", "\(folder)/.hidden")
      try #require(system("printf 'zipped\n' | gzip -c > '\(folder)/e.gz'") == 0)
      let names = ["a.txt", "b.bin", "c.txt", "d.txt", "e.gz"].map { "\(folder)/\($0)" }
      let texts = sc.wholeTextFiles(folder, minPartitions: partitions)
      #expect(try texts.collect().map(\.0) == names)
      #expect(try texts.values().collect() == ["a1\na2", "\0\u{FFFD}\n", "", Text(long), "zipped\n"])
      #expect(try (1...min(partitions ?? 3, 5)).contains(texts.getNumPartitions()))
      let bytes = sc.binaryFiles(folder, minPartitions: partitions)
      #expect(try bytes.collect().map(\.0) == names)
      #expect(try bytes.values().collect()[..<4] == [Array("a1\na2".utf8), [0, 255, 10], [], Array(long.utf8)])
      #expect(try sc.wholeTextFiles("\(folder)/*.txt").count() == 3)
    }
  }

  @Test func `files of equal size are spread over the partitions`() throws {
    try withTemporaryFolder { folder in
      for i in 10..<30 { try write("file \(i)", "\(folder)/\(i)") }
      let sizes = try sc.wholeTextFiles(folder, minPartitions: 4).glom().collect().map(\.count)
      #expect(sizes == [5, 5, 5, 5])
    }
  }

  @Test func `a byte order mark and a dangling link are skipped`() throws {
    try withTemporaryFolder { folder in
      try write("\u{FEFF}first\nsecond\n", "\(folder)/1.txt")
      try write("\u{FEFF}third\n", "\(folder)/2.txt")
      try #require(symlink("\(folder)/nowhere", "\(folder)/link") == 0)
      #expect(try sc.textFile(folder).collect() == ["first", "second", "third"])
      #expect(throws: MartletError.self) { try sc.textFile("\(folder)/link").collect() }
    }
  }

  @Test(arguments: [
    ("hdfs://host/x", "Write a path"), ("/no{t", "not braces"), ("/nothing/there", "No such file"),
  ])
  func `a name that other systems support is explained`(_ path: String, _ advice: String) throws {
    let error = #expect(throws: MartletError.self) { try sc.textFile(path).collect() }
    #expect(error?.message.contains(advice) == true && error?.message.contains("'\(path)'") == true)
  }

  @Test func `an empty file has no lines`() throws {
    try withTemporaryFolder { folder in
      try write("", "\(folder)/empty.txt")
      #expect(try sc.textFile("\(folder)/empty.txt").collect() == [])
      #expect(try sc.textFile("\(folder)/empty.txt").isEmpty())
    }
  }

  @Test(arguments: [1, 2, 3, 8, 50])
  func `a large file is read in splits, every line once`(_ partitions: Int) throws {
    try withTemporaryFolder { folder in
      let numbers = (0..<60_000).map { "line \($0) of the file" }
      try write(numbers.joined(separator: "\n"), "\(folder)/large.txt")
      let rdd = sc.textFile("\(folder)/large.txt", minPartitions: partitions)
      #expect(try rdd.collect().map { String($0) } == numbers)
      #expect(try rdd.getNumPartitions() >= min(partitions, 8))
    }
  }

  @Test func `a gzip file is unpacked, and a truncated one is an error`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lines.txt.gz"
      try #require(system("printf 'zipped\\nlines\\n' | gzip -c > '\(path)'") == 0)
      #expect(try sc.textFile(path).collect() == ["zipped", "lines"])
      try #require(system("head -c 15 '\(path)' > '\(folder)/cut.gz'") == 0)
      let error = #expect(throws: MartletError.self) { try sc.textFile("\(folder)/cut.gz").collect() }
      #expect(error?.message.contains("cut.gz") == true)
    }
  }

  @Test func `consecutive gzip streams are one file, and zeros after them are ignored`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/lines.gz"
      let long = (0..<50_000).map { "line \($0 * 7919 % 50_021)" }
      try write(long.joined(separator: "\n") + "\n", "\(folder)/long")
      try #require(
        system("cd '\(folder)' && (gzip -c long; printf 'b\n' | gzip; printf '' | gzip; gzip -c long) > '\(path)'") == 0
      )
      #expect(try sc.textFile(path).collect().map { String($0) } == long + ["b"] + long)
      try #require(system("head -c 100000 /dev/zero >> '\(path)'") == 0)
      #expect(try sc.textFile(path).count() == 100_001)
    }
  }

  @Test func `a .gz file that is not packed, or has other bytes at its end, is an error with its path`()
    throws
  {
    try withTemporaryFolder { folder in
      for (name, content) in [
        ("text", "printf 'hello\n'"), ("byte", "printf 'h'"), ("empty", "printf ''"), ("magic", "printf '\\037\\213'"),
        ("zlib", "printf '\\170\\234\\003\\000\\000\\000\\000\\001'"),
        ("behind", "(printf 'a\n' | gzip; printf 'garbage')"), ("byte-behind", "(printf 'a\n' | gzip; printf 'g')"),
        ("zeros-between", "(printf 'a\n' | gzip; head -c 70000 /dev/zero; printf 'garbage')"),
        ("cut-behind", "(printf 'a\n' | gzip; printf 'b\n' | gzip | head -c 15)"),
        ("changed", "(printf 'aaaa\n' | gzip | head -c 20; printf 'xxxxxxxxxxxxxxxxxxxxx')"),
      ] {
        let path = "\(folder)/\(name).gz"
        try #require(system("\(content) > '\(path)'") == 0)
        let error = #expect(throws: MartletError.self, "\(name)") { try sc.textFile(path).collect() }
        #expect(error?.code == .corruptData && error?.message.contains(path) == true)
        #expect(throws: MartletError.self, "\(name)") { try sc.wholeTextFiles(path).collect() }
      }
    }
  }

  @Test func `binary records are read in order, and a wrong length is refused`() throws {
    try withTemporaryFolder { folder in
      try write((0..<100).flatMap { [UInt8($0), 0xFF, UInt8($0)] }, "\(folder)/records.bin")
      let records = try sc.binaryRecords("\(folder)/records.bin", recordLength: 3).collect()
      #expect(records == (0..<100).map { [UInt8($0), 0xFF, UInt8($0)] })
      #expect(throws: MartletError.self) { try sc.binaryRecords(folder, recordLength: 7).count() }
      #expect(throws: MartletError.self) { try sc.binaryRecords(folder, recordLength: 0).count() }
    }
  }
}
