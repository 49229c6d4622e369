import MartletCore
import Testing

@testable import MartletSources
@testable import MartletStreaming

/// A watch of the process with streams `a` and `b`.
private struct Watched {
  var table = ArrivalTable()
  let a: Int
  let b: Int
  /// Folders that exist on every system.
  let root: FolderStamp
  let usr: FolderStamp

  init() throws {
    a = table.join()
    b = table.join()
    root = try #require(FolderStamp("/"))
    usr = try #require(FolderStamp("/usr"))
  }

  /// Makes a stream watch folders, to which the system has assigned these numbers.
  mutating func watch(_ folders: [(FolderStamp, Int32)], _ stream: Int) -> [Int32] {
    table.beginAsking()
    return table.watch(folders.map { WatchedFolder(stamp: $0, number: $1) }, for: stream)
  }

  mutating func moveIn(_ name: String, _ folder: Int32) {
    table.note(.arrival(folder: folder, name: name, wasMoved: true))
  }
}

@Suite struct ArrivalTableTests {
  @Test func `a stream learns of files in its own folders, by its own paths, once and in order`() throws {
    var watched = try Watched()
    // Two streams, and two paths of one stream, for the same folder: a link may lead to it.
    #expect(watched.watch([(watched.root, 1), (watched.usr, 1)], watched.a) == [])
    #expect(watched.watch([(watched.usr, 1)], watched.b) == [])
    watched.table.note(.arrival(folder: 1, name: "x", wasMoved: false))
    watched.moveIn("x", 1)
    watched.moveIn(".hidden", 1)
    watched.moveIn("y", 2)
    watched.table.note(.other)
    #expect(
      watched.table.take(watched.a).names == [.made("/x"), .made("/usr/x"), .movedIn("/x"), .movedIn("/usr/x")])
    #expect(watched.table.take(watched.a) == Arrivals())
    #expect(watched.table.take(watched.b) == Arrivals(names: [.made("/usr/x"), .movedIn("/usr/x")]))
  }

  @Test func `the number of a folder is released when the last stream that watches it leaves`() throws {
    var watched = try Watched()
    _ = watched.watch([(watched.root, 1), (watched.usr, 2)], watched.a)
    _ = watched.watch([(watched.usr, 2)], watched.b)
    #expect(watched.table.leave(watched.a) == [1])
    #expect(!watched.table.isEmpty)
    watched.moveIn("x", 2)
    #expect(watched.table.take(watched.b).names == [.movedIn("/usr/x")])
    #expect(watched.watch([(watched.root, 3)], watched.b) == [2])
    #expect(watched.table.leave(watched.b) == [3])
    #expect(watched.table.isEmpty)
    #expect(watched.table.take(watched.b) == Arrivals())
  }

  @Test func `no number is released while a stream asks for numbers, since it may receive the same`() throws {
    var watched = try Watched()
    _ = watched.watch([(watched.root, 1), (watched.usr, 2)], watched.a)
    watched.table.beginAsking()
    #expect(watched.table.leave(watched.a) == [])
    #expect(watched.table.watch([WatchedFolder(stamp: watched.usr, number: 2)], for: watched.b) == [1])
    watched.moveIn("x", 2)
    #expect(watched.table.take(watched.b).names == [.movedIn("/usr/x")])
  }

  @Test func `a folder whose watch has ended is not watched, even for a stream that asks just then`() throws {
    var watched = try Watched()
    _ = watched.watch([(watched.root, 1), (watched.usr, 2)], watched.a)
    watched.table.beginAsking()
    watched.table.note(.end(folder: 2))
    #expect(watched.table.folders(of: watched.a).map(\.number) == [1])
    #expect(watched.table.watch([WatchedFolder(stamp: watched.usr, number: 2)], for: watched.b) == [])
    #expect(watched.table.folders(of: watched.b) == [])
    #expect(watched.table.leave(watched.a) == [1])
    // A new number for the same folder, later.
    #expect(watched.watch([(watched.usr, 3)], watched.b) == [])
    watched.moveIn("x", 3)
    #expect(watched.table.take(watched.b).names == [.movedIn("/usr/x")])
  }

  @Test func `when records are lost, each stream is informed, and earlier ones do not count`() throws {
    var watched = try Watched()
    _ = watched.watch([(watched.root, 1)], watched.a)
    _ = watched.watch([(watched.usr, 2)], watched.b)
    watched.moveIn("x", 1)
    watched.table.note(.overflow)
    watched.moveIn("y", 1)
    #expect(watched.table.take(watched.a) == Arrivals(names: [.movedIn("/y")], isIncomplete: true))
    #expect(watched.table.take(watched.b) == Arrivals(isIncomplete: true))
    #expect(watched.table.take(watched.a) == Arrivals())
  }

  @Test func `a stream that does not ask keeps a bounded number of names, without loss for others`() throws {
    var watched = try Watched()
    _ = watched.watch([(watched.root, 1)], watched.a)
    _ = watched.watch([(watched.root, 1)], watched.b)
    for number in 0...ArrivalTable.maximumNames {
      watched.moveIn("\(number)", 1)
      #expect(watched.table.take(watched.b).names == [.movedIn(FilePath("/\(number)"))])
    }
    #expect(
      watched.table.take(watched.a)
        == Arrivals(names: [.movedIn(FilePath("/\(ArrivalTable.maximumNames)"))], isIncomplete: true))
  }
}
