import MartletCore

// Unsafe code. Invariant: as in `ByteReader`.

/// What was found in a file of a receiver's log.
package struct SegmentFacts: Sendable, Equatable {
  /// A whole frame.
  package struct Frame: Sendable, Equatable {
    package var range: Range<Int>
    package var records: Int

    package init(_ range: Range<Int>, records: Int) {
      self.range = range
      self.records = records
    }
  }

  /// Where the whole frames end although the file goes on.
  package struct Fault: Sendable, Equatable {
    package var position: Int
    package var reason: String
    /// Whether a later frame says that the bytes at `position` had been on the disk.
    package var wasOnDisk: Bool

    package init(position: Int, reason: String, wasOnDisk: Bool) {
      self.position = position
      self.reason = reason
      self.wasOnDisk = wasOnDisk
    }
  }

  package var segment: BlockSegment
  /// `nil` if the first frame is not whole.
  package var opening: SegmentOpening?
  /// Frames behind the first.
  package var frames: [Frame] = []
  /// Where the whole frames end.
  package var end = 0
  package var fault: Fault?

  package init(
    _ segment: BlockSegment, opening: SegmentOpening?, frames: [Frame] = [], end: Int = 0, fault: Fault? = nil
  ) {
    self.segment = segment
    self.opening = opening
    self.frames = frames
    self.end = end
    self.fault = fault
  }
}

/// Reads files of a receiver's log.
enum SegmentScan {
  /// Reads a whole file and says what is in it, whatever that is.
  static func facts(_ segment: BlockSegment, folder: String) throws -> SegmentFacts {
    let file = try SystemFile.read("\(folder)/\(segment.fileName)")
    let size = try file.size()
    var facts = SegmentFacts(segment, opening: nil)
    let bytes = ByteBuffer()
    var position = 0
    while position < size {
      do {
        let frame = try readFrame(file, segment, at: position, into: bytes)
        if frame.kind == .opening {
          guard position == 0 else { throw ByteReader.Malformed(reason: "it begins twice") }
          facts.opening = try SegmentOpening(bytes.bytes)
        } else {
          guard position > 0 else { throw ByteReader.Malformed(reason: "its beginning is missing") }
          facts.frames.append(.init(position..<position + frame.size, records: frame.records))
        }
        position += frame.size
        facts.end = position
      } catch let error as ByteReader.Malformed {
        let wasOnDisk = try hasFrame(in: file, segment, after: position, size: size)
        facts.fault = .init(position: position, reason: error.reason, wasOnDisk: wasOnDisk)
        return facts
      }
    }
    return facts
  }

  /// Reads the frame at `position`; its payload goes to `bytes`.
  static func readFrame(
    _ file: SystemFile, _ segment: BlockSegment, at position: Int, into bytes: ByteBuffer
  ) throws -> BlockFrame {
    let frame = try readHeader(file, segment, at: position, into: bytes)
    bytes.removeAll()
    // What is not there is not asked memory for.
    guard try file.size() - position >= frame.size else { throw ByteReader.Malformed(reason: "it ends too early") }
    try fill(bytes, frame.length, file, at: position + BlockFrame.headerSize)
    try frame.verify(bytes.bytes, in: segment, at: position)
    return frame
  }

  /// Reads the header of the frame at `position`.
  static func readHeader(
    _ file: SystemFile, _ segment: BlockSegment, at position: Int, into bytes: ByteBuffer
  ) throws -> BlockFrame {
    bytes.removeAll()
    try fill(bytes, BlockFrame.headerSize, file, at: position)
    return try BlockFrame(bytes.bytes, in: segment, at: position)
  }

  private static func fill(_ bytes: ByteBuffer, _ count: Int, _ file: SystemFile, at position: Int) throws {
    guard try file.read(bytes.extend(by: count), count: count, at: position) == count else {
      throw ByteReader.Malformed(reason: "it ends too early")
    }
  }

  /// Whether there is a frame behind `position` that says that `position` had been on the disk.
  private static func hasFrame(
    in file: SystemFile, _ segment: BlockSegment, after position: Int, size: Int
  ) throws -> Bool {
    let step = 1 << 20
    let bytes = ByteBuffer()
    // Frames stand at multiples of 8.
    var start = (position + 8) & ~7
    while start + BlockFrame.headerSize <= size {
      bytes.removeAll()
      let count = Swift.min(step + BlockFrame.headerSize, size - start)
      let got = try file.read(bytes.extend(by: count), count: count, at: start)
      var offset = 0
      while offset + BlockFrame.headerSize <= got && offset < step {
        if bytes.bytes[offset] == UInt8(ascii: "M") && bytes.bytes[offset + 1] == UInt8(ascii: "B") {
          let header = UnsafeRawBufferPointer(rebasing: bytes.bytes[offset..<offset + BlockFrame.headerSize])
          if let frame = try? BlockFrame(header, in: segment, at: start + offset), frame.syncedThrough > position {
            return true
          }
        }
        offset += 8
      }
      start += step
    }
    return false
  }
}
