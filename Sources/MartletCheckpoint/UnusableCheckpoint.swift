import MartletCore
import MartletLog
import MartletRDD
import MartletStreaming

/// Nobody works with a checkpoint, and the program cannot go on with what it holds.
struct UnusableCheckpoint: Error {
  let reason: any Error

  /// `nil` if the error says nothing about the checkpoint: its folder cannot be read now, or a clock is wrong.
  init?(_ error: any Error) {
    let code = (error as? MartletError)?.code
    guard code == .corruptData || code == .invalidConfiguration || error is ByteReader.Malformed else { return nil }
    reason = error
  }
}

extension LogFolder {
  /// Gives the folder another name, under which it stays; which one. Nothing happens to a folder that a process works with.
  ///
  /// - Throws: `MartletError(.invalidState)` if somebody has taken the folder meanwhile.
  static func putAside(_ path: String) throws -> String {
    let lock = try SystemFile.lockable("\(path)/lock")
    guard try lock.tryLock() else {
      throw MartletError(
        .invalidState, "The checkpoint '\(path)' is in use: another process has just begun to work with it.")
    }
    defer { lock.unlock() }
    var number = 1
    while try Folder.nameIsTaken("\(path).unusable-\(number)") { number += 1 }
    let name = "\(path).unusable-\(number)"
    try Folder.publish(path, as: name)
    return name
  }
}
