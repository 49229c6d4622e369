import MartletCore
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite struct FileFactsTests {
  private static let before = FileFacts(size: 10, modified: 100, changed: 200, inode: 7, device: 1, born: 50)

  /// The present state of a file of 10 bytes, written at 100, with the number 7 on disk 1, created at 50.
  @Test(
    arguments: [
      // The same number and creation time.
      (10, 100, 7, 1, 50, true, .same), (10, 100, 7, 1, 50, false, .same), (11, 300, 7, 1, 50, true, .grown),
      (11, 300, 7, 1, 50, false, .grown), (10, 300, 7, 1, 50, true, .changed), (9, 300, 7, 1, 50, false, .changed),
      // The disk has another number since the restart of the machine; or it is another disk.
      (10, 100, 7, 2, 50, true, .same), (11, 300, 7, 2, 50, true, .grown), (10, 100, 7, 2, 50, false, .other),
      (10, 100, 7, 0, 50, false, .same),
      // The number was reused.
      (11, 300, 7, 1, 60, true, .other), (10, 100, 7, 1, 60, false, .other), (10, 100, 7, 1, 60, true, .copy),
      // The creation time is unknown.
      (10, 100, 7, 1, 0, true, .same), (10, 100, 7, 1, 0, false, .same), (11, 300, 7, 1, 0, true, .grown),
      (9, 300, 7, 1, 0, true, .changed), (11, 300, 7, 1, 0, false, .other), (10, 100, 7, 2, 0, true, .copy),
      (10, 100, 7, 2, 0, false, .other),
      // Another number.
      (10, 100, 8, 1, 50, true, .copy), (10, 100, 8, 1, 50, false, .other), (10, 101, 8, 1, 50, true, .other),
      (11, 100, 8, 1, 50, true, .other), (10, 100, 8, 2, 60, true, .copy), (10, 100, 8, 2, 60, false, .other),
      // No number at all.
      (10, 100, 0, 1, 50, true, .copy), (10, 100, 0, 1, 50, false, .other),
    ] as [(Int, Int64, UInt64, UInt64, Int64, Bool, FileRelation)])
  func `number, birth time, contents and name together identify a file`(
    _ size: Int, _ modified: Int64, _ inode: UInt64, _ device: UInt64, _ born: Int64, _ hasSameName: Bool,
    _ expected: FileRelation
  ) {
    let now = FileFacts(size: size, modified: modified, changed: 999, inode: inode, device: device, born: born)
    #expect(now.relation(to: Self.before, hasSameName: hasSameName) == expected)
  }

  @Test(
    arguments: [
      (50, true, 10, .same), (50, false, 10, .same), (50, true, 11, .grown), (50, false, 11, .other),
      (60, true, 11, .other), (60, false, 10, .other), (60, true, 10, .copy),
    ] as [(Int64, Bool, Int, FileRelation)])
  func `a birth time that another file may share distinguishes files, and does not identify one`(
    _ born: Int64, _ hasSameName: Bool, _ size: Int, _ expected: FileRelation
  ) {
    var before = Self.before
    before.isBirthUnique = false
    let now = FileFacts(size: size, modified: 100, changed: 999, inode: 7, device: 1, born: born)
    #expect(now.relation(to: before, hasSameName: hasSameName) == expected)
  }

  @Test(
    arguments: [
      // Seen in the tick of its creation, or before the clock has reached it; and in the next tick.
      (1_004_000_003, 1_004_000_003, false), (1_004_000_003, 1_000_000_001, false),
      (1_004_000_003, 1_004_000_004, true), (1_004_000_003, 1_008_000_003, true), (1_004_000_003, .max, true),
      (1_004_000_003, .min, false), (.min, .max, true),
      // Disks with steps of 100 ns, of 10 ms and of a second.
      (1_004_000_100, 1_004_000_199, false), (1_004_000_100, 1_004_000_200, true),
      (1_010_000_000, 1_019_999_999, false), (1_010_000_000, 1_020_000_000, true),
      (1_000_000_000, 1_999_999_999, false), (1_000_000_000, 2_000_000_000, true),
      (9_000_000_000, 9_999_999_999, false), (10_000_000_000, 11_000_000_000, true),
    ] as [(Int64, Int64, Bool)])
  func `a birth time is unique once the clock that stamps files has advanced by a step of the disk`(
    _ born: Int64, _ clock: Int64, _ expected: Bool
  ) {
    #expect(FileFacts(size: 1, modified: 1, born: born).hasUniqueBirth(seenAfter: clock) == expected)
  }

  private func write(_ path: String, _ text: String) throws { try SystemFile.create(path).write(Array(text.utf8)) }

  private func facts(_ path: String) throws -> FileFacts { try #require(try FileFacts.ofFile(at: path)) }

  private func read(_ path: String, _ planned: FileFacts, from offset: Int = 0) throws -> String {
    let source = try FileSource(path: path, offset: offset, planned: planned)
    let bytes = ByteBuffer()
    while true {
      let got = try source.read(bytes.extend(by: 4), count: 4)
      bytes.shorten(by: 4 - got)
      if got == 0 { return String(decoding: bytes.bytes, as: UTF8.self) }
    }
  }

  @Test func `the facts about a file are the same by its name and by its descriptor`() throws {
    try withTemporaryFolder { folder in
      try write("\(folder)/a", "hello")
      let byName = try facts("\(folder)/a")
      #expect(byName.size == 5 && byName.inode != 0 && byName.modified > 0 && byName.changed > 0)
      try SystemFile.read("\(folder)/a").expect(byName)
      #expect(try FileFacts.ofFile(at: "\(folder)/b") == nil)
      #expect(try FileFacts.ofFile(at: folder) == nil)
      try #require(rename("\(folder)/a", "\(folder)/b") == 0)
      let renamed = try facts("\(folder)/b")
      #expect(renamed.relation(to: byName, hasSameName: false) == .same)
      #expect(renamed.born == byName.born)
    }
  }

  @Test func `a file is read in its original length, also under another name`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      try write(path, "one\ntw")
      let found = try facts(path)
      #expect(try read(path, found) == "one\ntw")
      let file = try #require(fopen(path, "a"))
      fputs("o\nthree\n", file)
      fclose(file)
      #expect(try read(path, found) == "one\ntw")
      #expect(try read(path, found, from: 4) == "tw")
      try #require(rename(path, "\(folder)/a.1") == 0)
      #expect(try read(path, found) == "one\ntw")
      #expect(try found.problem(at: path) == nil)
      try write(path, "another")
      #expect(try read(path, found) == "one\ntw")
      // The new name may be the same text as the former one, in another Unicode form.
      try #require(rename("\(path).1", "\(folder)/e\u{301}") == 0)
      #expect(try read("\(folder)/\u{E9}", found) == "one\ntw")
    }
  }

  @Test func `a file other than the original one is not read`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a"
      func expect(_ words: String, _ found: FileFacts, sourceLocation: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: MartletError.self, sourceLocation: sourceLocation) { try read(path, found) }
        #expect(
          error?.message.contains("'\(path)' \(words) after it was found") == true, "\(error?.message ?? "")",
          sourceLocation: sourceLocation)
      }
      try write(path, "first")
      let first = try facts(path)
      try write("\(folder)/b", "second")
      try #require(rename("\(folder)/b", path) == 0)
      expect("has been replaced by another file", first)
      let second = try facts(path)
      try SystemFile.overwrite(path).write(Array("third.".utf8))
      // Another time, even if the clock has not advanced.
      var times = [timespec(tv_sec: 9, tv_nsec: 9), timespec(tv_sec: 9, tv_nsec: 9)]
      try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
      expect("has been changed", second)
      let third = try facts(path)
      try SystemFile.overwrite(path).write([1])
      expect("has been changed", third)
      try #require(unlink(path) == 0)
      expect("has been removed", third)
    }
  }
}
