package import MartletCore

// Unsafe code. Invariant: a payload is not changed or freed before the call returns.

/// A file that is written sequentially.
package protocol LogFile: AnyObject {
  /// Appends all bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Returns when the bytes written so far are on disk.
  func synchronizeData() throws
  /// Removes the bytes from `length` on.
  func truncate(to length: Int) throws
}

extension SystemFile: LogFile {}

/// Writes the segments of one owner: appends records to the newest one, then begins the next.
///
/// After a failure the owner writes nothing more to the segment, because its content on disk is unknown. It either
/// ends, or calls `abandon()` and continues in the next segment, which states how much of the old one counts.
///
/// After a sync that has failed, the segment is cut back to the bytes that are on the disk for certain. The system takes the
/// others for written: whoever reads the log sees them, and syncs them with success, until the power fails and they are gone
/// (https://wiki.postgresql.org/wiki/Fsync_Errors).
///
/// Not thread-safe.
package final class LogWriter {
  private struct OpenSegment {
    let file: any LogFile
    let name: SegmentName
    var length = 0
    var synced = 0
    /// True if its name is on disk.
    var isNamed = false
  }

  private let folder: String
  private let epoch: Int
  private let vocabulary: String
  private let makeFile: (String) throws -> any LogFile
  private let isOwner: () -> Bool
  private var lastNumber = 0
  private var current: OpenSegment?
  private var previous: OpenSegment?
  /// Frames that are not in the file yet.
  private let staged = ByteBuffer()
  /// The newest segment that is on disk, and the length that is.
  package private(set) var durable: SegmentPart?
  /// The length with which the newest segment was published.
  package private(set) var beginningLength = 0

  /// - Parameter isOwner: whether no other process has taken the log, and reads what this one has written.
  package init(
    _ folder: String, epoch: Int, vocabulary: String,
    makeFile: @escaping (String) throws -> any LogFile = SystemFile.create, isOwner: @escaping () -> Bool
  ) {
    self.folder = folder
    self.epoch = epoch
    self.vocabulary = vocabulary
    self.makeFile = makeFile
    self.isOwner = isOwner
  }

  // MARK: Segments

  /// The newest segment, with the frames that are not in the file yet; `nil` if none is open.
  package var part: SegmentPart? { current.map { SegmentPart(name: $0.name, length: $0.length) } }

  /// The length of the newest segment.
  package var length: Int { current?.length ?? 0 }

  package var isOpen: Bool { current != nil }

  /// Begins the next segment under its final name. The name is on disk after the first `synchronize()`.
  package func begin(before: [SegmentPart], _ content: (ByteBuffer) throws -> Void) throws {
    let name = nextName()
    current = OpenSegment(file: try makeFile("\(folder)/\(name)"), name: name)
    try append(LogFrame.opening) { try SegmentOpening.write(to: $0, vocabulary, before: before, content) }
  }

  /// Begins the next segment, which is renamed to its final name when its opening and the records that `write` makes
  /// are on disk.
  package func publish(
    before: [SegmentPart], _ content: (ByteBuffer) -> Void, records write: (LogFrames) -> Void
  ) throws {
    let name = nextName()
    let frames = LogFrames(at: LogFrame.Place(name, 0))
    frames.append(LogFrame.opening) { SegmentOpening.write(to: $0, vocabulary, before: before, content) }
    write(frames)
    // It cannot be read before all of it is on disk, so the opening may state this.
    var opening = try frames.out.header(at: LogFrame.Place(name, 0))
    opening.synced = frames.out.count
    opening.write(to: frames.out, at: 0)
    let path = "\(folder)/\(name)"
    let temporary = hiddenSibling(of: path)
    let file = try SystemFile.create(temporary)
    do {
      try file.write(frames.out.bytes)
      try file.synchronize()
      try Folder.rename(temporary, to: path)
      try Folder.synchronize(folder)
    } catch {
      try? Folder.remove(temporary)
      throw error
    }
    beginningLength = frames.out.count
    previous = current
    current = OpenSegment(file: file, name: name, length: beginningLength, synced: beginningLength, isNamed: true)
    durable = part
  }

  /// Marks the end of the previous segment, so that the log continues, and returns when the mark is on disk.
  package func sealPrevious() throws {
    guard let previous else { return }
    self.previous = nil
    let frames = LogFrames(at: LogFrame.Place(previous.name, previous.length), synced: previous.synced)
    frames.append(LogFrame.sealed) { _ in }
    do {
      try previous.file.write(frames.out.bytes)
      try previous.file.synchronizeData()
    } catch {
      cut(previous.file, to: previous.length)
      throw error
    }
  }

  private func nextName() -> SegmentName {
    lastNumber += 1
    return SegmentName(epoch: epoch, number: lastNumber)
  }

  /// Ends the newest segment after a failure.
  package func abandon() {
    // A segment of which nothing was on disk can be removed; if it stays, it does no harm.
    if let current, current.synced == 0 { try? Folder.remove("\(folder)/\(current.name)") }
    close()
  }

  /// Ends the newest segment.
  package func close() {
    current = nil
    staged.removeAll()
  }

  // MARK: Records

  /// Appends a frame whose payload `body` writes. It is in the file after the next `flush()`.
  package func append(_ kind: UInt8, count: Int = 0, _ body: (ByteBuffer) throws -> Void = { _ in }) throws {
    let segment = try open()
    let start = staged.count
    try LogFrame.append(
      kind, count: count, synced: segment.synced, at: LogFrame.Place(segment.name, segment.length), to: staged, body)
    current?.length += staged.count - start
    if staged.count > 256 << 10 { try flush() }
  }

  /// Appends a frame. A large payload is not copied.
  package func append(_ kind: UInt8, count: Int, payload: UnsafeRawBufferPointer) throws {
    guard payload.count > 64 << 10 else {
      return try append(kind, count: count) { out in
        if let start = payload.baseAddress { out.append(start, count: payload.count) }
      }
    }
    let segment = try open()
    let place = LogFrame.Place(segment.name, segment.length)
    let frame = LogFrame(kind, payload, count: count, synced: segment.synced, at: place)
    let start = staged.count
    staged.append(zeros: LogFrame.headerSize)
    frame.write(to: staged, at: start)
    try flush()
    try segment.file.write(payload)
    staged.append(zeros: frame.size - LogFrame.headerSize - frame.length)
    current?.length += frame.size
  }

  private func open() throws -> OpenSegment {
    guard let current else { throw MartletError(.invalidState, "The log in '\(folder)' is closed.") }
    return current
  }

  /// Writes the frames appended so far, with one system call unless there are many.
  ///
  /// - Returns: the end of the log, up to which it can be synced while more is written.
  @discardableResult
  package func flush() throws -> End {
    let segment = try open()
    if staged.count > 0 { try segment.file.write(staged.bytes) }
    staged.removeAll()
    return End(file: segment.file, part: SegmentPart(name: segment.name, length: segment.length))
  }

  /// A position at which the log ended.
  package struct End {
    fileprivate let file: any LogFile
    fileprivate let part: SegmentPart

    /// Returns when the log is on disk up to this end.
    package func synchronize() throws { try file.synchronizeData() }
  }

  /// Records that the log is on disk up to `end`.
  package func noteSynced(_ end: End) {
    guard let segment = current, end.part.name == segment.name, end.part.length > segment.synced else { return }
    current?.synced = end.part.length
    durable = end.part
  }

  /// Cuts the newest segment back to the bytes that are on the disk, after a sync that has failed.
  package func cutToSynced() {
    // One of which nothing is on the disk is none.
    if let current, current.synced > 0 { cut(current.file, to: current.synced) }
  }

  private func cut(_ file: any LogFile, to length: Int) {
    guard isOwner() else { return }
    // A disk that refuses this too leaves the bytes in doubt.
    try? file.truncate(to: length)
  }

  /// Syncs everything appended so far to disk.
  package func synchronize() throws {
    let end = try flush()
    do { try end.synchronize() } catch {
      cutToSynced()
      throw error
    }
    if current?.isNamed == false { try Folder.synchronize(folder) }
    current?.isNamed = true
    noteSynced(end)
  }
}
