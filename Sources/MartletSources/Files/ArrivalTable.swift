import MartletCore
import MartletRDD

/// A name that has come to a folder.
enum Arrival: Sendable, Equatable {
  case movedIn(FilePath)
  /// Made there: somebody may be writing the file.
  case made(FilePath)
}

/// The names that have come to a stream's folders since it asked last.
struct Arrivals: Sendable, Equatable {
  /// In the order in which they came.
  var names: [Arrival] = []
  /// Whether others have come before these that nobody knows.
  var isIncomplete = false
}

/// A record of the system's watch.
enum ArrivalRecord: Sendable, Equatable {
  /// A name has come to the folder of this number.
  case arrival(folder: Int32, name: String, wasMoved: Bool)
  /// The folder of this number is not watched any more: it has been removed, or its disk has been unmounted.
  case end(folder: Int32)
  /// Records were dropped: there were too many.
  case overflow
  case other
}

/// Decides which streams learn of what comes to which folder: pure, fed with the records of the system.
///
/// The system gives each folder a number, whatever it is called and however many streams watch it. Streams may look at the
/// same folder by different paths, and one by several, if a link leads to it: each learns of a name by all its own paths.
struct ArrivalTable: Sendable {
  /// So many names, at most, wait for a stream that does not ask. With more of them, they are dropped: it is told that
  /// there were others. The system's own queue is about as long.
  static let maximumNames = 1 << 14

  private struct Stream: Sendable {
    var folders: [WatchedFolder] = []
    var arrivals = Arrivals()
  }

  private struct Watcher: Sendable {
    var stream: Int
    var path: FilePath
  }

  private var streams: [Int: Stream] = [:]
  /// By the numbers of folders.
  private var watchers: [Int32: [Watcher]] = [:]
  private var nextStream = 0
  /// How many streams ask the system for watches now, which takes as long as the disk takes. It may give them numbers of
  /// folders that others have just left: none of these is given back before they have their answers.
  private var asking = 0
  /// Numbers to be given back, unless a stream has been given them meanwhile.
  private var unwatched: Set<Int32> = []
  /// Numbers whose watch has ended while streams were asking.
  private var ended: Set<Int32> = []

  /// Whether there is no stream.
  var isEmpty: Bool { streams.isEmpty }

  /// Adds a stream, which watches nothing yet.
  mutating func join() -> Int {
    defer { nextStream += 1 }
    streams[nextStream] = Stream()
    return nextStream
  }

  /// Removes a stream.
  ///
  /// - Returns: numbers to be given back: no stream watches their folders any more.
  mutating func leave(_ stream: Int) -> [Int32] {
    setFolders([], of: stream)
    streams[stream] = nil
    return takeUnwatched()
  }

  /// The folders that the stream watches, but for those whose watch has ended.
  func folders(of stream: Int) -> [WatchedFolder] { streams[stream]?.folders ?? [] }

  /// Notes that a stream asks the system for the numbers of folders, and will call `watch` with them.
  mutating func beginAsking() { asking += 1 }

  /// Has a stream watch these folders from now on, and no others.
  ///
  /// - Returns: numbers to be given back: no stream watches their folders any more.
  mutating func watch(_ folders: [WatchedFolder], for stream: Int) -> [Int32] {
    setFolders(folders.filter { !ended.contains($0.number) }, of: stream)
    asking -= 1
    if asking == 0 { ended = [] }
    return takeUnwatched()
  }

  private mutating func setFolders(_ folders: [WatchedFolder], of stream: Int) {
    guard let former = streams[stream]?.folders else { return unwatched.formUnion(folders.map(\.number)) }
    for number in Set(former.map(\.number)) {
      watchers[number]?.removeAll { $0.stream == stream }
      if watchers[number]?.isEmpty == true { watchers[number] = nil }
      unwatched.insert(number)
    }
    streams[stream]?.folders = folders
    for folder in folders {
      watchers[folder.number, default: []].append(Watcher(stream: stream, path: folder.stamp.path))
    }
  }

  private mutating func takeUnwatched() -> [Int32] {
    if asking > 0 { return [] }
    defer { unwatched = [] }
    return unwatched.filter { watchers[$0] == nil }.sorted()
  }

  /// Notes what the system has said.
  mutating func note(_ record: ArrivalRecord) {
    switch record {
    case .arrival(let folder, let name, let wasMoved):
      if isHiddenName(name) { return }
      for watcher in watchers[folder] ?? [] {
        let path = FilePath(name, in: watcher.path)
        add(wasMoved ? .movedIn(path) : .made(path), for: watcher.stream)
      }
    case .end(let folder):
      if asking > 0 { ended.insert(folder) }
      unwatched.remove(folder)
      for watcher in watchers.removeValue(forKey: folder) ?? [] {
        streams[watcher.stream]?.folders.removeAll { $0.number == folder }
      }
    case .overflow:
      for stream in streams.keys { streams[stream]?.arrivals = Arrivals(isIncomplete: true) }
    case .other: break
    }
  }

  private mutating func add(_ arrival: Arrival, for stream: Int) {
    guard let count = streams[stream]?.arrivals.names.count else { return }
    if count >= Self.maximumNames { streams[stream]?.arrivals = Arrivals(isIncomplete: true) }
    streams[stream]?.arrivals.names.append(arrival)
  }

  /// What has come to the folders of a stream since this was asked last.
  mutating func take(_ stream: Int) -> Arrivals {
    guard let arrivals = streams[stream]?.arrivals else { return Arrivals() }
    if arrivals != Arrivals() { streams[stream]?.arrivals = Arrivals() }
    return arrivals
  }
}

/// A folder, and the number that the system's watch has given it.
struct WatchedFolder: Sendable, Equatable {
  var stamp: FolderStamp
  var number: Int32

  /// Whether it is this folder still, under this path.
  func isWatched(at stamp: FolderStamp) -> Bool { self.stamp.isSameFolder(as: stamp) }
}
