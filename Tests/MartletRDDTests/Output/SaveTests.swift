import MartletCore
import MartletRDD
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite(.timeLimit(.minutes(30))) struct SaveTests {
  private let site = OperatorSite("saveAsTextFile", #fileID, #line)

  @Test func `texts are written as lines, a file for each partition`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      let path = "\(folder)/deep/er/out/"
      try sc.parallelize(["a" as Text, "", "a line of more than fifteen bytes, ä", "b", "c"].map { $0 }, 2)
        .saveAsTextFile(path)
      #expect(try Folder.names(path) == ["_SUCCESS", "part-00000", "part-00001"])
      #expect(try contents("\(path)/part-00000") == "a\n\n")
      #expect(try contents("\(path)/part-00001") == "a line of more than fifteen bytes, ä\nb\nc\n")
      #expect(try Folder.names("\(folder)/deep/er") == ["out"])
      #expect(try sc.textFile(path).map { String(describing: $0) }.collect().count == 5)
    }
  }

  @Test func `other elements are written in the form of print`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      try sc.parallelize(0..<100_000, 1).saveAsTextFile("\(folder)/numbers")
      let expected = (0..<100_000).map { "\($0)\n" }.joined()
      #expect(try contents("\(folder)/numbers/part-00000") == expected)
      try sc.parallelize([("a", 1), ("b", 2)], 1).saveAsTextFile("\(folder)/tuples")
      #expect(try contents("\(folder)/tuples/part-00000") == "(\"a\", 1)\n(\"b\", 2)\n")
      try sc.emptyRDD(of: Int.self).saveAsTextFile("\(folder)/empty")
      #expect(try Folder.names("\(folder)/empty") == ["_SUCCESS"])
    }
  }

  @Test func `existing files are not overwritten, and no work is done`() throws {
    try withTemporaryFolder { (folder) throws in
      let path = "\(folder)/out"
      for make in [{ try Folder.create(path) }, { _ = try SystemFile.create(path) }] as [() throws -> Void] {
        try make()
        let error = #expect(throws: MartletError.self) {
          try roomyContext().parallelize(0..<3).map { _ -> Int in fatalError("no task must run") }.saveAsTextFile(path)
        }
        #expect(error?.code == .invalidState && error?.message.contains(path) == true)
        #expect(try Folder.names(folder) == ["out"])
        try Folder.remove(path)
      }
    }
  }

  @Test func `a job that fails leaves nothing`() throws {
    struct Failure: Error {}
    try withTemporaryFolder { (folder) throws in
      let failing = roomyContext().parallelize(0..<10_000, 4).map { number in
        if number == 7000 { throw Failure() }
        return number
      }
      #expect(throws: OperatorFailure.self) { try failing.saveAsTextFile("\(folder)/out") }
      #expect(throws: OperatorFailure.self) { try failing.saveAsObjectFile("\(folder)/out") }
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test func `a batch that runs again replaces its folder, and keeps it if it fails`() throws {
    struct Failure: Error {}
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      for count in [3, 1, 2] {
        try sc.parallelize(0..<10, count)
          .save(.lines, in: OutputFolder("\(folder)/out", isReplacing: true, site), site)
        #expect(try Folder.names("\(folder)/out").count == count + 1)
      }
      #expect(throws: OperatorFailure.self) {
        try sc.parallelize(0..<10, 5).map { _ -> Int in throw Failure() }
          .save(.lines, in: OutputFolder("\(folder)/out", isReplacing: true, site), site)
      }
      #expect(try Folder.names("\(folder)/out").count == 3)
      #expect(try Folder.names(folder) == ["out"])
    }
  }

  @Test func `a file is the same, whether elements are written together or one by one`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      let texts = (0..<3000).map { Text("text \($0)") }
      for (name, format) in [("lines", .lines), ("objects", try .objects(site))] as [(String, FileFormat<Text>)] {
        try sc.parallelize(texts, 1).save(format, in: OutputFolder("\(folder)/together", site), site)
        let whole = try OutputFolder("\(folder)/\(name)", site)
        try whole.create()
        let file = try whole.file(0, format)
        for text in texts { try file.write(text) }
        try file.finish()
        try whole.publish()
        if name == "lines" {
          let path = "part-00000"
          #expect(try contents("\(folder)/lines/\(path)") == contents("\(folder)/together/\(path)"))
        } else {
          #expect(try sc.objectFile("\(folder)/objects", of: Text.self).collect() == texts)
        }
        try Folder.remove("\(folder)/together")
      }
    }
  }

  @Test func `a folder whose staging folder has been removed is not published`() throws {
    try withTemporaryFolder { (folder) throws in
      try Folder.create("\(folder)/staging")
      let out = try OutputFolder("\(folder)/out", staging: "\(folder)/staging", site)
      try out.create()
      try out.file(0, FileFormat<Int>.lines).finish()
      try Folder.remove("\(folder)/staging")
      #expect(throws: MartletError.self) { try out.publish() }
      #expect(try Folder.names(folder) == [])
    }
  }
}

@Suite(.timeLimit(.minutes(30))) struct ObjectFileTests {
  @Test func `objects are read in order, partition by partition`() throws {
    struct Visit: Codable, Equatable, Sendable {
      var page: String
      var seconds: Int?
    }
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      let visits = (0..<5000).map { Visit(page: "p\($0)", seconds: $0 % 3 == 0 ? nil : $0) }
      try sc.parallelize(visits, 3).saveAsObjectFile("\(folder)/visits")
      let back = sc.objectFile("\(folder)/visits", of: Visit.self)
      #expect(try back.collect() == visits && back.getNumPartitions() == 3)
      let pairs = (0..<3000).map { (Text("a key of more than fifteen bytes \($0)"), $0) }
      try sc.parallelize(pairs, 2).saveAsObjectFile("\(folder)/pairs")
      #expect(try sc.objectFile("\(folder)/pairs", of: (Text, Int).self).collect().elementsEqual(pairs, by: ==))
    }
  }

  @Test func `files with other contents, or with damage, are refused by name`() throws {
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      try sc.parallelize(0..<100, 1).saveAsObjectFile("\(folder)/numbers")
      let path = "\(folder)/numbers/part-00000"
      let other = #expect(throws: MartletError.self) { try sc.objectFile(path, of: Double.self).count() }
      #expect(other?.code == .corruptData && other?.message.contains(path) == true)
      let whole = try SystemFile.read(path).size()
      #expect(truncate(path, off_t(whole - 1)) == 0)
      let cut = #expect(throws: MartletError.self) { try sc.objectFile(path, of: Int.self).count() }
      #expect(cut?.code == .corruptData && cut?.message.contains(path) == true)
    }
  }

  @Test func `objects of classes are refused before any work`() throws {
    final class Box: Sendable {}
    try withTemporaryFolder { (folder) throws in
      let sc = roomyContext()
      let error = #expect(throws: MartletError.self) {
        try sc.parallelize([Box()]).saveAsObjectFile("\(folder)/boxes")
      }
      #expect(error?.code == .invalidArgument)
      #expect(throws: MartletError.self) { try sc.objectFile("\(folder)/boxes", of: Box.self).count() }
      #expect(try Folder.names(folder) == [])
    }
  }
}
