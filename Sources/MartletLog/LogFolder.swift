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
/// lock                     locked by the process that owns the folder, during its lifetime
/// epoch-00000002           the second owner's claim, also locked by it
/// log-00000002-00000001    the first segment of its log
/// kept-00000002/…          hard links to segments, made by an owner that took over from a running process
/// ```
/// Every owner has an epoch, a number higher than those of all previous owners, and only writes files of its epoch. An
/// owner whose claim is no longer the newest, because another process took over, is fenced off: it may still write to
/// its own files, but nothing that it adds is ever read, and `refuseIfFenced()` throws.
package final class LogFolder: Sendable {
  package let path: String
  /// The epoch of this owner.
  package let epoch: Int
  private let lock: SystemFile?
  private let claim: SystemFile
  private let messages: OwnershipMessages

  /// Takes ownership of the folder, unless `accept` throws.
  ///
  /// Nothing of a running owner is touched before `accept` has returned. The new claim has the next number after those
  /// that existed before `accept` was called: if another process was faster, `accept` is called again.
  /// - Parameters:
  ///   - takingOver: true if a running process may be fenced off.
  ///   - accept: checks the contents of the folder, and throws if this process cannot continue from them. Its argument
  ///     is whether a process is running in the folder.
  /// - Throws: `MartletError(.invalidState)`, with the process's id, if another one owns the folder; the error of
  ///   `accept`.
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
      // Read before the claims: a process that claims the folder from now on takes the number that this owner would
      // take.
      let written = try Self.lastSegmentEpoch(path)
      let newest = try Self.claims(path).max { $0.epoch < $1.epoch }
      // An owner that has taken over holds only its claim, as long as the previous owner lives.
      guard let isHeld = try newest.map({ try Self.isHeld(path, $0) }) ?? false else { continue }
      let isFree = hasLock && !isHeld
      if !isFree && !takingOver {
        // A process that has not made its claim yet leaves no id.
        let holder = newest.flatMap { isHeld ? "the process \($0.process)" : nil } ?? "another process"
        throw MartletError(.invalidState, messages.inUse(holder))
      }
      let next = max(newest?.epoch ?? 0, written) + 1
      try accept(!isFree)
      guard let claim = try Self.claim(path, next) else { continue }
      guard try Self.lastEpoch(path) == next else {
        // Other owners have come and gone since the claims were listed.
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

  /// Gives up ownership of the folder.
  package func release() {
    lock?.unlock()
    claim.unlock()
  }

  /// The claim of an owner.
  package struct Claim: Sendable {
    package var epoch: Int
    package var process: Int32
    /// True if the owner has started a log.
    package var hasBegun: Bool
  }

  /// The claims in the folder, in no particular order.
  package static func claims(_ path: String) throws -> [Claim] {
    try Folder.names(path).compactMap { name in
      guard name.hasPrefix("epoch-"), let epoch = Int(name.dropFirst(6)) else { return nil }
      let text = (try? SystemFile.read("\(path)/\(name)").readAll()).map { String(decoding: $0.bytes, as: UTF8.self) }
      let words = (text ?? "").split(whereSeparator: \.isWhitespace)
      return Claim(
        epoch: epoch, process: words.first.flatMap { Int32($0) } ?? 0, hasBegun: words.last == "begun")
    }
  }

  /// Returns true if the process that made the claim is running; `nil` if a later owner has removed the claim
  /// meanwhile.
  private static func isHeld(_ path: String, _ claim: Claim) throws -> Bool? {
    let file = claimPath(path, claim.epoch)
    do { return try SystemFile.read(file).isLockedBySomebody() } catch {
      if try Folder.nameIsTaken(file) { throw error }
      return nil
    }
  }

  /// The highest epoch of any file.
  private static func lastEpoch(_ path: String) throws -> Int {
    max(try claims(path).map(\.epoch).max() ?? 0, try lastSegmentEpoch(path))
  }

  private static func lastSegmentEpoch(_ path: String) throws -> Int { try segments(path).map(\.epoch).max() ?? 0 }

  /// The segments in the folder.
  package static func segments(_ path: String) throws -> Set<SegmentName> {
    Set(try Folder.names(path).compactMap { SegmentName(fileName: $0) })
  }

  /// Returns true if the process that made the newest claim is running.
  package static func isLocked(_ path: String) -> Bool {
    guard let newest = (try? claims(path))?.max(by: { $0.epoch < $1.epoch }) else { return false }
    return (try? isHeld(path, newest)) == true
  }

  private static func claimPath(_ path: String, _ epoch: Int) -> String { "\(path)/epoch-\(eightDigits(epoch))" }

  /// Makes the claim and locks it; returns `nil` if another process was faster. It is locked before it becomes visible.
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

  /// Records that this owner's log exists: from now on it must be present.
  package func noteLogHasBegun() throws {
    // In place: a claim that a later owner has removed must not reappear.
    try claim.write(Array("begun\n".utf8))
    try claim.synchronize()
  }

  /// Removes the claims of former owners, and the temporary files that they left when they were killed.
  package func removeFormerClaims() throws {
    // The oldest first: an owner whose own claim exists checks for the next one.
    for claim in try Self.claims(path).sorted(by: { $0.epoch < $1.epoch }) where claim.epoch < epoch {
      try Folder.remove(Self.claimPath(path, claim.epoch))
    }
    for name in try Folder.names(path) where name.hasPrefix(".epoch-") || name.hasPrefix(".log-") {
      let digits = name.drop { $0 != "-" }.dropFirst().prefix { $0.isNumber }
      if let former = Int(digits), former < epoch { try Folder.remove("\(path)/\(name)") }
    }
  }

  /// Removes the segments of former owners that are not needed: an owner may have been killed before it could remove
  /// them.
  package func removeFormerSegments(except needed: Set<SegmentName>) throws {
    for name in try Self.segments(path) where name.epoch < epoch && !needed.contains(name) { try remove(name) }
  }

  /// Throws if another process has taken over.
  package func refuseIfFenced() throws {
    // In this order: when claims of former owners are removed, that of this one is removed first.
    guard try Folder.nameIsTaken(Self.claimPath(path, epoch + 1)) || !Folder.nameIsTaken(Self.claimPath(path, epoch))
    else { return }
    guard try Folder.nameIsTaken(path), try Self.lastEpoch(path) > epoch else {
      throw MartletError(.invalidState, messages.gone)
    }
    throw MartletError(.invalidState, messages.fenced)
  }
}
