import MartletCore
package import MartletLog
import MartletStreaming

// The folder of a checkpoint is that of its log. In addition, it contains `inputs/…`: a folder for each input that
// stores files.

extension LogFolder {
  /// Takes ownership of the folder of a checkpoint; see `init(_:takingOver:_:accept:)`.
  convenience init(checkpoint path: String, takingOver: Bool, accept: (_ isInUse: Bool) throws -> Void) throws {
    let messages = OwnershipMessages(
      folder: "The folder of the checkpoint",
      inUse: { holder in
        """
        The checkpoint '\(path)' is in use by \(holder). Stop that process first. If it hangs and cannot be stopped, \
        fence it off with CheckpointOptions(takeOver: true).
        """
      },
      gone: """
        The checkpoint '\(path)' was moved, removed or emptied while this program was using it. The program ends, \
        because it cannot store anything more. Restore the folder and start the program again; without it, the \
        program starts from nothing.
        """,
      fenced: """
        Another process has taken over the checkpoint '\(path)'. This one is fenced off: nothing that it does from \
        now on counts, and it ends.
        """)
    try self.init(path, takingOver: takingOver, messages, accept: accept)
  }

  /// The folder in which an input may store its own files.
  package static func inputFolder(_ id: String, in path: String) -> String {
    "\(path)/inputs/\(String(id.stableHash(seed: 0), radix: 16))"
  }

  /// The contents of the log, and the facts from which they were read; no contents if there is no log yet.
  package static func readCheckpoint(_ path: String) throws -> (log: RecoveredCheckpoint?, observed: ObservedLog) {
    try read(path) { (try RecoveredCheckpoint($0), $0) }
  }

  /// The present log; `found`, which was read before, if nothing has been added to it since.
  func readCheckpoint(since found: RecoveredCheckpoint?) throws -> RecoveredCheckpoint? {
    if let found, try isCurrent(found.parts, bytesOfLast: found.bytesOfLast) { return found }
    return try Self.readCheckpoint(path).log
  }
}
