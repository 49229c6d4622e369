// Unsafe code. Invariant: `buffer[0 ..< filled]` are initialized bytes, and `begin <= filled <= capacity`. A line is a
// range of them that is valid until the next call of `nextLine()`.

internal import MartletCore

#if canImport(Glibc)
  private import Glibc
#elseif canImport(Musl)
  private import Musl
#elseif canImport(Darwin)
  private import Darwin
#endif

/// The lines of a file, or of a piece of it. They end with a line feed, a carriage return, or both.
final class LineFileReader {
  struct Line {
    fileprivate var start: Int
    fileprivate var end: Int
    /// The number of bytes before the line in its file.
    var position: Int
  }

  private let source: any ByteSource
  private let path: String
  /// Lines that begin at this byte or later belong to the next piece.
  private let limit: Int
  private let isWhole: Bool
  private let maximumLineLength: Int
  private var skipped: Int

  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var filled = 0
  private var begin = 0
  /// The number of bytes of the file before the buffer.
  private var offset: Int
  private var atEnd = false
  private var isFinished = false
  private var skipsFirst: Bool
  private var isFirst: Bool
  /// The next of these characters from `begin` on: `.max` if there is none in the buffer, less if it is not known.
  private var nextLineFeed = -1
  private var nextReturn = -1
  /// The bytes before this one have been checked, and whether they are UTF-8.
  private var checkedEnd = 0
  private var isChecked = true

  /// - Parameters:
  ///   - source: the bytes of the file from `start` on; from the byte before it if `start` is not 0.
  ///   - start: the first byte at which a line of the piece can begin.
  ///   - limit: the first byte at which a line of the next piece can begin.
  ///   - skipping: the number of lines that are ignored.
  ///   - isWhole: true if the file is one line.
  init(
    source: any ByteSource, path: String, start: Int, limit: Int, skipping: Int, isWhole: Bool, maximumLineLength: Int
  ) {
    self.source = source
    self.path = path
    self.limit = limit
    self.isWhole = isWhole
    self.maximumLineLength = maximumLineLength
    skipped = skipping
    offset = max(0, start - 1)
    skipsFirst = start > 0
    isFirst = start == 0
    capacity = min(256 << 10, maximumLineLength + 2)
    buffer = .allocate(capacity: capacity)
  }

  deinit { buffer.deallocate() }

  /// The next line; `nil` at the end of the piece.
  func nextLine() throws -> Line? {
    while true {
      guard let line = try lineOfFile() else { return nil }
      if skipsFirst {
        skipsFirst = false
      } else if skipped > 0 {
        skipped -= 1
      } else {
        return line
      }
    }
  }

  /// Calls `body` with the bytes of a line.
  func withBytes<Result>(of line: Line, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: buffer + line.start, count: line.end - line.start))
  }

  /// Returns true if the bytes of a line are UTF-8.
  func isValid(_ line: Line) -> Bool {
    if line.end > checkedEnd {
      // All complete lines in the buffer are checked at once.
      var end = filled
      while end > line.end, buffer[end - 1] != 10 { end -= 1 }
      checkedEnd = max(end, line.end)
      isChecked = validatedUTF8(buffer + line.start, count: checkedEnd - line.start)
    }
    return isChecked || validatedUTF8(buffer + line.start, count: line.end - line.start)
  }

  // MARK: Lines

  private func lineOfFile() throws -> Line? {
    while !isFinished {
      if !skipsFirst, offset + begin >= limit { break }
      if isFirst, try !skipByteOrderMark() { continue }
      if !isWhole, let (end, next) = lineEnd() {
        defer { begin = next }
        return Line(start: begin, end: end, position: offset + begin)
      }
      if skipsFirst, filled - begin > 1 {
        // The last byte may be a carriage return.
        begin = filled - 1
        if offset + begin >= limit { break }
      }
      if atEnd {
        isFinished = true
        guard begin < filled else { break }
        defer { begin = filled }
        return Line(start: begin, end: filled, position: offset + begin)
      }
      try refill()
    }
    return nil
  }

  /// Passes over UTF-8's byte order mark at the beginning of the file; returns `false` if more bytes are needed for that.
  private func skipByteOrderMark() throws -> Bool {
    if filled < 3, !atEnd {
      try refill()
      return false
    }
    isFirst = false
    if filled >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { begin = 3 }
    return true
  }

  /// The end of the line at `begin`, and the beginning of the next one; `nil` if the end is not in the buffer.
  private func lineEnd() -> (end: Int, next: Int)? {
    if nextLineFeed < begin { nextLineFeed = find(10) }
    if nextReturn < begin { nextReturn = find(13) }
    if nextReturn < nextLineFeed {
      if nextReturn + 1 == nextLineFeed { return (nextReturn, nextReturn + 2) }
      // A line feed may follow at the beginning of the next block.
      return nextReturn + 1 < filled || atEnd ? (nextReturn, nextReturn + 1) : nil
    }
    return nextLineFeed < .max ? (nextLineFeed, nextLineFeed + 1) : nil
  }

  private func find(_ byte: UInt8) -> Int {
    guard begin < filled, let found = memchr(buffer + begin, Int32(byte), filled - begin) else { return .max }
    return UnsafeRawPointer(found) - UnsafeRawPointer(buffer)
  }

  // MARK: Bytes

  private func refill() throws {
    let rest = filled - begin
    if begin > 0 {
      buffer.update(from: buffer + begin, count: rest)
      offset += begin
      checkedEnd = max(0, checkedEnd - begin)
      filled = rest
      begin = 0
    }
    nextLineFeed = -1
    nextReturn = -1
    if filled == capacity { try grow() }
    do {
      let count = try source.read(buffer + filled, count: capacity - filled)
      atEnd = count == 0
      filled += count
    } catch let error as MartletError {
      throw MartletError(error.code, "[FAILED_READ_FILE.NO_HINT] \(error.message)", underlying: error)
    }
  }

  private func grow() throws {
    // The end of a line can take two bytes.
    guard capacity < maximumLineLength + 2 else {
      throw MartletError(
        .corruptData,
        "[FAILED_READ_FILE.NO_HINT] A line in \(quotedPath(path)), from byte \(offset), is longer than \(maximumLineLength) bytes. To accept such lines, increase martlet.line.maximum.bytes."
      )
    }
    let wanted = min(capacity * 4, maximumLineLength + 2)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
    larger.update(from: buffer, count: filled)
    buffer.deallocate()
    buffer = larger
    capacity = wanted
  }
}
