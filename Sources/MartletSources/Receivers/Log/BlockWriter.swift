import MartletCore
import MartletLog
import MartletStreaming

// Unsafe code. Invariant: data that is being written is not changed or freed before the call returns.

/// Writes the blocks of one receiver into its log.
///
/// After a failure, the next blocks go into a new segment.
final class BlockWriter<Element: Sendable> {
  private let folder: String
  private let codec: ElementCodec<Element>
  private let segmentSize: Int
  private let log: LogWriter

  /// An error for a value that its codec cannot write; trying again does not help.
  struct Unencodable: Error {
    let underlying: any Error
  }

  /// - Parameter segmentSize: the number of bytes after which the next segment begins.
  init(
    _ log: InputLog, _ codec: ElementCodec<Element>, segmentSize: Int,
    makeFile: @escaping (String) throws -> any LogFile
  ) {
    folder = log.folder
    self.codec = codec
    self.segmentSize = segmentSize
    self.log = LogWriter(
      log.folder, epoch: log.epoch, vocabulary: BlockKind.vocabulary, makeFile: makeFile, isOwner: log.isOwner)
  }

  /// Syncs the blocks to disk, either all of them or, in effect, none; returns their positions.
  func append(_ blocks: [ReceivedBlock<Element>]) throws -> [BlockStretch] {
    do {
      if log.length >= segmentSize { log.close() }
      if !log.isOpen { try beginSegment() }
      let stretches = try blocks.map(append)
      try log.synchronize()
      return stretches
    } catch {
      log.abandon()
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
    return ReceivedBlock(part, bytes: 0)
  }

  private func beginSegment() throws {
    // Until the folder has had content, because creating it may have failed.
    if log.durable == nil { try Folder.create(folder) }
    try log.begin(before: log.durable.map { [$0] } ?? []) { $0.append(codec.form) }
  }

  private func append(_ block: ReceivedBlock<Element>) throws -> BlockStretch {
    let from = log.length
    switch block.content {
    case .lines(let buffer, let range):
      try withExtendedLifetime(buffer) {
        let bytes = UnsafeRawBufferPointer(start: buffer.base + range.lowerBound, count: range.count)
        try log.append(BlockKind.lines.rawValue, count: block.records, payload: bytes)
      }
    case .elements(let elements): try append(elements)
    case .logged, .spilledElements, .spilledLines: break
    }
    guard let part = log.part else { throw MartletError(.invalidState, "No segment of the receiver's log is open.") }
    return BlockStretch(part.name, from: from, to: part.length, records: block.records)
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
      try log.append(BlockKind.elements.rawValue, count: count, payload: body.bytes)
      done += count
    }
  }
}
