package import MartletCore

/// The form in which elements are written to files.
package enum FileFormat<Element>: Sendable {
  /// Each element is a line.
  case lines
  /// Elements in binary form, for `objectFile`.
  case objects(ElementCodec<Element>)
}

/// The file of one partition while it is written, by one task.
package struct PartFile<Element> {
  private let file: SystemFile
  private let format: FileFormat<Element>
  /// Bytes that are not yet in the file.
  private let bytes = ByteBuffer()

  init(_ file: SystemFile, _ format: FileFormat<Element>) throws {
    self.file = file
    self.format = format
    if case .objects(let codec) = format { try codec.appendForm(to: bytes) }
  }

  /// Writes the elements of all chunks that `forEachChunk` passes on.
  package func write(_ forEachChunk: ((Chunk<Element>) throws -> Void) throws -> Void) throws {
    switch format {
    case .lines:
      try forEachChunk { chunk in
        defer { chunk.discard() }
        try appendLines(chunk, to: bytes) { try file.write($0) }
      }
    case .objects(let codec):
      try forEachChunk { chunk in
        defer { chunk.discard() }
        try codec.appendFrames(chunk.base, chunk.count, to: bytes) { try file.write($0) }
      }
    }
  }

  /// Writes an element.
  package func write(_ element: Element) throws {
    let one = ElementBuffer<Element>()
    one.append(element: element)
    try write { try $0(one.takeAll()) }
  }

  /// Completes the file, and syncs it to disk.
  package func finish() throws {
    if case .objects = format { try FrameHeader.append(.end, count: 0, to: bytes) }
    try file.write(bytes.bytes)
    try file.synchronize()
  }
}
