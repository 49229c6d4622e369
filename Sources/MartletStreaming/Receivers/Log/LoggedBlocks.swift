import MartletCore

// Unsafe code. Invariant: as in `ByteReader`; a buffer is shared only once it has been filled.

/// Reads back what a receiver's log holds.
struct LoggedBlocks<Element: Sendable>: Sendable {
  let folder: String
  let codec: ElementCodec<Element>

  /// The blocks of these stretches; their records are read when they are asked for.
  ///
  /// - Throws: `MartletError` that names the file if one is missing or damaged.
  func blocks(_ stretches: [LogStretch]) throws -> [ReceivedBlock<Element>] {
    try stretches.flatMap { stretch -> [ReceivedBlock<Element>] in
      let file = try open(stretch)
      return try refusing(file) {
        let bytes = ByteBuffer()
        try checkForm(of: file, stretch.segment, bytes)
        var blocks: [ReceivedBlock<Element>] = []
        var position = stretch.from
        while position < stretch.to {
          let frame = try SegmentScan.readHeader(file, stretch.segment, at: position, into: bytes)
          guard frame.kind != .opening, position + frame.size <= stretch.to else {
            throw ByteReader.Malformed(reason: "a block is not where it should be")
          }
          blocks.append(block(frame, file, stretch.segment, position))
          position += frame.size
        }
        return blocks
      }
    }
  }

  /// Throws unless the files of these stretches are there, and long enough.
  func expect(_ stretches: [LogStretch]) throws {
    for stretch in stretches {
      let file = try open(stretch)
      guard try file.size() >= stretch.to else { throw corrupt(file, "it ends too early") }
    }
  }

  private func open(_ stretch: LogStretch) throws -> SystemFile {
    let path = "\(folder)/\(stretch.segment.fileName)"
    guard try Folder.nameIsTaken(path) else { throw LogRecovery.missing(stretch.segment, folder) }
    return try SystemFile.read(path)
  }

  private func checkForm(of file: SystemFile, _ segment: BlockSegment, _ bytes: ByteBuffer) throws {
    guard try SegmentScan.readFrame(file, segment, at: 0, into: bytes).kind == .opening else {
      throw ByteReader.Malformed(reason: "its beginning is missing")
    }
    let form = try SegmentOpening(bytes.bytes).form
    guard form == codec.form else {
      throw MartletError(
        .corruptData,
        """
        The receiver's log '\(file.path)' holds records written as '\(form)', and the program reads \
        \(String(reflecting: Element.self)) as '\(codec.form)'. Set the element type back, run the program once and \
        stop it gracefully; or begin with a new checkpoint folder.
        """)
    }
  }

  private func block(
    _ frame: BlockFrame, _ file: SystemFile, _ segment: BlockSegment, _ position: Int
  ) -> ReceivedBlock<Element> {
    ReceivedBlock(records: frame.records, bytes: frame.length, .logged) { _, _ in
      [0..<frame.records]
    } open: { [codec] _, _ in
      LoggedBlockReader(file, segment, position, codec)
    }
  }
}

/// The records of one frame.
private final class LoggedBlockReader<Element: Sendable>: ChunkReader<Element> {
  private let file: SystemFile
  private let segment: BlockSegment
  private let position: Int
  private let codec: ElementCodec<Element>
  private var records: ChunkReader<Element>?

  init(_ file: SystemFile, _ segment: BlockSegment, _ position: Int, _ codec: ElementCodec<Element>) {
    self.file = file
    self.segment = segment
    self.position = position
    self.codec = codec
  }

  override func next() throws -> Chunk<Element>? {
    let records = try self.records ?? read()
    self.records = records
    return try records.next()
  }

  private func read() throws -> ChunkReader<Element> {
    try refusing(file) {
      let bytes = ByteBuffer()
      let frame = try SegmentScan.readFrame(file, segment, at: position, into: bytes)
      switch frame.kind {
      case .lines:
        let buffer = TextBuffer(capacity: frame.length)
        UnsafeMutableRawPointer(buffer.base).copyMemory(from: bytes.base, byteCount: frame.length)
        let lines: ChunkReader<Text> = BlockLineReader(buffer, start: 0, end: frame.length)
        // Only receivers of lines write such frames.
        guard let lines = lines as? ChunkReader<Element> else {
          throw ByteReader.Malformed(reason: "it holds lines of text")
        }
        return lines
      case .elements:
        guard frame.records <= frame.length || MemoryLayout<Element>.size == 0 else {
          throw ByteReader.Malformed(reason: "a count in it is too large")
        }
        let elements = ElementBuffer<Element>(capacity: frame.records)
        try codec.decode(bytes.bytes, frame.records, to: elements.base)
        elements.count = frame.records
        return ElementBlock.reader(elements)
      case .opening: throw ByteReader.Malformed(reason: "a block is not where it should be")
      }
    }
  }
}
