// Unsafe code. Invariant: records are read only from the part of the buffer that the system has filled, and names are
// copied before it is filled again.

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

/// The only watch of the process for names that appear in folders, because the system limits their number.
///
/// It exists while streams watch folders. Whichever stream asks reads the records of the system for all of them; the
/// table stores them for the others.
final class ArrivalWatch: Sendable {
  static let shared = ArrivalWatch()

  fileprivate struct State: Sendable {
    /// Negative before the first folder is watched, and while the system's limit is reached.
    var descriptor: Int32 = -1
    var table = ArrivalTable()
  }

  private let state = Mutex(State())

  /// True if the system's watch is open.
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

  /// Makes a stream watch only these folders from now on. Folders that the system cannot watch now are requested again
  /// with the next call.
  func watch(_ folders: [FolderStamp], for stream: Int) {
    let question = state.withLock { state -> (descriptor: Int32, former: [WatchedFolder])? in
      if state.descriptor < 0 { state.descriptor = martlet_begin_watching() }
      guard state.descriptor >= 0 else { return nil }
      // Detects watches that have ended, and prevents earlier arrivals in a folder from being taken for new ones.
      state.read()
      let former = state.table.folders(of: stream)
      if former.elementsEqual(folders, by: { $0.isWatched(at: $1) }) { return nil }
      state.table.beginAsking()
      return (state.descriptor, former)
    }
    guard let question else { return }
    // Without the lock: a disk that hangs must not delay the streams of others. The descriptor stays open until this
    // stream has left.
    let watched = ask(question.descriptor, folders, known: question.former)
    state.withLock { state in state.forget(state.table.watch(watched, for: stream)) }
  }

  /// The folders that the system watches, without those that are already known.
  private func ask(_ descriptor: Int32, _ folders: [FolderStamp], known: [WatchedFolder]) -> [WatchedFolder] {
    let known = Dictionary(known.map { ($0.stamp.path, $0) }, uniquingKeysWith: { first, _ in first })
    var isFull = false
    return folders.compactMap { stamp in
      if let before = known[stamp.path], before.isWatched(at: stamp) { return before }
      if isFull { return nil }
      let number = martlet_watch_folder(descriptor, stamp.path.text)
      // The limit is reached, for every folder.
      isFull = number < 0 && errno == ENOSPC
      return number < 0 ? nil : WatchedFolder(stamp: stamp, number: number)
    }
  }

  /// The arrivals in the folders of a stream since the last call.
  func take(_ stream: Int) -> Arrivals {
    state.withLock { state in
      state.read()
      return state.table.take(stream)
    }
  }
}

extension ArrivalWatch.State {
  /// Reads the records of the system.
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
  /// The first record of the `count` bytes at `bytes`, and its length.
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
