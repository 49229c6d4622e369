package import MartletCore

// Unsafe code. Invariant: what is being written is not changed or freed before the call returns.

/// A file that is written from its beginning to its end.
package protocol BlockFile: AnyObject {
  /// Appends all bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Returns when what has been written is on the disk.
  func synchronizeData() throws
}

extension SystemFile: BlockFile {}

/// Writes the blocks of one receiver into the files of its log.
///
/// After a failure nothing more is written to the file: what the disk holds of it behind the last successful call is not
/// known. The next blocks go into a new one, which says how much of the old one counts.
final class SegmentWriter<Element: Sendable> {
  private let log: InputLog
  private let codec: ElementCodec<Element>
  private let makeFile: (String) throws -> any BlockFile
  private let segmentSize: Int
  private var open: OpenSegment?
  private var lastNumber = 0
  /// The end of what is on the disk.
  private var end = LogProgress.Position()
  private let staged = ByteBuffer()

  private struct OpenSegment {
    let file: any BlockFile
    let name: BlockSegment
    var written = 0
    var synced = 0
  }

  /// A value that its codec cannot write; trying again does not help.
  struct Unencodable: Error {
    let underlying: any Error
  }

  /// - Parameter segmentSize: a file that has as many bytes is followed by another.
  init(
    _ log: InputLog, _ codec: ElementCodec<Element>, segmentSize: Int,
    makeFile: @escaping (String) throws -> any BlockFile
  ) {
    self.log = log
    self.codec = codec
    self.segmentSize = segmentSize
    self.makeFile = makeFile
  }

  /// Brings the blocks to the disk, all of them or, as far as anybody will ever know, none; says where they are.
  func append(_ blocks: [ReceivedBlock<Element>]) throws -> [LogStretch] {
    staged.removeAll()
    do {
      if let open, open.written >= segmentSize { self.open = nil }
      let isNew = open == nil
      if isNew { try openNext() }
      let stretches = try blocks.map(append)
      try flush()
      try open?.file.synchronizeData()
      if isNew { try Folder.synchronize(log.folder) }
      if let segment = open {
        open?.synced = segment.written
        end = LogProgress.Position(number: segment.name.number, offset: segment.written)
      }
      return stretches
    } catch {
      abandon()
      throw error
    }
  }

  /// The elements of a block before the first that cannot be encoded; `nil` if there are none.
  func encodablePart(of block: ReceivedBlock<Element>) -> ReceivedBlock<Element>? {
    guard case .elements(let elements) = block.content else { return nil }
    let bytes = ByteBuffer()
    var count = 0
    while count < elements.count, (try? codec.encode(elements.base + count, 1, into: bytes)) != nil {
      bytes.removeAll()
      count += 1
    }
    guard count > 0 else { return nil }
    let part = ElementBuffer<Element>(capacity: count)
    elements.copy(0..<count, to: part.base)
    part.count = count
    return ElementBlock.make(part, bytes: 0)
  }

  private func openNext() throws {
    lastNumber += 1
    let name = BlockSegment(epoch: log.epoch, number: lastNumber)
    // Until it has held something: making it may have failed.
    if end.number == 0 { try Folder.create(log.folder) }
    open = OpenSegment(file: try makeFile("\(log.folder)/\(name.fileName)"), name: name)
    let opening = SegmentOpening(form: codec.form, previous: end).encoded()
    try append(.opening, records: 0, opening.bytes)
  }

  /// Never writes to the file again.
  private func abandon() {
    // What has never been on the disk need not stay there; if it does, it does no harm.
    if let open, open.synced == 0 { try? Folder.remove("\(log.folder)/\(open.name.fileName)") }
    open = nil
    staged.removeAll()
  }

  private func append(_ block: ReceivedBlock<Element>) throws -> LogStretch {
    guard let segment = open else { throw MartletError(.invalidState, "No file of the receiver's log is open.") }
    switch block.content {
    case .lines(let buffer, let range):
      try withExtendedLifetime(buffer) {
        let bytes = UnsafeRawBufferPointer(start: buffer.base + range.lowerBound, count: range.count)
        try append(.lines, records: block.records, bytes)
      }
    case .elements(let elements): try append(elements)
    case .logged, .spilled: break
    }
    return LogStretch(segment.name, from: segment.written, to: open?.written ?? segment.written, records: block.records)
  }

  private func append(_ elements: ElementBuffer<Element>) throws {
    let pointed = codec.pointedBytes(elements.base, elements.count) / Swift.max(1, elements.count)
    let frameCount = Swift.max(1, (1 << 20) / Swift.max(1, MemoryLayout<Element>.stride + pointed))
    let body = ByteBuffer()
    var done = 0
    while done < elements.count {
      let count = Swift.min(frameCount, elements.count - done)
      body.removeAll()
      do { try codec.encode(elements.base + done, count, into: body) } catch { throw Unencodable(underlying: error) }
      try append(.elements, records: count, body.bytes)
      done += count
    }
  }

  private func append(_ kind: BlockFrame.Kind, records: Int, _ payload: UnsafeRawBufferPointer) throws {
    guard let segment = open else { return }
    let frame = BlockFrame(
      kind, payload, records: records, syncedThrough: segment.synced, in: segment.name, at: segment.written)
    frame.write(to: staged, in: segment.name, at: segment.written)
    if payload.count > 64 << 10 {
      // Not worth a copy.
      try flush()
      try segment.file.write(payload)
    } else if let start = payload.baseAddress {
      staged.append(start, count: payload.count)
    }
    for _ in (BlockFrame.headerSize + payload.count)..<frame.size { staged.append(UInt8(0)) }
    open?.written += frame.size
    if staged.count > 256 << 10 { try flush() }
  }

  private func flush() throws {
    guard staged.count > 0 else { return }
    try open?.file.write(staged.bytes)
    staged.removeAll()
  }
}
