package import MartletCore

// Unsafe code. Invariant: as in `ByteReader`; bytes are used before the next ones are read.

/// The bytes of a segment, in memory or in a file.
package protocol SegmentSource {
  /// The number of bytes.
  var count: Int { get }

  /// The bytes of a range, valid until the next call.
  func read(_ range: Range<Int>) throws -> UnsafeRawBufferPointer
}

extension ByteBuffer: SegmentSource {
  package func read(_ range: Range<Int>) throws -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[range])
  }
}

/// A file of a log.
package final class SegmentFile: SegmentSource {
  package let file: SystemFile
  package let count: Int
  private let buffer = ByteBuffer()

  package init(_ file: SystemFile) throws {
    self.file = file
    count = try file.size()
  }

  package func read(_ range: Range<Int>) throws -> UnsafeRawBufferPointer {
    buffer.removeAll()
    guard try file.read(buffer.extend(by: range.count), count: range.count, at: range.lowerBound) == range.count else {
      throw ByteReader.Malformed(reason: "it ends too early")
    }
    return buffer.bytes
  }
}

extension SegmentSource {
  /// The header of the frame at `place`.
  package func header(at place: LogFrame.Place) throws -> LogFrame {
    try LogFrame(try within(place.offset, LogFrame.headerSize), at: place)
  }

  /// The payload of a frame. Throws unless it is the one that was written.
  package func payload(of frame: LogFrame) throws -> UnsafeRawBufferPointer {
    let start = frame.place.offset + LogFrame.headerSize
    return try frame.payload(in: try within(start, frame.size - LogFrame.headerSize))
  }

  /// The opening of the segment.
  package func opening(of segment: SegmentName) throws -> SegmentOpening {
    let frame = try header(at: LogFrame.Place(segment, 0))
    guard frame.kind == LogFrame.opening else { throw ByteReader.Malformed(reason: "its beginning is missing") }
    return try SegmentOpening(try payload(of: frame))
  }

  private func within(_ start: Int, _ length: Int) throws -> UnsafeRawBufferPointer {
    // No memory is allocated for missing bytes.
    guard count - start >= length else { throw ByteReader.Malformed(reason: "it ends too early") }
    return try read(start..<start + length)
  }

  /// The next possible beginning of a frame after `position`: the next multiple of 8 with the right first bytes;
  /// `count` if there is none.
  func nextFrame(after position: Int) throws -> Int {
    var start = (position + 8) & ~7
    // Small at first: bytes that only look like the beginning of a frame may be close together.
    var step = 4096
    while start + LogFrame.headerSize <= count {
      let bytes = try read(start..<Swift.min(count, start + step))
      for offset in stride(from: 0, to: bytes.count - 1, by: 8)
      where bytes[offset] == UInt8(ascii: "M") && bytes[offset + 1] == UInt8(ascii: "L") {
        return start + offset
      }
      start += step
      step = Swift.min(2 * step, 1 << 20)
    }
    return count
  }
}
