import MartletCore

/// Writes the segments of this owner: records at the end of the newest, then the next one.
///
/// Not for several threads at once: `Checkpoint` uses it with its lock held.
struct LogWriter {
  private let folder: CheckpointFolder
  private var file: SystemFile?
  private var name: SegmentName
  /// The bytes of the segment.
  private(set) var length = 0
  /// So many of them are on the disk for certain.
  private(set) var syncedLength = 0
  /// With so many it began.
  private(set) var beginningLength = 0
  /// The segments that are to be read before this one.
  private(set) var before: SegmentChain

  /// An end of the log, to be brought to the disk while more is written.
  struct End {
    fileprivate let file: SystemFile
    fileprivate let length: Int

    func synchronize() throws { try file.synchronizeData() }
  }

  /// - Parameter before: what former owners have written.
  init(_ folder: CheckpointFolder, before: SegmentChain) {
    self.folder = folder
    self.before = before
    name = SegmentName(epoch: folder.epoch, number: 0)
  }

  // MARK: Records

  /// Appends the records that `write` makes, with one call of the system.
  ///
  /// - Returns: where the log ends now.
  @discardableResult
  mutating func append(_ write: (LogFrames) -> Void) throws -> End {
    guard let file else { throw MartletError(.invalidState, "The checkpoint '\(folder.path)' has been closed.") }
    let frames = LogFrames(in: name, at: length)
    write(frames)
    try file.write(frames.out.bytes)
    length += frames.out.count
    return End(file: file, length: length)
  }

  /// Notes that the log is on the disk up to `end`.
  mutating func noteSynced(_ end: End) {
    if end.file === file { syncedLength = max(syncedLength, end.length) }
  }

  // MARK: Segments

  /// Makes the next segment, and goes on writing there. It has its name when all that it begins with is on the disk.
  mutating func beginSegment(_ beginning: SegmentBeginning) throws {
    let next = SegmentName(epoch: folder.epoch, number: name.number + 1)
    let out = beginning.encoded(as: next, before: before.parts)
    let path = "\(folder.path)/\(next)"
    let temporary = hiddenSibling(of: path)
    let file = try SystemFile.create(temporary)
    do {
      try file.write(out.bytes)
      try file.synchronize()
      try Folder.rename(temporary, to: path)
      try Folder.synchronize(folder.path)
    } catch {
      try? Folder.remove(temporary)
      throw error
    }
    self.file = file
    name = next
    length = out.count
    beginningLength = out.count
    syncedLength = out.count
  }

  /// Goes on in a new segment, which needs only the one before it, and those that it takes to look back.
  ///
  /// - Parameter horizon: states after batches up to this time are not looked back at.
  /// - Returns: the segments that nobody needs any more.
  mutating func roll(
    _ beginning: SegmentBeginning, lookingBackTo horizon: Time, onStep: (@Sendable (BatchStep) -> Void)?
  ) throws -> [SegmentPart] {
    guard let old = file else { return [] }
    try old.synchronizeData()
    let seal = LogFrames(in: name, at: length)
    before.append(
      SegmentPart(name: name, length: length), doneThrough: beginning.doneThrough, holdsState: true)
    let obsolete = before.dropOld(before: horizon)
    try beginSegment(beginning)
    onStep?(.segmentBegun)
    seal.append(.sealed) { _ in }
    try old.write(seal.out.bytes)
    try old.synchronizeData()
    onStep?(.segmentSealed)
    return obsolete
  }

  // MARK: Ending

  /// Notes that the program was stopped in good order.
  mutating func end() throws {
    try append { $0.append(.stopped) { _ in } }.synchronize()
  }

  /// Ends writing, in whatever order. Closing it again does nothing.
  mutating func close() { file = nil }

  /// Whether a segment has been begun, and the log has not been closed.
  var isOpen: Bool { file != nil }
}

/// Records that are written together.
struct LogFrames {
  let out = ByteBuffer()
  private let segment: SegmentName
  private let start: Int

  /// Records that will stand at `position` of a segment.
  init(in segment: SegmentName, at position: Int) {
    self.segment = segment
    start = position
  }

  func append(_ kind: LogRecord.Kind, _ body: (ByteBuffer) -> Void) {
    LogFrame.append(kind, in: segment, at: start + out.count, to: out, body)
  }

  /// What the input of this number must know to go on.
  func append(progress: ByteBuffer, of input: Int) {
    append(.progress) { out in
      out.append(variable: UInt64(input))
      out.append(progress.base, count: progress.count)
    }
  }
}
