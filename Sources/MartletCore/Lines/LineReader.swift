// Unsafe code. Invariant: `buffer.base[0 ..< filled]` are initialized; of these, the bytes from `consumed` on have not
// been passed to a scanner yet. A buffer that texts may point into is never written again: it is reused only while this
// reader is its only owner.

/// The lines of a byte source, read in blocks.
package final class LineReader: ChunkReader<Text> {
  private let source: any ByteSource
  private let name: String
  private let maximumLineLength: Int
  /// A line that fits with its line feed is not too long.
  private let largestBlock: Int
  /// Lines that begin at this distance from the first byte, or later, belong to another partition.
  private let limit: Int
  private var offset = 0
  private var buffer: TextBuffer
  private var filled = 0
  private var consumed = 0
  private var atEnd = false
  private var skipsFirst: Bool
  private var skipsByteOrderMark: Bool
  private var scanner: LineScanner?
  private let lines = ElementBuffer<Text>(capacity: linesPerChunk)

  /// - Parameters:
  ///   - name: the source's name in errors.
  ///   - limit: lines that begin within this number of bytes are read, to their ends.
  ///   - skipsFirst: skips the bytes before the first line feed: the end of another partition's line.
  ///   - skipsByteOrderMark: skips UTF-8's byte order mark before the first line.
  ///   - maximumLineLength: longer lines, not counting the line feed, are refused.
  package init(
    _ source: any ByteSource, name: String, limit: Int = .max, skipsFirst: Bool = false,
    skipsByteOrderMark: Bool = false, maximumLineLength: Int, blockSize: Int = 128 << 10
  ) {
    self.source = source
    self.name = name
    self.limit = limit
    self.skipsFirst = skipsFirst
    self.skipsByteOrderMark = skipsByteOrderMark
    self.maximumLineLength = maximumLineLength
    largestBlock = maximumLineLength < .max ? maximumLineLength + 1 : .max
    buffer = TextBuffer(capacity: min(blockSize, largestBlock))
  }

  package override func next() throws -> Chunk<Text>? {
    while true {
      if scanner != nil {
        let count = scanner?.next(lines.base, limit: linesPerChunk) ?? 0
        if count > 0 { return Chunk(lines.base, count) }
        scanner = nil
      }
      guard try fill() else { return nil }
    }
  }

  /// Reads the next block and sets the scanner to its complete lines; returns `false` at the end.
  private func fill() throws -> Bool {
    if atEnd || offset + consumed >= limit && !skipsFirst { return false }
    carryOver()
    while true {
      let got = try source.read(buffer.base + filled, count: buffer.capacity - filled)
      atEnd = got == 0
      let searched = filled
      filled += got
      if skipsFirst, let feed = firstLineFeed(from: searched, to: filled) {
        consumed = feed + 1
        skipsFirst = false
      }
      if skipsFirst {
        // Still within another partition's line: discard the bytes read.
        offset += filled
        filled = 0
        consumed = 0
        if atEnd { return false }
        continue
      }
      if offset + consumed >= limit { return false }
      let wanted = lineEnd(from: max(searched, consumed))
      if atEnd || wanted > consumed {
        let end = atEnd ? endWithinLimit(filled) : endWithinLimit(wanted)
        if skipsByteOrderMark { skipByteOrderMark(before: end) }
        scanner = LineScanner(buffer, start: consumed, end: end)
        consumed = wanted
        return end > 0
      }
      try makeRoom()
    }
  }

  /// Called when the first line is complete.
  private func skipByteOrderMark(before end: Int) {
    let line = UnsafeRawBufferPointer(start: buffer.base + consumed, count: end - consumed)
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { consumed += 3 }
    skipsByteOrderMark = false
  }

  /// The end of the last complete line after `start`, or `consumed` if there is none.
  private func lineEnd(from start: Int) -> Int {
    var i = filled
    while i > start {
      if buffer.base[i - 1] == 10 { return i }
      i -= 1
    }
    return consumed
  }

  /// `end`, or the end of the last line that begins within the limit.
  private func endWithinLimit(_ end: Int) -> Int {
    guard limit - offset < end else { return end }
    // The line that holds the byte before the limit is the last one that begins within it.
    let last = max(limit - offset - 1, consumed)
    return (firstLineFeed(from: last, to: end) ?? end - 1) + 1
  }

  private func firstLineFeed(from start: Int, to end: Int) -> Int? {
    var i = start
    while i < end {
      if buffer.base[i] == 10 { return i }
      i += 1
    }
    return nil
  }

  /// Moves the beginning of the next line to the front of a buffer that may be written.
  private func carryOver() {
    let tail = filled - consumed
    if isKnownUniquelyReferenced(&buffer) {
      buffer.base.update(from: buffer.base + consumed, count: tail)
    } else {
      let fresh = TextBuffer(capacity: buffer.capacity)
      fresh.base.update(from: buffer.base + consumed, count: tail)
      buffer = fresh
    }
    offset += consumed
    filled = tail
    consumed = 0
  }

  private func makeRoom() throws {
    guard filled == buffer.capacity else { return }
    guard filled < largestBlock else {
      throw MartletError(
        .corruptData,
        """
        A line in '\(name)', from byte \(offset), is longer than \(maximumLineLength) bytes. To accept such lines, \
        increase martlet.line.maximum.bytes.
        """)
    }
    let larger = TextBuffer(capacity: min(largestBlock, buffer.capacity * 4))
    larger.base.update(from: buffer.base, count: filled)
    buffer = larger
  }
}
