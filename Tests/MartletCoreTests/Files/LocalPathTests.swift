import MartletCore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct LocalPathTests {
  @Test(arguments: [
    "/data/in", "in", "./in", "in/", "a,b", "in[prod]", "100%", "a%20b", "a b", "12:30", "a:b", "a:b/c", "b/c:/d",
    "./hdfs:/x", "./~/x", "~backup", "x~", "/~/x", "", "é/\u{301}x",
  ])
  func `a path is unchanged`(_ path: String) throws {
    #expect(try Array(localPath(path).utf8) == Array(path.utf8))
  }

  @Test(arguments: [
    ("file:/data/in", "/data/in"), ("file:///data/in", "/data/in"), ("file://localhost/data/in", "/data/in"),
    ("FILE:///data", "/data"), ("file:/", "/"), ("file:///", "/"), ("file:////data", "//data"),
    ("file:///a%20b", "/a b"), ("file:/a%2Cb/caf%C3%A9", "/a,b/café"), ("file:///100%25", "/100%"),
    ("file:///in/*.txt", "/in/*.txt"), ("file:///a?b#c", "/a?b#c"), ("file:///~/x", "/~/x"),
    ("file:///hdfs:/x", "/hdfs:/x"),
  ])
  func `a file URI becomes its path, and a second conversion changes nothing`(_ uri: String, _ path: String) throws {
    let read = try localPath(uri)
    #expect(read == path)
    #expect(try localPath(read) == path)
  }

  @Test(arguments: [
    ("hdfs://nn:8020/out/x", "scheme 'hdfs'"), ("s3://bucket/x", "scheme 's3'"), ("s3a://bucket/x", "scheme 's3a'"),
    ("hdfs:/x", "'./hdfs:'"), ("HTTP://host/x", "mount them"), ("file:x", "no absolute path"),
    ("file:", "no absolute path"), ("file://", "has no path"), ("file://data/in", "'file:///data…'"),
    ("file:///a%2", "'%25'"), ("file:///a%zz", "'%25'"), ("file:///caf%E9", "'%25'"), ("~", "HOME"), ("~/cp", "HOME"),
    ("~/\u{301}x", "HOME"),
  ])
  func `a name of anything but a local file is refused by its name, with advice`(
    _ text: String, _ advice: String
  ) throws {
    let error = #expect(throws: MartletError.self) { try localPath(text) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("'\(text)'") == true && error?.message.contains(advice) == true, "\(error as Any)")
    let site = OperatorSite("operation", "Program/main.swift", 7)
    let placed = #expect(throws: MartletError.self) { try site.localPath(text) }
    #expect(placed?.message.hasPrefix("operation at Program/main.swift:7: '\(text)'") == true)
  }

  @Test func `a zero byte is refused, also an escaped one`() {
    for text in ["a\0b", "file:///a\0b", "file:///a%00b"] {
      let error = #expect(throws: MartletError.self) { try localPath(text) }
      #expect(error?.message.contains("zero byte") == true)
    }
  }

  @Test func `a slash is a separator even if the next character combines with it`() {
    #expect(parentFolder("a/\u{301}b") == "a" && lastComponent("a/\u{301}b") == "\u{301}b")
    #expect(
      withoutTrailingSlashes("a//") == "a" && withoutTrailingSlashes("//") == "/" && withoutTrailingSlashes("") == "")
    #expect(normalizedPath("/a/./\u{301}b/../c/") == "/a/c")
  }

  @Test(arguments: [1, 95, 96, 97, 200, 229, 254, 255])
  func `a name of any length leaves space for a hidden name`(_ length: Int) throws {
    try withTemporaryFolder { folder in
      for letter in ["x", "é", "👩‍👩‍👧"] where letter.utf8.count <= length {
        var name = String(repeating: letter, count: length / letter.utf8.count)
        name += String(repeating: "x", count: length - name.utf8.count)
        let hidden = lastComponent(hiddenSibling(of: "\(folder)/\(name)"))
        // With the longest process id and the longest random number.
        #expect(hidden.utf8.count <= 1 + 96 + 1 + 10 + 1 + 14)
        #expect(hidden.hasPrefix("." + name.prefix(3)))
        try Folder.create("\(folder)/\(name)")
        let file = try DurableFile(path: "\(folder)/\(name)/\(name)")
        try file.write([1])
        try file.publish()
        #expect(try Folder.names("\(folder)/\(name)") == [name])
        try Folder.remove("\(folder)/\(name)")
      }
    }
  }
}
