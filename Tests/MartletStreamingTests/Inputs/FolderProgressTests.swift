import MartletCore
import Testing

@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct FolderProgressTests {
  /// A file as a scan sees it, times in milliseconds.
  private func file(
    _ name: String, size: Int = 10, modified: Int = 0, changed: Int? = nil, inode: UInt64 = 1
  ) -> SeenFile {
    SeenFile(
      path: name, size: size, modified: Int64(modified) * 1_000_000, changed: Int64(changed ?? modified) * 1_000_000,
      inode: inode)
  }

  /// A look at a folder that has nothing else.
  private func all(_ files: [SeenFile], _ progress: FolderProgress) -> FolderLook {
    FolderLook(files: files, gone: Array(Set(progress.known.keys).subtracting(files.map(\.path))))
  }

  private func taken(_ progress: inout FolderProgress, _ files: [SeenFile], now: Int) -> [String] {
    progress.next(all(files, progress), now: Int64(now) * 1_000_000).take.map(\.path)
  }

  @Test func `a file that was moved in is taken at once, and once only`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 10, changed: 500)], now: 501) == ["a"])
    #expect(taken(&progress, [file("a", modified: 10, changed: 500)], now: 9000) == [])
  }

  @Test func `a file that is still written is taken when two looks found it unchanged for long enough`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", size: 1, modified: 100)], now: 110) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 210) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 300) == [])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 400) == ["a"])
    #expect(taken(&progress, [file("a", size: 2, modified: 200)], now: 500) == [])
  }

  @Test func `a file whose mode is changed while it grows is not taken for one that was moved in`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    // Its mode is changed between two looks, and again later.
    #expect(taken(&progress, [file("a", size: 1, modified: 100)], now: 110) == [])
    #expect(taken(&progress, [file("a", size: 1, modified: 100, changed: 120)], now: 130) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140)], now: 150) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140, changed: 160)], now: 170) == [])
    #expect(taken(&progress, [file("a", size: 5, modified: 140, changed: 160)], now: 400) == ["a"])
  }

  @Test func `a file that seems to have been moved in and is being written is not taken before it has been left alone`()
  {
    var progress = FolderProgress(settleTime: 200_000_000)
    var asked: [String] = []
    func taken(_ files: [SeenFile], now: Int, writing: Set<String>) -> [String] {
      progress.next(all(files, progress), now: Int64(now) * 1_000_000) { file in
        asked.append(file.path)
        return writing.contains(file.path)
      }.take.map(\.path)
    }
    let moved = file("a", modified: 10, changed: 500)
    let open = file("b", modified: 10, changed: 500, inode: 2)
    #expect(taken([moved, open, file("c", modified: 500, inode: 3)], now: 501, writing: ["b"]) == ["a"])
    // Its mode is changed once more; then it is written to; then it is left alone.
    #expect(taken([moved, file("b", modified: 10, changed: 600, inode: 2)], now: 601, writing: []) == [])
    #expect(taken([moved, file("b", modified: 650, inode: 2)], now: 660, writing: []) == [])
    #expect(taken([moved, file("b", modified: 650, inode: 2)], now: 900, writing: ["b"]) == ["b"])
    // Only what cannot be known otherwise.
    #expect(asked == ["a", "b"])
  }

  @Test func `an empty file waits until something is in it`() {
    var progress = FolderProgress(settleTime: 0)
    for now in 110..<115 {
      #expect(taken(&progress, [file("a", size: 0, modified: 100, changed: 105)], now: now) == [])
    }
    #expect(taken(&progress, [file("a", size: 3, modified: 120)], now: 130) == [])
    #expect(taken(&progress, [file("a", size: 3, modified: 120)], now: 140) == ["a"])
  }

  @Test func `a file that has to wait for its turn and is changed in the meantime is looked at again`() {
    var progress = FolderProgress(settleTime: 0, maximumFiles: 1)
    let first = file("a", modified: 10, changed: 100, inode: 1)
    #expect(taken(&progress, [first, file("b", modified: 20, changed: 100, inode: 2)], now: 200) == ["a"])
    let grown = file("b", size: 30, modified: 210, inode: 2)
    #expect(taken(&progress, [first, grown], now: 220) == [])
    #expect(taken(&progress, [first, grown], now: 230) == ["b"])
  }

  @Test func `an old file is not taken at the first look, since it may be written in place`() {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 100)], now: 90_000) == [])
    #expect(taken(&progress, [file("a", modified: 100)], now: 90_001) == ["a"])
  }

  @Test func `a file that was written before the clock was set back is not waited for until the clock is there again`()
  {
    var progress = FolderProgress(settleTime: 200_000_000)
    #expect(taken(&progress, [file("a", modified: 3_600_000)], now: 1000) == [])
    #expect(taken(&progress, [file("a", modified: 3_600_000)], now: 1500) == ["a"])
  }

  @Test func `files that are there at the start can be left out, and stay so`() {
    var progress = FolderProgress(settleTime: 0)
    progress.ignore([file("old", modified: 1, changed: 2)])
    let files = [file("new", modified: 1, changed: 5), file("old", size: 99, modified: 7, changed: 8)]
    #expect(taken(&progress, files, now: 10) == ["new"])
    #expect(taken(&progress, files, now: 11) == [])
  }

  @Test func `a file that takes the name of one that was read is read too`() {
    var progress = FolderProgress(settleTime: 0)
    #expect(taken(&progress, [file("a", modified: 1, changed: 2, inode: 1)], now: 3) == ["a"])
    #expect(taken(&progress, [file("a", modified: 4, changed: 5, inode: 2)], now: 6) == ["a"])
    #expect(taken(&progress, [], now: 7) == [])
    #expect(taken(&progress, [file("a", modified: 8, changed: 9, inode: 2)], now: 10) == ["a"])
  }

  @Test func `a file that takes the name and the inode of one that was read is read too`() throws {
    var progress = FolderProgress(settleTime: 200_000_000)
    func taken(_ file: SeenFile, now: Int, born: Int64) -> [String] {
      progress.next(all([file], progress), now: Int64(now) * 1_000_000, born: { _ in born }).take.map(\.path)
    }
    #expect(taken(file("a", modified: 1, changed: 2), now: 3, born: 5) == ["a"])
    // Appended to, and then replaced; the progress has been kept meanwhile.
    #expect(taken(file("a", size: 11, modified: 4), now: 500, born: 5) == [])
    let kept = encoded(progress.settled(without: []))
    progress = FolderProgress(settleTime: 200_000_000)
    progress.restore(try decodedFiles(kept.bytes))
    #expect(taken(file("a", size: 12, modified: 510, changed: 520), now: 530, born: 509) == ["a"])
    // Written in its place: when it is left alone.
    #expect(taken(file("a", size: 3, modified: 600), now: 610, born: 599) == [])
    #expect(taken(file("a", size: 3, modified: 600), now: 900, born: 599) == ["a"])
    #expect(taken(file("a", size: 3, modified: 600), now: 990, born: 599) == [])
  }

  @Test func `a file whose name cannot be read is told of once`() {
    var progress = FolderProgress(settleTime: 0)
    let skipped = progress.next(all([.nameless("caf\u{FFFD}")], progress), now: 1).skipped
    #expect(skipped.map(\.path) == ["caf\u{FFFD}"] && skipped.first?.reason.contains("not UTF-8") == true)
    #expect(progress.next(all([.nameless("caf\u{FFFD}")], progress), now: 2).skipped.isEmpty)
  }

  @Test func `what is written to a file after it was read is told of and not read`() {
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

  @Test func `no batch gets more files than the setting allows, and the oldest come first`() {
    var progress = FolderProgress(settleTime: 0, maximumFiles: 2)
    let files = [("a", 30), ("b", 10), ("c", 20), ("d", 20), ("e", 40)].map { name, modified in
      SeenFile(path: name, size: 1, modified: Int64(modified), changed: 100, inode: UInt64(modified + 1))
    }
    let batches = (0..<4).map { progress.next(all(files, progress), now: Int64(200 + $0)).take.map(\.path) }
    #expect(batches == [["b", "c"], ["d", "a"], ["e"], []])
  }
}
