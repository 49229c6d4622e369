#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// The folder of a checkpoint, and who owns it.
///
/// ```
/// lock                     held by the process that owns the checkpoint, while it lives
/// epoch-00000002           the second owner's claim
/// log-00000002-00000001    the first segment of its log
/// inputs/…                 what receivers have received, in a folder for each input
/// ```
/// Every owner has an epoch, a number higher than those of all before it, and writes files of its epoch alone. An owner
/// whose claim is not the newest any more, because another process was told to take over, is fenced: it may write to
/// its own files still, but what it adds is never read, and before it begins or ends a batch it finds out and fails.
package final class CheckpointFolder: Sendable {
  package let path: String
  /// The number of this owner.
  package let epoch: Int
  private let lock: SystemFile?

  /// Becomes the owner.
  ///
  /// - Parameter takingOver: whether a process that is alive may be fenced off.
  /// - Throws: `MartletError(.invalidState)`, with the process's id, if another one owns the folder.
  package init(_ path: String, takingOver: Bool) throws {
    self.path = path
    try Folder.create(path)
    let lock = try SystemFile.lockable("\(path)/lock")
    let isFree = try lock.tryLock()
    let claims = try Self.claims(path)
    if !isFree && !takingOver {
      let holder = claims.max { $0.epoch < $1.epoch }.map { "the process \($0.process)" } ?? "another process"
      throw MartletError(
        .invalidState,
        """
        The checkpoint '\(path)' is in use: \(holder) works with it. Stop that process first; or, if it hangs and cannot \
        be stopped, take over with CheckpointOptions(takeOver: true): it is fenced off then.
        """)
    }
    self.lock = isFree ? lock : nil
    var epoch = (claims.map(\.epoch) + (try Self.segments(path)).map(\.epoch)).max().map { $0 + 1 } ?? 1
    while try !Self.claim(path, epoch) { epoch += 1 }
    self.epoch = epoch
  }

  deinit { lock?.unlock() }

  /// Who has claimed the checkpoint.
  package struct Claim: Sendable {
    package var epoch: Int
    package var process: Int32
    /// Whether the owner has begun a log.
    package var hasBegun: Bool
  }

  /// Claims in the folder, in no order.
  package static func claims(_ path: String) throws -> [Claim] {
    try Folder.names(path).compactMap { name in
      guard name.hasPrefix("epoch-"), let epoch = Int(name.dropFirst(6)) else { return nil }
      let text = (try? SystemFile.read("\(path)/\(name)").readAll()).map { String(decoding: $0.bytes, as: UTF8.self) }
      let words = (text ?? "").split(whereSeparator: \.isWhitespace)
      return Claim(
        epoch: epoch, process: words.first.flatMap { Int32($0) } ?? 0, hasBegun: words.last == "begun")
    }
  }

  /// The segments in the folder.
  package static func segments(_ path: String) throws -> Set<SegmentName> {
    Set(try Folder.names(path).compactMap { SegmentName(fileName: $0) })
  }

  /// What there is to be read, by whomever.
  package static func observe(_ path: String) throws -> ObservedLog {
    let claims = try claims(path)
    return ObservedLog(
      epochs: Dictionary(claims.map { ($0.epoch, $0.hasBegun) }, uniquingKeysWith: { $0 || $1 }),
      segments: try segments(path), folder: path,
      read: { try SystemFile.read("\(path)/\($0)").readAll() })
  }

  /// Where an input may keep files of its own.
  package static func inputFolder(_ id: String, in path: String) -> String {
    "\(path)/inputs/\(String(id.stableHash(seed: 0), radix: 16))"
  }

  /// Whether a process holds the checkpoint, as far as the lock tells; asked without taking it.
  package static func isLocked(_ path: String) -> Bool {
    guard (try? Folder.nameIsTaken("\(path)/lock")) == true else { return false }
    return (try? SystemFile.read("\(path)/lock").isLockedBySomebody()) ?? false
  }

  private static func claimPath(_ path: String, _ epoch: Int) -> String { "\(path)/epoch-\(eightDigits(epoch))" }

  /// Makes the claim; false if somebody else was faster.
  private static func claim(_ path: String, _ epoch: Int) throws -> Bool {
    let file = claimPath(path, epoch)
    let claim: SystemFile
    do { claim = try SystemFile.create(file) } catch {
      if try Folder.nameIsTaken(file) { return false }
      throw error
    }
    try claim.write(Array("\(getpid()) claimed\n".utf8))
    try claim.synchronize()
    try Folder.synchronize(path)
    return true
  }

  /// Notes that this owner's log exists: from now on it must be there.
  package func noteLogHasBegun() throws {
    let claim = try DurableFile(path: Self.claimPath(path, epoch))
    try claim.write(Array("\(getpid()) begun\n".utf8))
    try claim.publish()
  }

  /// Removes the claims of former owners.
  package func removeFormerClaims() throws {
    for claim in try Self.claims(path) where claim.epoch < epoch {
      try Folder.remove(Self.claimPath(path, claim.epoch))
    }
  }

  /// Throws if another process has taken over.
  package func refuseIfFenced() throws {
    guard access(Self.claimPath(path, epoch), F_OK) == 0, access(Self.claimPath(path, epoch + 1), F_OK) != 0 else {
      throw MartletError(
        .invalidState,
        """
        Another process has taken over the checkpoint '\(path)'. This one is fenced off: nothing that it does from now \
        on counts, and it ends.
        """)
    }
  }
}
