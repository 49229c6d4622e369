// Unsafe code. Invariant: one thread, the receiver's, writes after `written`; the bytes before `lineEnd` are complete
// lines, never written again, and may be cut off by any thread under the lock.

import CMartlet
import MartletCore

extension ReceivedBlock<Text> {
  /// Lines of text, as they came over the wire.
  convenience init(lines: Int, in buffer: TextBuffer, _ range: Range<Int>) {
    self.init(records: lines, bytes: range.count, .lines(buffer, range))
  }
}

/// Collects bytes into blocks of complete lines.
final class LineBlockBuilder: @unchecked Sendable {
  // Sendable: only the receiver's thread writes the variables that it reads without `condition`: `totals`,
  // `isSkipping`, and the fill level of the buffer. Other threads read and write only those that `cut` uses, under
  // `condition`.
  private let queue: BlockQueue<Text>
  private let maximumLineLength: Int
  private let blockSize: Int
  private let condition = Condition()
  private var buffer: TextBuffer
  private var cutStart = 0
  private var lineEnd = 0
  private var written = 0
  private var lines = 0
  /// The numbers of lines and bytes received, for rate limits.
  private(set) var totals = (lines: 0, bytes: 0)
  /// True if the rest of an overlong line is being skipped.
  private var isSkipping = false

  init(_ queue: BlockQueue<Text>, maximumLineLength: Int, blockSize: Int = 1 << 20) {
    self.queue = queue
    self.maximumLineLength = maximumLineLength
    self.blockSize = min(blockSize, max(4096, maximumLineLength))
    buffer = TextBuffer(capacity: self.blockSize)
  }

  /// An event that `received` reports.
  enum Event: Equatable {
    case overlongLine(bytes: Int)
  }

  /// The buffer for the next bytes.
  func room() -> UnsafeMutableBufferPointer<UInt8> {
    if buffer.capacity - written < 4096 { startNextBuffer() }
    return UnsafeMutableBufferPointer(start: buffer.base + written, count: buffer.capacity - written)
  }

  /// Records that `count` bytes were written to the buffer of `room()`.
  func received(_ count: Int) -> Event? {
    var event: Event?
    let from = written
    var new = written + count
    if isSkipping {
      guard let feed = firstLineFeed(from: from, to: new) else { return nil }
      let kept = new - feed - 1
      (buffer.base + from).update(from: buffer.base + feed + 1, count: kept)
      new = from + kept
      isSkipping = false
    }
    if new - lineEnd > maximumLineLength, let longest = leaveOutOverlongLines(to: &new) {
      event = .overlongLine(bytes: longest)
    }
    // There is no line feed before `from`, unless lines have been moved together.
    let countedFrom = event == nil ? from : lineEnd
    let newLines = martlet_count_byte(buffer.base + countedFrom, new - countedFrom, 10)
    totals.lines += Int(newLines)
    totals.bytes += count
    var end = lineEnd
    if newLines > 0 {
      end = new
      while buffer.base[end - 1] != 10 { end -= 1 }
    }
    condition.withLock {
      written = new
      lineEnd = end
      lines += Int(newLines)
    }
    return event
  }

  /// Removes the lines after `lineEnd` that are too long, complete or not, and moves the others together; returns the
  /// number of bytes of the longest, if there is one.
  private func leaveOutOverlongLines(to end: inout Int) -> Int? {
    var longest: Int?
    var kept = lineEnd
    var start = lineEnd
    while start < end {
      let feed = firstLineFeed(from: start, to: end)
      let length = (feed ?? end) - start
      let next = feed.map { $0 + 1 } ?? end
      if length > maximumLineLength {
        longest = max(longest ?? 0, length)
        isSkipping = feed == nil
      } else {
        (buffer.base + kept).update(from: buffer.base + start, count: next - start)
        kept += next - start
      }
      start = next
    }
    end = kept
    return longest
  }

  /// Ends the last line, which may lack its line feed, when the sender has closed the connection properly.
  func finishLastLine() {
    guard written > lineEnd else { return }
    buffer.base[written] = 10
    condition.withLock {
      written += 1
      lineEnd = written
      lines += 1
    }
  }

  /// Discards the incomplete line when the connection breaks; returns its number of bytes.
  func dropPartialLine() -> Int {
    defer {
      condition.withLock { written = lineEnd }
      isSkipping = false
    }
    return written - lineEnd
  }

  /// Cuts off the complete lines.
  func cut() -> ReceivedBlock<Text>? { condition.withLock { cutLocked() } }

  private func cutLocked() -> ReceivedBlock<Text>? {
    guard lineEnd > cutStart else { return nil }
    defer {
      cutStart = lineEnd
      lines = 0
    }
    return ReceivedBlock(lines: lines, in: buffer, cutStart..<lineEnd)
  }

  private func startNextBuffer() {
    if let block = cut() { queue.append(block) }
    let tail = written - lineEnd
    let capacity = max(blockSize, tail * 2)
    let next = TextBuffer(capacity: capacity)
    next.base.update(from: buffer.base + lineEnd, count: tail)
    condition.withLock {
      buffer = next
      cutStart = 0
      lineEnd = 0
      written = tail
    }
  }

  private func firstLineFeed(from start: Int, to end: Int) -> Int? {
    (start..<end).first { buffer.base[$0] == 10 }
  }
}
