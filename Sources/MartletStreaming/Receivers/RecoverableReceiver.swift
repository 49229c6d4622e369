package import MartletCore
import MartletLog
import MartletRDD
import Synchronization

/// What a receiver's input keeps for the checkpoint.
struct KeptBlocks<Element: Sendable> {
  let log: InputLog
  /// Reads what the log holds; `nil` if elements have no codec.
  let reader: LoggedBlocks<Element>?
  /// For what is received; `nil` if the log is switched off.
  let codecOfLog: ElementCodec<Element>?
  var books = ReceiverLedger()
  /// The log, once the receiver has been started.
  var writing: ReceiverLog<Element>?
}

extension ReceiverInput: RecoverableInput {
  package var inputIdentity: String { "\(site.name)(\(receiver.nameInCheckpoints))" }

  /// For what the log holds, `nil` if elements have no binary form; and for what it is to hold, `nil` if it is off.
  func codecs() throws -> (stored: ElementCodec<Element>?, new: ElementCodec<Element>?) {
    let isOn = try context.sparkContext.conf.get(.writeAheadLog) ?? true
    let codec = ElementCodec<Element>.makeDurable()
    guard codec != nil || !isOn else {
      throw MartletError(
        .invalidArgument,
        """
        \(site): with a checkpoint, what is received is written to a log first, and \
        \(String(reflecting: Element.self)) has no binary form. Make it a Codable structure or enum; or set \
        martlet.streaming.receiver.writeAheadLog.enable to false, and what was received and not processed is lost \
        with the process.
        """)
    }
    return (codec, isOn ? codec : nil)
  }

  private func emptyBlocks(in log: InputLog) throws -> KeptBlocks<Element> {
    let codecs = try codecs()
    return KeptBlocks(
      log: log, reader: codecs.stored.map { LoggedBlocks(folder: log.folder, codec: $0) }, codecOfLog: codecs.new)
  }

  package func keepPlans(_ log: InputLog) throws {
    let empty = try emptyBlocks(in: log)
    kept.withLock { $0 = empty }
  }

  package func expectRecoverable(_ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog) throws {
    var kept = try emptyBlocks(in: log)
    if let progress { kept.books.restore(progress: try ReceiverProgress(progress)) }
    for plan in plans { try kept.books.restore(plan: plan) }
    _ = try kept.lookForLeftovers()
  }

  package func takePlans() -> [InputPlan] { kept.withLock { $0?.books.takePlans() } ?? [] }

  package func progress() -> ByteBuffer { (kept.withLock { $0?.books.progress } ?? ReceiverProgress()).encoded() }

  package func restore(progress bytes: UnsafeRawBufferPointer) throws {
    let progress = try ReceiverProgress(bytes)
    kept.withLock { $0?.books.restore(progress: progress) }
  }

  package func restore(plan: InputPlan) throws {
    try kept.withLock { try $0?.books.restore(plan: plan) }
  }

  package func endRecovery() throws {
    let plans = try kept.withLock { kept in
      guard kept != nil else { return [(time: Time, stretches: [BlockStretch])]() }
      return try kept?.findLeftovers() ?? []
    }
    for plan in plans {
      allocateAgain(plan.time, plan.stretches, records: plan.stretches.reduce(0) { $0 + $1.records })
    }
  }

  package var keepsFiles: Bool { true }

  package func forget(through time: Time) {
    let (folder, segments) = kept.withLock { ($0?.log.folder ?? "", $0?.books.forget(through: time) ?? []) }
    // What cannot be removed now is found again after the next start, and does no harm.
    for segment in segments { try? Folder.remove("\(folder)/\(segment)") }
  }
}

extension KeptBlocks {
  /// Looks for what the runs before this one have received: what of it no batch has been given, and the files.
  fileprivate mutating func lookForLeftovers() throws -> (leftovers: [BlockStretch], segments: [SegmentName]) {
    let names = try Folder.nameIsTaken(log.folder) ? Folder.names(log.folder) : []
    let segments = names.compactMap { SegmentName(fileName: $0) }
    let progress = books.progress
    let facts = try segments.filter { segment in
      segment.epoch < log.epoch && segment.epoch >= progress.epoch
        && (segment.epoch > progress.epoch || segment.number >= progress.given.number)
    }.map { segment in
      let file = try SegmentFile(try SystemFile.read("\(log.folder)/\(segment)"))
      return try SegmentFacts(segment, of: BlockKind.vocabulary, in: file)
    }
    let leftovers = try progress.leftovers(plans: books.restored, files: facts, folder: log.folder)
    if log.leavesOutMissing, let reader { books.leaveOut { (try? reader.expect($0)) == nil } }
    let given = books.retainedStretches
    if let reader {
      try reader.expect(given + leftovers)
    } else if !(given + leftovers).isEmpty {
      throw MartletError(
        .corruptData,
        """
        The receiver's log in '\(log.folder)' holds records that are not processed yet, and \
        \(String(reflecting: Element.self)) has no binary form to read them. Set the element type back, run the \
        program once and stop it gracefully.
        """)
    }
    return (leftovers, segments)
  }

  /// Looks for what the runs before this one have received, and begins a new one; what batches were given before.
  fileprivate mutating func findLeftovers() throws -> [(time: Time, stretches: [BlockStretch])] {
    let (leftovers, segments) = try lookForLeftovers()
    // A run that was killed may have written these and not waited for the disk. From now on they have to be there.
    for segment in Set(leftovers.map(\.segment)) {
      try SystemFile.read("\(log.folder)/\(segment)").synchronizeData()
    }
    if !leftovers.isEmpty { try Folder.synchronize(log.folder) }
    books.begin(epoch: log.epoch, leftovers: leftovers, segments: segments)
    return books.retained
  }
}
