// Unsafe code. Invariant: `base[0 ..< end]` are initialized bytes of `buffer`, followed by the buffer's padding, and
// `position <= end`.

import CMartlet

/// Finds the lines in a stretch of a text buffer, 64 bytes at a time.
///
/// A line ends at a line feed. The line feed, and a carriage return before it, are not part of the line. Invalid UTF-8
/// becomes U+FFFD, as in `String(decoding:as:)`.
package struct LineScanner {
  private let buffer: TextBuffer
  private let base: UnsafePointer<UInt8>
  private let end: Int
  private var position: Int
  private var block: Int
  private var mask: UInt64
  private let isValid: Bool

  /// Scans the lines that begin at `start` or later, up to `end`. The last one may lack its line feed.
  package init(_ buffer: TextBuffer, start: Int, end: Int) {
    self.buffer = buffer
    base = UnsafePointer(buffer.base)
    self.end = end
    position = start
    block = start
    mask = start < end ? martlet_mask64(base + start, 10) : 0
    isValid = validatedUTF8(base + start, count: end - start)
  }

  /// Writes at most `limit` lines at `target`; returns their number. Zero means that there are no more.
  package mutating func next(_ target: UnsafeMutablePointer<Text>, limit: Int) -> Int {
    var made = 0
    var retained = 0
    defer { buffer.retain(forTexts: retained) }
    while made < limit {
      while mask == 0 {
        block += 64
        guard block < end else {
          if position < end {
            emit(position, end, target + made, &retained)
            made += 1
            position = end
          }
          return made
        }
        mask = martlet_mask64(base + block, 10)
      }
      let lineEnd = block &+ mask.trailingZeroBitCount
      mask &= mask &- 1
      if lineEnd >= end {
        mask = 0
        block = end
        continue
      }
      emit(position, lineEnd, target + made, &retained)
      made += 1
      position = lineEnd + 1
    }
    return made
  }

  /// Writes a line; `references` counts the references to the buffer that must be added.
  @inline(__always)
  private func emit(_ start: Int, _ lineEnd: Int, _ target: UnsafeMutablePointer<Text>, _ references: inout Int) {
    let last = lineEnd > start && base[lineEnd - 1] == 13 ? lineEnd - 1 : lineEnd
    if isValid {
      target.initialize(to: base + start, count: last - start, inUncounted: buffer, &references)
    } else {
      target.initialize(to: Text(repairing: base + start, count: last - start, in: buffer))
    }
  }
}

/// The lines of one stretch of a buffer.
package final class BlockLineReader: ChunkReader<Text> {
  private var scanner: LineScanner
  private let lines = ElementBuffer<Text>(capacity: linesPerChunk)

  package init(_ buffer: TextBuffer, start: Int, end: Int) {
    scanner = LineScanner(buffer, start: start, end: end)
  }

  package override func next() throws -> Chunk<Text>? {
    let count = scanner.next(lines.base, limit: linesPerChunk)
    return count > 0 ? Chunk(lines.base, count) : nil
  }
}

/// Smaller than other chunks, because each line becomes several words.
package let linesPerChunk = 256
