import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct FolderProgressTests {
  /// A file as a scan sees it, with times in milliseconds.
  private func file(
    _ name: String, size: Int = 10, modified: Int = 0, changed: Int? = nil, inode: UInt64 = 1, born: Int = 0
  ) -> SeenFile {
    SeenFile(
      path: FilePath(name),
      facts: FileFacts(
        size: size, modified: Int64(modified) * 1_000_000, changed: Int64(changed ?? modified) * 1_000_000,
        inode: inode, born: Int64(born) * 1_000_000))
  }

  /// A listing of a folder with these files.
  private func all(_ files: [SeenFile], _ progress: FolderProgress) -> FolderLook {
    FolderLook(files: files, gone: Array(Set(progress.known.keys).subtracting(files.map(\.path))))
  }

  private func taken(_ progress: inout FolderProgress, _ files: [SeenFile], now: Int) -> [String] {
    progress.next(all(files, progress), now: Int64(now) * 1_000_000).take.map(\.path.text)
  }

  @Test func `a file that was moved in is taken at once, and only once`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 10, changed: 500)], now: 501) == ["a"])
    #expect(taken(&progress, [file("a", modified: 10, changed: 500)], now: 9000) == [])
  }

  @Test func `a file that is still written is taken when two scans found it unchanged for long enough`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", size: 1, modified: 100)], now: 110) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 210) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 300) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 400) == ["a"])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 500) == [])
  }

  @Test func `a file whose mode changes while it grows does not count as moved in`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    // Its mode changes between two scans, and again later.
    #expect(taken(&progress, [file("a", size: 1, modified: 100)], now: 110) == [])
    #expect(taken(&progress, [file("a", size: 1, modified: 100, changed: 120)], now: 130) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140)], now: 150) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140, changed: 160)], now: 170) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140, changed: 160)], now: 400) == ["a"])
  }

  @Test func `a file that seems moved in but is being written is not taken before it has remained unchanged`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    var asked: [FilePath] = []
    func taken(_ files: [SeenFile], now: Int, writing: Set<FilePath>) -> [FilePath] {
      progress.next(all(files, progress), now: Int64(now) * 1_000_000) { file in
        asked.append(file.path)
        return writing.contains(file.path)
      }.take.map(\.path)
    }
    let moved = file("a", modified: 10, changed: 500)
    let open = file("b", modified: 10, changed: 500, inode: 2)
    #expect(taken([moved, open, file("c", modified: 500, inode: 3)], now: 501, writing: ["b"]) == ["a"])
    // Its mode changes once more; then it is written to; then it remains unchanged.
    #expect(taken([moved, file("b", modified: 10, changed: 600, inode: 2)], now: 601, writing: []) == [])
    #expect(taken([moved, file("b", modified: 650, inode: 2)], now: 660, writing: []) == [])
    #expect(taken([moved, file("b", modified: 650, inode: 2)], now: 900, writing: ["b"]) == ["b"])
    // Only facts that are otherwise unknown.
    #expect(asked == ["a", "b"])
  }

  @Test func `an empty file waits until it has contents`() {
    var progress = FolderProgress(settleTime: 0)
    for now in 110..<115 {
      #expect(taken(&progress, [file("a", size: 0, modified: 100, changed: 105)], now: now) == [])
    }
    #expect(taken(&progress, [file("a", size: 3, modified: 120)], now: 130) == [])
    #expect(taken(&progress, [file("a", size: 3, modified: 120)], now: 140) == ["a"])
  }

  @Test func `a file that changes while it waits for its turn is examined again`() {
    var progress = FolderProgress(settleTime: 0, maximumFiles: 1)
    let first = file("a", modified: 10, changed: 100, inode: 1)
    #expect(taken(&progress, [first, file("b", modified: 20, changed: 100, inode: 2)], now: 200) == ["a"])
    let grown = file("b", size: 30, modified: 210, inode: 2)
    #expect(taken(&progress, [first, grown], now: 220) == [])
    #expect(taken(&progress, [first, grown], now: 230) == ["b"])
  }

  @Test func `an old file is not taken at the first scan, since it may be written in place`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 100)], now: 90_000) == [])
    #expect(taken(&progress, [file("a", modified: 100)], now: 90_001) == ["a"])
  }

  @Test
  func `a file that was written before the clock was set back is taken without waiting for the clock to catch up`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 3_600_000)], now: 1000) == [])
    #expect(taken(&progress, [file("a", modified: 3_600_000)], now: 1500) == ["a"])
  }

  @Test func `files that exist at the start can be left out, and stay so`() {
    var progress = FolderProgress(settleTime: 0)
    progress.ignore([file("old", modified: 1, changed: 2)])
    let files = [file("new", modified: 1, changed: 5, inode: 2), file("old", size: 99, modified: 7, changed: 8)]
    #expect(taken(&progress, files, now: 10) == ["new"])
    #expect(taken(&progress, files, now: 11) == [])
  }

  @Test func `a file with the name of one that was read is also read`() {
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("a", modified: 1, changed: 2, inode: 1)], now: 3) == ["a"])
    #expect(taken(&progress, [file("a", modified: 4, changed: 5, inode: 2)], now: 6) == ["a"])
    #expect(taken(&progress, [], now: 7) == [])
    #expect(taken(&progress, [file("a", modified: 8, changed: 9, inode: 2)], now: 10) == ["a"])
  }

  @Test func `a file with the name and the inode of one that was read is also read`() throws {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 1, changed: 2, born: 1)], now: 103) == ["a"])
    // Appended to, and then replaced; the progress was saved meanwhile.
    #expect(taken(&progress, [file("a", size: 11, modified: 4, born: 1)], now: 500) == [])
    let kept = progress.settled(without: [])
    let bytes = StreamFolder("/in").list(kept.files, departed: kept.departed).encoded()
    let list = try withExtendedLifetime(bytes) { try FileList(bytes.bytes) }
    progress.restore(list.files, departed: list.departed)
    #expect(taken(&progress, [file("a", size: 12, modified: 510, changed: 520, born: 509)], now: 530) == ["a"])
    // Written in its place: taken when it remains unchanged.
    #expect(taken(&progress, [file("a", size: 3, modified: 600, born: 599)], now: 610) == [])
    #expect(taken(&progress, [file("a", size: 3, modified: 600, born: 599)], now: 900) == ["a"])
    #expect(taken(&progress, [file("a", size: 3, modified: 600, born: 599)], now: 990) == [])
  }

  // MARK: Renamed files, and other files

  /// The files that a second scan takes from a folder whose first scan has taken `a`, of 10 bytes, written at 5 and
  /// created at 4, and `b`.
  private func secondLook(_ files: [SeenFile]) -> [String] {
    var progress = FolderProgress(settleTime: 0)
    let first = [
      file("a", modified: 5, changed: 50, inode: 1, born: 4), file("b", modified: 7, changed: 50, inode: 2, born: 6),
    ]
    #expect(taken(&progress, first, now: 100) == ["a", "b"])
    return taken(&progress, files, now: 300)
  }

  @Test func `a file with two names is read once, when one of them is complete`() {
    let one = file("a", modified: 5, changed: 50, inode: 1, born: 4)
    let other = SeenFile(path: "b", facts: one.facts)
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [one, other], now: 100) == ["a"])
    #expect(taken(&progress, [one, other], now: 200) == [])
    // The first waits for a batch of its own; the other one is not lost if its name disappears.
    progress = FolderProgress(settleTime: 0, maximumFiles: 1)
    let older = file("o", modified: 1, changed: 50, inode: 2, born: 1)
    #expect(taken(&progress, [one, older, other], now: 100) == ["o"])
    #expect(taken(&progress, [older, other], now: 200) == ["b"])
    #expect(taken(&progress, [older, one, other], now: 300) == [])
    // Its names become known one after the other.
    progress = FolderProgress(settleTime: 200_000_000)
    let link = SeenFile(path: "b", facts: file("a", modified: 95, inode: 1, born: 4).facts)
    #expect(taken(&progress, [link], now: 100) == [])
    let moved = SeenFile(path: "a", facts: file("a", modified: 95, changed: 110, inode: 1, born: 4).facts)
    let linked = SeenFile(path: "b", facts: moved.facts)
    #expect(taken(&progress, [moved, linked], now: 120) == ["a"])
    #expect(taken(&progress, [moved, linked], now: 400) == [])
    #expect(taken(&progress, [moved, linked], now: 500) == [])
  }

  @Test func `files of two disks are distinguished, whatever their numbers`() {
    func facts(_ device: UInt64, _ modified: Int64) -> FileFacts {
      FileFacts(size: 3, modified: modified, changed: 50_000_000, inode: 1, device: device, born: modified)
    }
    var progress = FolderProgress(settleTime: 0)
    let a = SeenFile(path: "1/a", facts: facts(1, 5_000_000))
    let b = SeenFile(path: "2/b", facts: facts(2, 6_000_000))
    #expect(taken(&progress, [a, b], now: 100) == ["1/a", "2/b"])
    #expect(
      taken(&progress, [SeenFile(path: "1/c", facts: a.facts), SeenFile(path: "2/d", facts: b.facts)], now: 300) == [])
  }

  @Test func `a file that was read is not read under another name`() {
    let a = file("a", modified: 5, changed: 200, inode: 1, born: 4)
    let b = file("b", modified: 7, changed: 50, inode: 2, born: 6)
    func renamed(_ file: SeenFile, _ name: FilePath) -> SeenFile { SeenFile(path: name, facts: file.facts) }
    #expect(secondLook([renamed(a, "a.1"), b]) == [])
    #expect(secondLook([renamed(a, "b"), renamed(b, "a")]) == [], "they exchange names")
    #expect(secondLook([renamed(a, "b")]) == [], "it takes the name of another")
    #expect(secondLook([a, renamed(a, "link"), b]) == [], "it has two names")
    let new = file("a", modified: 150, changed: 200, inode: 3, born: 149)
    #expect(secondLook([new, renamed(a, "b"), renamed(b, "c")]) == ["a"], "a rotation, and a new file")
    let twin = file("b", modified: 5, changed: 50, inode: 2, born: 4)
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("a", modified: 5, changed: 50, inode: 1, born: 4), twin], now: 100) == ["a", "b"])
    #expect(
      taken(&progress, [renamed(a, "b"), renamed(twin, "c")], now: 300) == [], "a rotation of files with the same time")
    #expect(
      secondLook([file("c", size: 99, modified: 5, changed: 200, inode: 1, born: 150), b]) == ["c"], "its number")
  }

  @Test func `a file that was read while being written is not read under its final name, which is reported`() {
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("x.part", size: 2, modified: 5, born: 1)], now: 100) == [])
    #expect(taken(&progress, [file("x.part", size: 2, modified: 5, born: 1)], now: 101) == ["x.part"])
    let look = all([file("x", size: 9, modified: 120, changed: 130, born: 1)], progress)
    let (take, skipped) = progress.next(look, now: 131_000_000)
    #expect(take.isEmpty)
    #expect(skipped.map(\.path) == ["x"] && skipped.first?.advice != nil, "\(skipped)")
    #expect(skipped.first?.reason.contains("has changed after it was read") == true)
  }

  @Test func `a file that comes back is the same file, also as a copy, which is reported`() {
    var progress = FolderProgress(settleTime: 0)
    let a = file("a", modified: 5, changed: 50, inode: 1, born: 4)
    #expect(taken(&progress, [a], now: 100) == ["a"])
    #expect(taken(&progress, [], now: 200) == [])
    #expect(taken(&progress, [a], now: 300) == [])
    let copy = file("a", modified: 5, changed: 400, inode: 9, born: 399)
    let (take, skipped) = progress.next(all([copy], progress), now: 401_000_000)
    #expect(take.isEmpty)
    #expect(skipped.map { $0.advice != nil } == [true])
    #expect(skipped.first?.reason.contains("counts as a copy") == true)
    #expect(taken(&progress, [], now: 500) == [])
    let other = file("a", modified: 5, changed: 600, inode: 10, born: 599)
    #expect(taken(&progress, [other], now: 601) == [], "it was away in between")
    #expect(taken(&progress, [file("a", modified: 6, changed: 700, inode: 11, born: 699)], now: 701) == ["a"])
    #expect(taken(&progress, [SeenFile(path: "b", facts: other.facts)], now: 801) == [], "the replaced file, renamed")
  }

  @Test func `a birth time that two files may share proves nothing`() {
    var progress = FolderProgress(settleTime: 0)
    // Read in the same tick of the clock in which it was created; another is created in that tick, with its number.
    #expect(taken(&progress, [file("a", modified: 5, changed: 6, born: 5)], now: 5) == ["a"])
    #expect(taken(&progress, [file("b", size: 3, modified: 8, changed: 9, born: 5)], now: 100) == ["b"])
  }

  @Test(arguments: [(4, ["b"]), (5, ["b"]), (6, []), (12, [])] as [(Int, [String])])
  func `a file that is renamed and appended to after it was read is the same once the tick of its birth is over`(
    _ now: Int, _ expected: [String]
  ) {
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("a", modified: 5, changed: 6, born: 5)], now: now) == ["a"])
    #expect(taken(&progress, [file("b", size: 11, modified: 13, changed: 14, born: 5)], now: 100) == expected)
  }

  @Test func `the number of remembered missing files is bounded by the largest listing, or a thousand`() {
    var progress = FolderProgress(settleTime: 0)
    for number in 0..<3000 {
      let name = "\(number)"
      #expect(
        taken(&progress, [file(name, modified: number, changed: number + 1, inode: UInt64(number + 1))], now: 9000)
          == [name])
    }
    let kept = progress.settled(without: [])
    #expect(kept.files.map(\.path) == ["2999"])
    #expect(kept.departed.map(\.path.text) == (1999..<2999).map { "\($0)" })
    var many = FolderProgress(settleTime: 0)
    many.ignore((0..<2500).map { file("\($0)", modified: $0, inode: UInt64($0 + 1)) })
    #expect(taken(&many, [], now: 9000) == [])
    #expect(many.settled(without: []).departed.count == 2500)
  }

  // MARK: Complete files

  @Test func `a file that is known to have been moved in is taken at once, whatever its times`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    func taken(_ files: [SeenFile], movedIn: Set<FilePath>, now: Int, writing: Bool = false) -> [FilePath] {
      var look = all(files, progress)
      look.movedIn = movedIn
      return progress.next(look, now: Int64(now) * 1_000_000) { _ in writing }.take.map(\.path)
    }
    #expect(taken([file("a", modified: 500)], movedIn: ["a"], now: 501) == ["a"])
    #expect(taken([file("b", modified: 500, inode: 2)], movedIn: [], now: 501) == [])
    #expect(taken([file("b", modified: 500, inode: 2)], movedIn: ["b"], now: 502) == ["b"])
    #expect(taken([file("c", modified: 500, inode: 3)], movedIn: ["c"], now: 502, writing: true) == [])
  }

  @Test(arguments: [(false, ["a"]), (true, []), (nil, [])] as [(Bool?, [FilePath])])
  func `an unchanged file is taken at the first scan if it is known not to be open`(
    _ isBeingWritten: Bool?, _ expected: [FilePath]
  ) {
    var progress = FolderProgress(settleTime: 200_000_000)
    let look = all([file("a", modified: 100), file("b", modified: 250, inode: 2)], progress)
    #expect(progress.next(look, now: 301_000_000) { _ in isBeingWritten }.take.map(\.path) == expected)
  }

  @Test func `files are spread by their times over batches that are caught up, and none is left behind`() {
    var progress = FolderProgress(settleTime: 0, maximumFiles: 2)
    let files = [("a", 12), ("b", 11), ("c", 31), ("d", 10), ("e", 99)].map { name, modified in
      file(name, modified: modified, changed: 100, inode: UInt64(modified))
    }
    func batch(_ look: FolderLook, through limit: Int?) -> [FilePath] {
      progress.next(look, now: 200_000_000, through: limit.map { Int64($0) * 1_000_000 }).take.map(\.path)
    }
    func postponed(through limit: Int) -> [FilePath] {
      let paths = progress.takePostponed(through: Int64(limit) * 1_000_000)
      var look = FolderLook(files: files.filter { paths.contains($0.path) })
      look.isPartial = true
      return batch(look, through: limit)
    }
    #expect(batch(all(files, progress), through: 15) == ["d", "b"])
    #expect(postponed(through: 20) == ["a"])
    #expect(postponed(through: 30) == [])
    #expect(postponed(through: 40) == ["c"])
    #expect(batch(all(files, progress), through: nil) == ["e"])
  }

  @Test func `a file whose name cannot be read is reported once`() {
    var progress = FolderProgress(settleTime: 0)
    let skipped = progress.next(all([.nameless("caf\u{FFFD}")], progress), now: 1).skipped
    #expect(skipped.map(\.path) == ["caf\u{FFFD}"] && skipped.first?.reason.contains("not UTF-8") == true)
    #expect(progress.next(all([.nameless("caf\u{FFFD}")], progress), now: 2).skipped.isEmpty)
  }

  @Test func `bytes that are written to a file after it was read are reported and not read`() {
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("a", size: 1, modified: 1, changed: 2)], now: 3) == ["a"])
    let (take, skipped) = progress.next(all([file("a", size: 5, modified: 10)], progress), now: 11_000_000)
    #expect(take.isEmpty)
    #expect(skipped.map(\.path) == ["a"])
    #expect(skipped.first?.reason.contains("changed after it was read") == true)
    #expect(skipped.map { $0.advice != nil } == [true])
    #expect(progress.next(all([file("a", size: 5, modified: 10)], progress), now: 12_000_000).skipped.isEmpty)
    // Once is enough, until another file has the name.
    #expect(
      progress.next(all([file("a", size: 6, modified: 13)], progress), now: 14_000_000).skipped.map { $0.advice != nil }
        == [false])
    #expect(taken(&progress, [file("a", size: 1, modified: 15, changed: 16, inode: 2)], now: 17) == ["a"])
    #expect(
      progress.next(all([file("a", size: 2, modified: 18, inode: 2)], progress), now: 19_000_000).skipped.map {
        $0.advice != nil
      } == [
        true
      ])
  }

  @Test func `no batch gets more files than the limit, and the oldest come first`() {
    var progress = FolderProgress(settleTime: 0, maximumFiles: 2)
    let files = [("a", 30), ("b", 10), ("c", 20), ("d", 20), ("e", 40)].map { name, modified in
      SeenFile(
        path: FilePath(name),
        facts: FileFacts(
          size: 1, modified: Int64(modified), changed: 100, inode: UInt64(modified + (name == "d" ? 2 : 1))))
    }
    let batches = (0..<4).map { progress.next(all(files, progress), now: Int64(200 + $0)).take.map(\.path) }
    #expect(batches == [["b", "c"], ["d", "a"], ["e"], []])
  }
}

