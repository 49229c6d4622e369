package import MartletCore
import MartletLog
import MartletRDD
package import MartletStreaming
import Synchronization

/// The data of a receiver's input for the checkpoint.
struct KeptBlocks<Element: Sendable> {
  let log: InputLog
  /// Reads the log; `nil` if elements have no codec.
  let reader: LoggedBlocks<Element>?
  /// The codec for received records; `nil` if the log is turned off.
  let codecOfLog: ElementCodec<Element>?
  var books = ReceiverLedger()
  /// The log, once the receiver has been started.
  var writing: ReceiverLog<Element>?
}

extension ReceiverInput: RecoverableInput {
  package var inputIdentity: String { "\(site.name)(\(receiver.nameInCheckpoints))" }

  /// The codecs for the present contents of the log, `nil` if elements have no binary form; and for new records, `nil`
  /// if the log is turned off.
  func codecs() throws -> (stored: ElementCodec<Element>?, new: ElementCodec<Element>?) {
    let isOn = try context.sparkContext.conf.flag(ReceiverSetting.writeAheadLogKey, default: true)
    let codec = ElementCodec<Element>.makeDurable()
    guard codec != nil || !isOn else {
      throw MartletError(
        .invalidArgument,
        """
        \(site.name) at \(site.callSite): with a checkpoint, received records are first written to a log, but \
        \(String(reflecting: Element.self)) has no binary form. Make it a Codable structure or enumeration, or set \
        \(ReceiverSetting.writeAheadLogKey) to false; records that were received but not processed are then lost \
        with the process.
        """)
    }
    return (codec, isOn ? codec : nil)
  }

  private func nothingKept(in log: InputLog) throws -> KeptBlocks<Element> {
    let codecs = try codecs()
    return KeptBlocks(
      log: log, reader: codecs.stored.map { LoggedBlocks(folder: log.folder, codec: $0) }, codecOfLog: codecs.new)
  }

  package func keepPlans(_ log: InputLog) throws {
    let nothing = try nothingKept(in: log)
    kept.withLock { $0 = nothing }
  }

  package func expectRecoverable(_ progress: UnsafeRawBufferPointer?, _ plans: [InputPlan], _ log: InputLog) throws {
    var kept = try nothingKept(in: log)
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
    // A segment that cannot be removed now is found again by the next start, and does no harm.
    for segment in segments { try? Folder.remove("\(folder)/\(segment)") }
  }
}

extension KeptBlocks {
  /// Finds the records of earlier runs that are not assigned to a batch, and the files.
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
        The receiver's log in '\(log.folder)' contains records that are not processed yet, but \
        \(String(reflecting: Element.self)) has no binary form to read them. Revert the element type, run the \
        program once and stop it gracefully.
        """)
    }
    return (leftovers, segments)
  }

  /// Finds the records of earlier runs, and begins a new run; returns the stretches of earlier batches.
  fileprivate mutating func findLeftovers() throws -> [(time: Time, stretches: [BlockStretch])] {
    let (leftovers, segments) = try lookForLeftovers()
    // A run that was killed may have written these without waiting for the disk. From now on they must exist.
    for segment in Set(leftovers.map(\.segment)) {
      try SystemFile.read("\(log.folder)/\(segment)").synchronizeData()
    }
    if !leftovers.isEmpty { try Folder.synchronize(log.folder) }
    books.begin(epoch: log.epoch, leftovers: leftovers, segments: segments)
    return books.retained
  }
}
