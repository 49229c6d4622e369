import MartletCore
import MartletLog

// Unsafe code. Invariant: as in `ByteReader`; a buffer is shared only once it has been filled.

/// Reads the records of a receiver's log.
struct LoggedBlocks<Element: Sendable>: Sendable {
  let folder: String
  let codec: ElementCodec<Element>

  /// The blocks of these stretches; their records are read on demand.
  ///
  /// - Throws: `MartletError` that names the file if one is missing or damaged.
  func blocks(_ stretches: [BlockStretch]) throws -> [ReceivedBlock<Element>] {
    try stretches.flatMap { stretch -> [ReceivedBlock<Element>] in
      let file = try open(stretch)
      return try refusing(file.file) {
        try checkForm(of: file, stretch.segment)
        var blocks: [ReceivedBlock<Element>] = []
        var position = stretch.from
        while position < stretch.to {
          let frame = try file.header(at: LogFrame.Place(stretch.segment, position))
          guard BlockKind(rawValue: frame.kind) != nil, position + frame.size <= stretch.to else {
            throw ByteReader.Malformed(reason: "a block is not at the expected place")
          }
          blocks.append(block(frame, file.file))
          position += frame.size
        }
        return blocks
      }
    }
  }

  /// Throws unless the files of these stretches exist, and are long enough.
  func expect(_ stretches: [BlockStretch]) throws {
    for stretch in stretches {
      let file = try open(stretch)
      guard file.count >= stretch.to else { throw corrupt(file.file, "it ends too early") }
    }
  }

  private func open(_ stretch: BlockStretch) throws -> SegmentFile {
    let path = "\(folder)/\(stretch.segment)"
    guard try Folder.nameIsTaken(path) else { throw MartletError.missingFromCheckpoint(path) }
    return try SegmentFile(try SystemFile.read(path))
  }

  private func checkForm(of file: SegmentFile, _ segment: SegmentName) throws {
    let opening = try file.opening(of: segment)
    try opening.expect(BlockKind.vocabulary)
    var reader = ByteReader(opening.content)
    let form = try reader.string()
    guard form == codec.form else {
      throw MartletError(
        .corruptData,
        """
        The receiver's log '\(file.file.path)' contains records written as '\(form)', but the program reads \
        \(String(reflecting: Element.self)) as '\(codec.form)'. Revert the element type, run the program once and \
        stop it gracefully, or begin with a new checkpoint folder.
        """)
    }
  }

  private func block(_ frame: LogFrame, _ file: SystemFile) -> ReceivedBlock<Element> {
    ReceivedBlock(records: frame.count, bytes: frame.length, .logged) { _, _ in
      [0..<frame.count]
    } open: { [codec] _, _ in
      LoggedBlockReader(file, frame.place, codec)
    }
  }
}

/// The records of one frame.
private final class LoggedBlockReader<Element: Sendable>: ChunkReader<Element> {
  private let file: SystemFile
  private let place: LogFrame.Place
  private let codec: ElementCodec<Element>
  private var records: ChunkReader<Element>?

  init(_ file: SystemFile, _ place: LogFrame.Place, _ codec: ElementCodec<Element>) {
    self.file = file
    self.place = place
    self.codec = codec
  }

  override func next() throws -> Chunk<Element>? {
    let records = try self.records ?? read()
    self.records = records
    return try records.next()
  }

  private func read() throws -> ChunkReader<Element> {
    try refusing(file) {
      let source = try SegmentFile(file)
      let frame = try source.header(at: place)
      let bytes = try source.payload(of: frame)
      switch BlockKind(rawValue: frame.kind) {
      case .lines:
        let buffer = TextBuffer(capacity: frame.length)
        if let start = bytes.baseAddress {
          UnsafeMutableRawPointer(buffer.base).copyMemory(from: start, byteCount: frame.length)
        }
        let lines: ChunkReader<Text> = BlockLineReader(buffer, start: 0, end: frame.length)
        // Only receivers of lines write such frames.
        guard let lines = lines as? ChunkReader<Element> else {
          throw ByteReader.Malformed(reason: "it contains lines of text")
        }
        return lines
      case .elements:
        guard frame.count <= frame.length || MemoryLayout<Element>.size == 0 else {
          throw ByteReader.Malformed(reason: "a count in it is too large")
        }
        let elements = ElementBuffer<Element>(capacity: frame.count)
        try codec.decode(bytes, frame.count, to: elements.base)
        elements.count = frame.count
        return ElementBlock.reader(elements)
      case nil: throw ByteReader.Malformed(reason: "a block is not at the expected place")
      }
    }
  }
}
