#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// The folder of a log, and its owner.
///
/// ```
/// lock                     held by the process that owns the folder, while it lives
/// epoch-00000002           the second owner's claim, which it holds a lock on too
/// log-00000002-00000001    the first segment of its log
/// kept-00000002/…          second names of segments, made by an owner that took over from a process that was alive
/// ```
/// Every owner has an epoch, a number higher than those of all before it, and writes files of its epoch alone. An owner
/// whose claim is not the newest any more, because another process took over, is fenced off: it may still write to its
/// own files, but nothing that it adds is ever read, and `refuseIfFenced()` throws.
package final class LogFolder: Sendable {
  package let path: String
  /// The number of this owner.
  package let epoch: Int
  private let lock: SystemFile?
  private let claim: SystemFile
  private let messages: OwnershipMessages

  /// Becomes the owner, if `accept` does not throw.
  ///
  /// Nothing of an owner that is at work is touched before `accept` has returned. The claim made then has the next number
  /// after those that were there before `accept` was called: if somebody else was faster, `accept` is called once more.
  /// - Parameters:
  ///   - takingOver: whether a process that is alive may be fenced off.
  ///   - accept: looks at the contents of the folder, and throws if this process cannot continue from them. It is told
  ///     whether a process is at work in the folder.
  /// - Throws: `MartletError(.invalidState)`, with the process's id, if another one owns the folder; what `accept` throws.
  package init(
    _ path: String, takingOver: Bool, _ messages: OwnershipMessages,
    accept: (_ isInUse: Bool) throws -> Void = { _ in }
  ) throws {
    self.path = path
    self.messages = messages
    try explaining(messages.folder) { try Folder.create(path) }
    let lock = try SystemFile.lockable("\(path)/lock")
    let hasLock = try lock.tryLock()
    while true {
      // Before the claims: who claims the folder from now on takes the number that this owner would take.
      let written = try Self.lastSegmentEpoch(path)
      let newest = try Self.claims(path).max { $0.epoch < $1.epoch }
      // An owner that has taken over holds its claim alone, as long as the one before it lives.
      guard let isHeld = try newest.map({ try Self.isHeld(path, $0) }) ?? false else { continue }
      let isFree = hasLock && !isHeld
      if !isFree && !takingOver {
        // One that has not claimed it yet leaves its number nowhere.
        let holder = newest.flatMap { isHeld ? "the process \($0.process)" : nil } ?? "another process"
        throw MartletError(.invalidState, messages.inUse(holder))
      }
      let next = max(newest?.epoch ?? 0, written) + 1
      try accept(!isFree)
      guard let claim = try Self.claim(path, next) else { continue }
      guard try Self.lastEpoch(path) == next else {
        // Others have come and gone since the claims were listed.
        try Folder.remove(Self.claimPath(path, next))
        continue
      }
      self.lock = hasLock ? lock : nil
      self.claim = claim
      epoch = next
      if !isFree { try keepSegments() }
      return
    }
  }

  deinit { release() }

  /// Lets others have the folder.
  package func release() {
    lock?.unlock()
    claim.unlock()
  }

  /// An owner's claim.
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

  /// Whether the process that made the claim is alive; `nil` if a later owner has removed the claim meanwhile.
  private static func isHeld(_ path: String, _ claim: Claim) throws -> Bool? {
    let file = claimPath(path, claim.epoch)
    do { return try SystemFile.read(file).isLockedBySomebody() } catch {
      if try Folder.nameIsTaken(file) { throw error }
      return nil
    }
  }

  /// The highest epoch of which there is anything.
  private static func lastEpoch(_ path: String) throws -> Int {
    max(try claims(path).map(\.epoch).max() ?? 0, try lastSegmentEpoch(path))
  }

  private static func lastSegmentEpoch(_ path: String) throws -> Int { try segments(path).map(\.epoch).max() ?? 0 }

  /// The segments in the folder.
  package static func segments(_ path: String) throws -> Set<SegmentName> {
    Set(try Folder.names(path).compactMap { SegmentName(fileName: $0) })
  }

  /// Whether the process that has made the newest claim is alive.
  package static func isLocked(_ path: String) -> Bool {
    guard let newest = (try? claims(path))?.max(by: { $0.epoch < $1.epoch }) else { return false }
    return (try? isHeld(path, newest)) == true
  }

  private static func claimPath(_ path: String, _ epoch: Int) -> String { "\(path)/epoch-\(eightDigits(epoch))" }

  /// Makes the claim and locks it; nil if somebody else was faster. It is locked before it can be seen.
  private static func claim(_ path: String, _ epoch: Int) throws -> SystemFile? {
    let target = claimPath(path, epoch)
    let temporary = hiddenSibling(of: target)
    let claim = try SystemFile.create(temporary)
    do {
      _ = try claim.tryLock()
      try claim.write(Array("\(getpid()) claimed\n".utf8))
      try Folder.publish(temporary, as: target)
      return claim
    } catch {
      try? Folder.remove(temporary)
      if let error = error as? MartletError, error.code == .invalidState { return nil }
      throw error
    }
  }

  /// Notes that this owner's log exists: from now on it must be there.
  package func noteLogHasBegun() throws {
    // In place: a claim that a later owner has removed must not come back.
    try claim.write(Array("begun\n".utf8))
    try claim.synchronize()
  }

  /// Removes the claims of former owners, and what they had not given its name yet when they were killed.
  package func removeFormerClaims() throws {
    // The oldest first: an owner whose own claim is there looks for the next one.
    for claim in try Self.claims(path).sorted(by: { $0.epoch < $1.epoch }) where claim.epoch < epoch {
      try Folder.remove(Self.claimPath(path, claim.epoch))
    }
    for name in try Folder.names(path) where name.hasPrefix(".epoch-") || name.hasPrefix(".log-") {
      let digits = name.drop { $0 != "-" }.dropFirst().prefix { $0.isNumber }
      if let former = Int(digits), former < epoch { try Folder.remove("\(path)/\(name)") }
    }
  }

  /// Removes the segments of former owners that nobody needs: one may have been killed before it had removed them.
  package func removeFormerSegments(except needed: Set<SegmentName>) throws {
    for name in try Self.segments(path) where name.epoch < epoch && !needed.contains(name) { try remove(name) }
  }

  /// Throws if another process has taken over.
  package func refuseIfFenced() throws {
    // In this order: the claims of former owners are removed, that of this one first.
    guard try Folder.nameIsTaken(Self.claimPath(path, epoch + 1)) || !Folder.nameIsTaken(Self.claimPath(path, epoch))
    else { return }
    guard try Folder.nameIsTaken(path), try Self.lastEpoch(path) > epoch else {
      throw MartletError(.invalidState, messages.gone)
    }
    throw MartletError(.invalidState, messages.fenced)
  }
}
