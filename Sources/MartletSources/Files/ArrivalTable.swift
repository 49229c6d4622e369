import MartletCore
import MartletRDD

/// A name that has appeared in a folder.
enum Arrival: Sendable, Equatable {
  case movedIn(FilePath)
  /// Created there: the file may still be written.
  case made(FilePath)
}

/// The names that have appeared in a stream's folders since it last asked.
struct Arrivals: Sendable, Equatable {
  /// The names, in the order in which they appeared.
  var names: [Arrival] = []
  /// True if there were earlier names that are unknown.
  var isIncomplete = false
}

/// A record of the system's watch.
enum ArrivalRecord: Sendable, Equatable {
  /// A name has appeared in the folder with this number.
  case arrival(folder: Int32, name: String, wasMoved: Bool)
  /// The folder with this number is no longer watched: it has been removed, or its disk has been unmounted.
  case end(folder: Int32)
  /// There were too many records, and some were dropped.
  case overflow
  case other
}

/// Determines which streams are notified about an item in a folder: pure, with the records of the system as input.
///
/// The system assigns each folder a number, independent of its name and of the number of streams that watch it. Several
/// streams may watch the same folder by different paths, and one by several, if a link leads to it: each is notified
/// with all its own paths.
struct ArrivalTable: Sendable {
  /// The maximum number of names that wait for a stream that does not ask. Further ones are dropped, and the stream is
  /// notified that there were others. The system's own queue has about the same length.
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
  /// The watchers, by the numbers of folders.
  private var watchers: [Int32: [Watcher]] = [:]
  private var nextStream = 0
  /// The number of streams that are requesting watches from the system now, which may take as long as the disk takes.
  /// The system may return numbers of folders that others have just left: none of these is released before the requests
  /// have been answered.
  private var asking = 0
  /// Numbers to be released, unless a stream has received them meanwhile.
  private var unwatched: Set<Int32> = []
  /// Numbers whose watch has ended while streams were requesting some.
  private var ended: Set<Int32> = []

  /// True if there are no streams.
  var isEmpty: Bool { streams.isEmpty }

  /// Adds a stream, which watches nothing yet.
  mutating func join() -> Int {
    defer { nextStream += 1 }
    streams[nextStream] = Stream()
    return nextStream
  }

  /// Removes a stream.
  ///
  /// - Returns: the numbers to be released, because no stream watches their folders any more.
  mutating func leave(_ stream: Int) -> [Int32] {
    setFolders([], of: stream)
    streams[stream] = nil
    return takeUnwatched()
  }

  /// The folders that the stream watches, without those whose watch has ended.
  func folders(of stream: Int) -> [WatchedFolder] { streams[stream]?.folders ?? [] }

  /// Records that a stream requests the numbers of folders, and will call `watch` with them.
  mutating func beginAsking() { asking += 1 }

  /// Makes a stream watch only these folders from now on.
  ///
  /// - Returns: the numbers to be released, because no stream watches their folders any more.
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

  /// Processes a record of the system.
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

  /// The arrivals in the folders of a stream since the last call.
  mutating func take(_ stream: Int) -> Arrivals {
    guard let arrivals = streams[stream]?.arrivals else { return Arrivals() }
    if arrivals != Arrivals() { streams[stream]?.arrivals = Arrivals() }
    return arrivals
  }
}

/// A folder, and its number in the system's watch.
struct WatchedFolder: Sendable, Equatable {
  var stamp: FolderStamp
  var number: Int32

  /// Returns true if the folder is still the same under this path.
  func isWatched(at stamp: FolderStamp) -> Bool { self.stamp.isSameFolder(as: stamp) }
}
