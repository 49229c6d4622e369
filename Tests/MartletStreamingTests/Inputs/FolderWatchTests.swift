#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A number that closures share.
private final class Counter: Sendable {
  private let count = Mutex(0)

  func add() { count.withLock { $0 += 1 } }

  /// Returns the number, and resets it to zero.
  func take() -> Int {
    count.withLock { count in
      defer { count = 0 }
      return count
    }
  }
}

@Suite(.timeLimit(.minutes(30))) struct FolderWatchTests {
  private struct Watched {
    let folder: String
    var watch: FolderWatch
    var progress = FolderProgress(settleTime: 0)
    private let asked = Counter()

    init(_ folder: String, lookUpsInTurn: Int, clock: @escaping @Sendable () -> Int64 = fileClock) throws {
      self.folder = folder
      let asked = asked
      watch = FolderWatch(
        folder,
        filter: { path in
          asked.add()
          return !path.hasSuffix(".tmp")
        }, lookUpsInTurn: lookUpsInTurn, clock: clock)
    }

    /// The number of listings of the folder since the last call, if it has one file that is left out, and no new ones.
    func listings() -> Int { asked.take() }

    /// The names of the files that are looked up, and of the missing ones.
    mutating func look() throws -> (files: [String], gone: [String]) {
      let look = try watch.look(progress)
      _ = progress.next(look, now: fileClock())
      return (look.files.map { name($0.path) }, look.gone.map(name))
    }

    private func name(_ path: FilePath) -> String { path.below(FilePath(folder))?.text ?? path.text }

    func write(_ text: String, _ name: String) throws {
      let file = try #require(fopen("\(folder)/\(name)", "w"))
      fputs(text, file)
      fclose(file)
    }

    /// Writes a file under another name, so that it has another number, and moves it in.
    func moveIn(_ text: String, _ name: String) throws {
      try write(text, ".staged")
      try #require(rename("\(folder)/.staged", "\(folder)/\(name)") == 0)
    }

    func remove(_ name: String) throws { try #require(unlink("\(folder)/\(name)") == 0) }
  }

  @Test func `settled files are looked up in turn, and new ones at once`() throws {
    try withTemporaryFolder { folder in
      var watched = try Watched(folder, lookUpsInTurn: 2)
      for name in ["a", "b", "c", "d", "e"] { try watched.moveIn(name, name) }
      try watched.write("left out", "x.tmp")
      #expect(try watched.look() == (["a", "b", "c", "d", "e"], []))
      // Files that seem to be written in place are looked up once more, until they are settled.
      while !watched.progress.unsettled.isEmpty { _ = try watched.look() }
      while try watched.look().files.count == 2 {}
      var turn: [String] = []
      for count in [2, 2, 1] {
        let files = try watched.look().files
        #expect(files.count == count)
        turn += files
      }
      #expect(turn.sorted() == ["a", "b", "c", "d", "e"])
      _ = try watched.look()
      try watched.moveIn("f", "f")
      #expect(try watched.look().files.contains("f"))
    }
  }

  @Test func `a file that takes the name of another, or disappears, is noticed at once`() throws {
    try withTemporaryFolder { folder in
      var watched = try Watched(folder, lookUpsInTurn: 0)
      for name in ["a", "b", "c"] { try watched.moveIn(name, name) }
      while try watched.look().files != [] {}
      try watched.moveIn("another", "b")
      #expect(try watched.look() == (["b"], []))
      while !watched.progress.unsettled.isEmpty { _ = try watched.look() }
      try watched.remove("c")
      #expect(try watched.look() == ([], ["c"]))
      #expect(try watched.look() == ([], []))
    }
  }

  @Test func `a folder is listed again when its time has changed, or all files have had their turn`() throws {
    try withTemporaryFolder { folder in
      // So that recent changes are long past.
      var watched = try Watched(folder, lookUpsInTurn: 1) { fileClock() + 3_600_000_000_000 }
      for name in ["a", "b", "c"] { try watched.moveIn(name, name) }
      try watched.write("left out", "x.tmp")
      while try watched.look().files.count != 1 || !watched.progress.unsettled.isEmpty {}
      // Moves to the beginning of a turn.
      _ = watched.listings()
      while watched.listings() == 0 { _ = try watched.look() }
      var listings: [Int] = []
      for _ in 1...6 {
        _ = try watched.look()
        listings.append(watched.listings())
      }
      #expect(listings == [0, 0, 1, 0, 0, 1])
      awaitNextTick()
      try watched.moveIn("new", "new")
      #expect(try watched.look().files.contains("new"))
    }
  }

  @Test func `a file from before the start is left out, and one that takes its name is not`() throws {
    try withTemporaryFolder { folder in
      var watched = try Watched(folder, lookUpsInTurn: 10)
      try watched.moveIn("old", "a")
      watched.progress.ignore(try watched.watch.look(watched.progress).files, now: fileClock())
      #expect(try watched.look() == (["a"], []))
      #expect(watched.progress.unsettled.isEmpty)
      try watched.write("written in place", "a")
      let told = watched.progress.next(try watched.watch.look(watched.progress), now: fileClock())
      #expect(told.take == [] && told.skipped.map { $0.advice != nil } == [true])
      try watched.moveIn("new", "a")
      var taken: [SeenFile] = []
      while taken.isEmpty {
        taken = watched.progress.next(try watched.watch.look(watched.progress), now: fileClock()).take
      }
      #expect(taken.map(\.size) == [3])
    }
  }
}