@Suite struct StreamFolderTests {
  @Test(arguments: [
    ("in", "in", "/home/me/in"), ("./in/", "in", "/home/me/in"), ("in//a/./b", "in/a/b", "/home/me/in/a/b"),
    ("/home/me/in", "/home/me/in", "/home/me/in"), ("../in", "../in", "/home/in"), ("", "", "/home/me"),
    (".", ".", "/home/me"), ("/", "/", "/"), ("logs/*/", "logs/*", "/home/me/logs/*"),
  ])
  func `a folder is identified by its absolute path, however it is spelled`(
    _ spelled: String, _ path: String, _ identity: String
  ) {
    let folder = StreamFolder(spelled, in: "/home/me")
    #expect(folder.path == path)
    #expect(folder.identity == identity)
  }

  @Test(arguments: [
    ("in", "in/f", "/home/me/in", "f"), ("/home/me/in", "/home/me/in/f", "/home/me/in", "f"),
    ("logs/*", "logs/eu/f", "/home/me/logs", "eu/f"), ("*", "eu/f", "/home/me", "eu/f"), ("/", "/f", "/", "f"),
    ("/*", "/eu/f", "/", "eu/f"), (".", "./f", "/home/me", "f"),
    // A mark that combines with the slash; another form of the same text.
    ("in", "in/\u{301}f", "/home/me/in", "\u{301}f"), ("\u{301}a/*", "\u{301}a/eu/f", "/home/me/\u{301}a", "eu/f"),
    ("\u{E9}", "\u{E9}/e\u{301}", "/home/me/\u{E9}", "e\u{301}"),
  ])
  func `files are kept by their paths below the folder`(
    _ spelled: String, _ path: String, _ root: String, _ below: String
  ) throws {
    let folder = StreamFolder(spelled, in: "/home/me")
    let file = SeenFile(path: FilePath(path), facts: FileFacts(size: 1, modified: 2))
    let list = folder.list([file])
    #expect(FilePath(list.folder) == FilePath(root))
    #expect(list.files.map(\.path) == [FilePath(below)])
    #expect(folder.files(list.files) == [file])
  }
}
