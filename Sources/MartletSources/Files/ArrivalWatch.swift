// Unsafe code. Invariant: records are read from a buffer no further than the system has filled it, and names are copied
// before it is filled again.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import CMartlet
import MartletCore
import MartletStreaming
import Synchronization

/// The one watch of the process for names that come to folders: a system has few of them to give.
///
/// It is there while streams watch folders. Whichever stream asks reads what the system has to say for all of them; the
/// table keeps it for the others.
final class ArrivalWatch: Sendable {
  static let shared = ArrivalWatch()

  fileprivate struct State: Sendable {
    /// Not there before the first folder is watched, nor while the system has no more of them to give.
    var descriptor: Int32 = -1
    var table = ArrivalTable()
  }

  private let state = Mutex(State())

  /// Whether the system watches for this one.
  var isOpen: Bool { state.withLock { $0.descriptor >= 0 } }

  /// Adds a stream, which watches nothing yet.
  func join() -> Int { state.withLock { $0.table.join() } }

  /// Removes a stream. With the last one, the watch ends.
  func leave(_ stream: Int) {
    state.withLock { state in
      state.forget(state.table.leave(stream))
      guard state.table.isEmpty, state.descriptor >= 0 else { return }
      close(state.descriptor)
      state.descriptor = -1
    }
  }

  /// Has a stream watch these folders from now on, and no others. Those that the system cannot watch now are asked for
  /// again with the next call.
  func watch(_ folders: [FolderStamp], for stream: Int) {
    let question = state.withLock { state -> (descriptor: Int32, former: [WatchedFolder])? in
      if state.descriptor < 0 { state.descriptor = martlet_begin_watching() }
      guard state.descriptor >= 0 else { return nil }
      // So that watches that have ended are known, and what came to a folder before now is not taken for news of it.
      state.read()
      let former = state.table.folders(of: stream)
      if former.elementsEqual(folders, by: { $0.isWatched(at: $1) }) { return nil }
      state.table.beginAsking()
      return (state.descriptor, former)
    }
    guard let question else { return }
    // Without the lock: a disk that hangs must not hold up the streams of others. The descriptor stays open as long as
    // this stream has not left.
    let watched = ask(question.descriptor, folders, known: question.former)
    state.withLock { state in state.forget(state.table.watch(watched, for: stream)) }
  }

  /// The folders that the system watches, but for those that are known already.
  private func ask(_ descriptor: Int32, _ folders: [FolderStamp], known: [WatchedFolder]) -> [WatchedFolder] {
    let known = Dictionary(known.map { ($0.stamp.path, $0) }, uniquingKeysWith: { first, _ in first })
    var isFull = false
    return folders.compactMap { stamp in
      if let before = known[stamp.path], before.isWatched(at: stamp) { return before }
      if isFull { return nil }
      let number = martlet_watch_folder(descriptor, stamp.path.text)
      // There are no more, for any folder.
      isFull = number < 0 && errno == ENOSPC
      return number < 0 ? nil : WatchedFolder(stamp: stamp, number: number)
    }
  }

  /// What has come to the folders of a stream since this was asked last.
  func take(_ stream: Int) -> Arrivals {
    state.withLock { state in
      state.read()
      return state.table.take(stream)
    }
  }
}

extension ArrivalWatch.State {
  /// Reads what the system has to say.
  fileprivate mutating func read() {
    guard descriptor >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 8) { buffer in
      // The size of the buffer is not zero.
      let base = buffer.baseAddress.unsafelyUnwrapped
      while true {
        let count = systemRead(descriptor, base, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        var offset = 0
        while offset < count, let (record, length) = ArrivalRecord.read(base + offset, count - offset) {
          table.note(record)
          offset += length
        }
      }
    }
  }

  /// Ends the watches of these folders.
  fileprivate func forget(_ numbers: [Int32]) {
    for number in numbers { martlet_forget_folder(descriptor, number) }
  }
}

extension ArrivalRecord {
  /// The record at `bytes`, of which there are `count`, and its length.
  fileprivate static func read(_ bytes: UnsafeRawPointer, _ count: Int) -> (ArrivalRecord, length: Int)? {
    var found = martlet_arrival()
    let length = martlet_read_arrival(bytes, Int32(count), &found)
    guard length > 0 else { return nil }
    switch found.kind {
    case MARTLET_NAME_MADE, MARTLET_NAME_MOVED_IN:
      let record = ArrivalRecord.arrival(
        folder: found.folder, name: String(cString: found.name), wasMoved: found.kind == MARTLET_NAME_MOVED_IN)
      return (record, Int(length))
    case MARTLET_WATCH_ENDED: return (.end(folder: found.folder), Int(length))
    case MARTLET_RECORDS_LOST: return (.overflow, Int(length))
    default: return (.other, Int(length))
    }
  }
}

private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(descriptor, target, count)
}
