import MartletCore
import MartletLog
import MartletRDD
import MartletStreaming

/// An error: no process uses the checkpoint, and the program cannot continue from its contents.
struct UnusableCheckpoint: Error {
  let reason: any Error

  /// Returns `nil` if the error is not about the checkpoint itself: its folder cannot be read now, or a clock is wrong.
  init?(_ error: any Error) {
    let code = (error as? MartletError)?.code
    guard code == .corruptData || code == .invalidConfiguration || error is ByteReader.Malformed else { return nil }
    reason = error
  }
}

extension LogFolder {
  /// Renames the folder, and returns the new name. Does nothing to a folder that a process uses.
  ///
  /// - Throws: `MartletError(.invalidState)` if another process has taken the folder meanwhile.
  static func putAside(_ path: String) throws -> String {
    let lock = try SystemFile.lockable("\(path)/lock")
    guard try lock.tryLock() else {
      throw MartletError(
        .invalidState,
        "The checkpoint '\(path)' is in use by another process, which has just started. Stop that process first.")
    }
    defer { lock.unlock() }
    var number = 1
    while try Folder.nameIsTaken("\(path).unusable-\(number)") { number += 1 }
    let name = "\(path).unusable-\(number)"
    try Folder.publish(path, as: name)
    return name
  }
}
