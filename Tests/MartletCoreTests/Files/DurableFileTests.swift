import MartletCore
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct DurableFileTests {
  private func write(_ text: String, to file: DurableFile) throws {
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
  }

  @Test func `a file appears when it is published, in place of the old one`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/state"
      for text in ["one", String(repeating: "two ", count: 200_000)] {
        let file = try DurableFile(path: path)
        try write(text, to: file)
        if text != "one" { #expect(try contents(path) == "one") }
        try file.publish()
        #expect(try contents(path) == text)
        #expect(throws: MartletError.self) { try file.publish() }
      }
      #expect(try Folder.names(folder) == ["state"])
    }
  }

  @Test func `a file that is not published leaves nothing behind`() throws {
    try withTemporaryFolder { folder in
      do {
        let file = try DurableFile(path: "\(folder)/state")
        try write("half", to: file)
        #expect(try Folder.names(folder).count == 1)
      }
      #expect(try Folder.names(folder) == [])
    }
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "this system has no /dev/full"))
  func `a full disk is an error with advice`() throws {
    let file = try SystemFile.overwrite("/dev/full")
    let error = #expect(throws: MartletError.self) { try [UInt8](repeating: 1, count: 100).withUnsafeBytes(file.write) }
    #expect(error?.code == .inputOutput)
    #expect(error?.message.contains("/dev/full") == true && error?.message.contains("Make room") == true)
  }

  @Test func `a missing folder is an error with the path`() throws {
    let error = #expect(throws: MartletError.self) { _ = try DurableFile(path: "/nowhere/at/all") }
    #expect(error?.code == .inputOutput && error?.message.contains("/nowhere/at") == true)
  }

  @Test func `a path with a zero byte is refused, and the file with the name before it is unchanged`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/key\0rest"
      try SystemFile.create("\(folder)/key").synchronize()
      let calls: [(String) throws -> Void] = [
        { _ = try SystemFile.read($0) }, { _ = try SystemFile.create($0) }, Folder.create, Folder.createOne,
        Folder.remove, { _ = try Folder.names($0) }, { _ = try Folder.nameIsTaken($0) },
        { try Folder.rename("\(folder)/key", to: $0) }, { _ = try DurableFile(path: $0) },
        { _ = try FileSource(path: $0) },
      ]
      for call in calls {
        let error = #expect(throws: MartletError.self) { try call(path) }
        #expect(error?.code == .invalidArgument && error?.message.contains(#"key\0rest"#) == true)
      }
      #expect(try Folder.names(folder) == ["key"])
    }
  }

  @Test func `a folder cannot have the name of a file`() throws {
    try withTemporaryFolder { folder in
      try SystemFile.create("\(folder)/name").synchronize()
      let error = #expect(throws: MartletError.self) { try Folder.create("\(folder)/name") }
      #expect(error?.message.contains("\(folder)/name': a file has that name") == true)
      try Folder.create("\(folder)/a/b/c")
      try Folder.create("\(folder)/a/b/c")
      #expect(try Folder.names("\(folder)/a") == ["b"])
    }
  }

  @Test func `paths are split as in the shell`() {
    #expect(parentFolder("/a/b/") == "/a" && parentFolder("/a") == "/" && parentFolder("a") == ".")
    #expect(lastComponent("/a/b//") == "b" && lastComponent("a") == "a")
    #expect(absolutePath("/a") == "/a" && absolutePath("a/b").hasPrefix("/") && absolutePath("a/b").hasSuffix("/a/b"))
  }
}

@Suite struct FolderTests {
  private func fill(_ folder: String, _ text: String) throws {
    try Folder.create(folder + "/inner")
    try Array(text.utf8).withUnsafeBytes { try SystemFile.create(folder + "/inner/file").write($0) }
  }

  @Test func `a folder is published only under a free name`() throws {
    try withTemporaryFolder { folder in
      try fill("\(folder)/.new", "1")
      try Folder.publish("\(folder)/.new", as: "\(folder)/out")
      #expect(try contents("\(folder)/out/inner/file") == "1")
      try fill("\(folder)/.new", "2")
      try Folder.create("\(folder)/empty")
      for taken in ["out", "empty"] {
        let error = #expect(throws: MartletError.self) {
          try Folder.publish("\(folder)/.new", as: "\(folder)/\(taken)")
        }
        #expect(error?.code == .invalidState)
      }
      #expect(try contents("\(folder)/out/inner/file") == "1")
    }
  }

  @Test func `a folder completely replaces another`() throws {
    try withTemporaryFolder { folder in
      for text in ["1", "2", "3"] {
        try fill("\(folder)/.new", text)
        try Folder.replace("\(folder)/out", with: "\(folder)/.new")
        #expect(try contents("\(folder)/out/inner/file") == text)
        #expect(try Folder.names(folder) == ["out"])
      }
    }
  }

  @Test func `removing does not follow links and ignores missing files`() throws {
    try withTemporaryFolder { folder in
      try fill("\(folder)/kept", "1")
      try Folder.create("\(folder)/gone")
      #expect(symlink("\(folder)/kept", "\(folder)/gone/link") == 0)
      try Folder.remove("\(folder)/gone")
      try Folder.remove("\(folder)/gone")
      #expect(try Folder.names(folder) == ["kept"])
      #expect(try contents("\(folder)/kept/inner/file") == "1")
    }
  }
}
