import MartletCore
import MartletLog
import MartletStreaming

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
          let block = LoggedBlock(records: frame.count, file: file.file, place: frame.place, codec: codec)
          blocks.append(ReceivedBlock(records: frame.count, bytes: frame.length, .logged(block)))
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
}

/// The records of one frame.
package struct LoggedBlock<Element: Sendable>: Sendable {
  let records: Int
  let file: SystemFile
  let place: LogFrame.Place
  let codec: ElementCodec<Element>

  /// A pass over the records, which are read now.
  func read() throws -> ChunkReader<Element> {
    try refusing(file) {
      let source = try SegmentFile(file)
      let frame = try source.header(at: place)
      let bytes = try source.payload(of: frame)
      switch BlockKind(rawValue: frame.kind) {
      case .lines:
        // Only receivers of lines write such frames.
        guard Element.self == Text.self else { throw ByteReader.Malformed(reason: "it holds lines of text") }
        let buffer = TextBuffer(capacity: frame.length)
        if let start = bytes.baseAddress {
          UnsafeMutableRawPointer(buffer.base).copyMemory(from: start, byteCount: frame.length)
        }
        return BlockContent.reader(of: buffer, 0..<frame.length)
      case .elements:
        guard frame.count <= frame.length || MemoryLayout<Element>.size == 0 else {
          throw ByteReader.Malformed(reason: "a count in it is too large")
        }
        let elements = ElementBuffer<Element>(capacity: frame.count)
        try codec.decode(bytes, frame.count, to: elements.base)
        elements.count = frame.count
        return DrainingReader(elements)
      case nil: throw ByteReader.Malformed(reason: "a block is not at the expected place")
      }
    }
  }
}
