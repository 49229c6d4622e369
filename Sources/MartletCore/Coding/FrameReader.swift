/// Reads the elements of frames in ranges of a file, in order.
package final class FrameReader<Element>: ChunkReader<Element> {
  private let file: SystemFile
  private var ranges: ArraySlice<Range<Int>>
  private let codec: ElementCodec<Element>
  private let expectsEnd: Bool
  private let bytes = ByteBuffer()
  private let elements = ElementBuffer<Element>()

  /// - Parameter expectsEnd: true if the last frame must be the end mark of a complete file.
  package init(_ file: SystemFile, _ ranges: [Range<Int>], _ codec: ElementCodec<Element>, expectsEnd: Bool = false) {
    self.file = file
    self.ranges = ranges[...]
    self.codec = codec
    self.expectsEnd = expectsEnd
  }

  package override func next() throws -> Chunk<Element>? {
    while true {
      guard let header = try nextFrame() else {
        if expectsEnd { throw corrupt(file, "it ends too early") }
        return nil
      }
      switch header.kind {
      case .elements:
        try refusing(file) { try codec.readFrame(header, bytes.bytes, into: elements) }
        if header.count > 0 { return elements.takeAll() }
      case .end where expectsEnd:
        try refusing(file) { try header.verify(bytes.bytes) }
        guard ranges.allSatisfy(\.isEmpty) else { throw corrupt(file, "there are bytes after its end") }
        return nil
      case .end, .form: throw corrupt(file, "a frame is at an unexpected place")
      }
    }
  }

  /// Reads the next frame's payload into `bytes`.
  private func nextFrame() throws -> FrameHeader? {
    while let range = ranges.first, range.isEmpty { ranges.removeFirst() }
    guard let range = ranges.first else { return nil }
    let header = try readFrame(file, range, into: bytes)
    ranges[ranges.startIndex] = range.lowerBound + FrameHeader.size + header.length..<range.upperBound
    return header
  }
}

/// Reads one frame at the beginning of `range`; its payload goes to `bytes`, not yet verified.
package func readFrame(_ file: SystemFile, _ range: Range<Int>, into bytes: ByteBuffer) throws -> FrameHeader {
  func fill(_ range: Range<Int>) throws {
    bytes.removeAll()
    let got = try file.read(bytes.extend(by: range.count), count: range.count, at: range.lowerBound)
    guard got == range.count else { throw corrupt(file, "it ends too early") }
  }
  guard range.count >= FrameHeader.size else { throw corrupt(file, "it ends too early") }
  let start = range.lowerBound + FrameHeader.size
  try fill(range.lowerBound..<start)
  let header = try refusing(file) { try FrameHeader(bytes.bytes) }
  guard header.length <= range.upperBound - start else { throw corrupt(file, "it ends too early") }
  try fill(start..<start + header.length)
  return header
}

/// Runs `body`; an error for malformed bytes becomes one that names the file.
package func refusing<Result>(_ file: SystemFile, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as ByteReader.Malformed { throw corrupt(file, error.reason) }
}

package func corrupt(_ file: SystemFile, _ reason: String) -> MartletError {
  MartletError(.corruptData, "The file '\(file.path)' cannot be read: \(reason). It has been damaged or cut off.")
}
