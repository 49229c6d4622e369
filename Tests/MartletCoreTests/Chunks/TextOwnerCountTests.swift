import Testing

@testable import MartletCore

/// Loops that retain once for many texts must add the right number of references.
struct TextOwnerCountTests {
  private struct Refused: Error {}

  private let long = "a line that is too long to lie in the value itself"

  /// The lines of `content`, in a buffer of their own.
  private func lines(_ content: String) -> (lines: [Text], buffer: Weak) {
    let bytes = Array(content.utf8)
    let buffer = bytes.withUnsafeBufferPointer { TextBuffer(copying: $0.baseAddress!, count: bytes.count) }
    var scanner = LineScanner(buffer, start: 0, end: bytes.count)
    let lines = [Text](unsafeUninitializedCapacity: 300) { target, count in
      count = scanner.next(target.baseAddress!, limit: 300)
    }
    return (lines, Weak(buffer))
  }

  private final class Weak {
    weak var buffer: TextBuffer?
    init(_ buffer: TextBuffer) { self.buffer = buffer }
  }

  /// Runs a flat-map kernel over all of `input`; returns the result, and a flag that is true if it threw.
  private func flatMapped<Pieces: Sequence<Text> & SendableMetatype>(
    _ input: [Text], _ transform: @escaping @Sendable (Text) throws -> Pieces
  ) -> (texts: [Text], threw: Bool) where Pieces.Iterator: SendableMetatype {
    let chunk = UnsafeMutablePointer<Text>.allocate(capacity: input.count)
    defer { chunk.deallocate() }
    chunk.initialize(from: input, count: input.count)
    let output = ElementBuffer<Text>()
    let kernel = flatMapKernel(transform)
    do {
      var taken = 0
      while taken < input.count { taken += try kernel(chunk + taken, input.count - taken, output) }
      return (output.takeArray(), false)
    } catch {
      return (output.takeArray(), true)
    }
  }

  @Test("lines keep their buffer as long as one of them lives, and no longer")
  func linesKeepTheirBuffer() {
    var (lines, weak) = lines("short\n\(long) 1\n\n\(long) 2\n\(long) 3")
    #expect(lines == ["short", Text("\(long) 1"), "", Text("\(long) 2"), Text("\(long) 3")])
    lines.removeLast(4)
    #expect(weak.buffer == nil)
    #expect(lines == ["short"])

    (lines, weak) = self.lines("\(long) 1\n\(long) 2\nshort")
    let last = lines[1]
    lines = []
    #expect(weak.buffer != nil)
    #expect(last == Text("\(long) 2"))
  }

  @Test("repaired lines have no reference to their original block")
  func repairedLines() {
    var bytes = Array("\(long)\n".utf8)
    bytes.insert(0xFF, at: 3)
    let buffer = bytes.withUnsafeBufferPointer { TextBuffer(copying: $0.baseAddress!, count: bytes.count) }
    let weak = Weak(buffer)
    var scanner: LineScanner? = LineScanner(consume buffer, start: 0, end: bytes.count)
    let lines = [Text](unsafeUninitializedCapacity: 3) { target, count in
      count = scanner!.next(target.baseAddress!, limit: 3)
    }
    scanner = nil
    #expect(lines.count == 1)
    #expect(weak.buffer == nil || lines[0].owner === weak.buffer)
  }

  @Test("split lines release their buffers", arguments: [" " as Unicode.Scalar, "\u{E9}"])
  func splitLines(separator: Unicode.Scalar) {
    let word = "a-word-that-is-longer-than-fifteen-bytes"
    let line = [word, "x", "", "y", word].joined(separator: String(separator))
    let (first, firstWeak) = lines(Array(repeating: line, count: 100).joined(separator: "\n"))
    let (second, secondWeak) = lines(line + "\nshort\n" + line)
    // The buffers alternate.
    var input: [Text] = []
    for (i, text) in first.enumerated() { input += [text, second[i % second.count]] }
    var made: [Text]? = flatMapped(input) { $0.split(separator: separator) }.texts
    let expected = input.flatMap { $0.split(separator: separator, maxSplits: .max) }
    #expect(made == expected)
    #expect(expected.count > 400)
    input = []
    made = made?.filter { $0.utf8Count < 16 }
    withExtendedLifetime((first, second)) {}
    #expect(firstWeak.buffer != nil, "the lines that this test holds")
    #expect(secondWeak.buffer != nil)
  }

  @Test("nothing of a buffer is left when its lines have been split", arguments: [nil, 0, 57, 199])
  func nothingIsLeft(failingAt: Int?) {
    let weak: Weak
    do {
      let made = lines(
        Array(repeating: "\(long) \(long) and-one-word-longer-than-fifteen", count: 200).joined(separator: "\n"))
      weak = made.buffer
      let failing = failingAt.map { made.lines[$0].owner == nil ? -1 : $0 } ?? -1
      let start = made.lines[0].longBase
      let size = made.lines[0].utf8Count + 1
      let bad = failing >= 0 ? UInt(bitPattern: start + failing * size) : 0
      let result = flatMapped(made.lines) { line in
        if UInt(line.word0) == bad { throw Refused() }
        return line.split(separator: " ")
      }
      #expect(result.threw == (failingAt != nil))
      let pieces = Array(made.lines[0].split(separator: " "))
      #expect(result.texts.count == (failingAt ?? 200) * pieces.count)
      #expect(result.texts.allSatisfy { pieces.contains($0) })
    }
    #expect(weak.buffer == nil)
  }

  @Test("a split that has begun is continued, and its rest released")
  func begunSplits() {
    let weak: Weak
    do {
      let made = lines("1767225600000\t\(long) one\n1767225600001\t\(long) two")
      weak = made.buffer
      let result = flatMapped(made.lines) { line -> TextSplit in
        var words = line.split(separator: " ")
        _ = words.next()
        return words
      }
      let expected = made.lines.flatMap { $0.split(separator: " ", maxSplits: .max).dropFirst() }
      #expect(result.texts == expected)
    }
    #expect(weak.buffer == nil)
  }

  @Test("a filter releases dropped elements, and the rest when its closure throws", arguments: [nil, 0, 31, 99])
  func filtered(failingAt: Int?) throws {
    let weak: Weak
    do {
      let made = lines((0..<100).map { $0 % 3 == 0 ? "short \($0)" : "\(long) \($0)" }.joined(separator: "\n"))
      weak = made.buffer
      let bad = failingAt.map { made.lines[$0] }
      let chunk = UnsafeMutablePointer<Text>.allocate(capacity: 100)
      defer { chunk.deallocate() }
      chunk.initialize(from: made.lines, count: 100)
      let kernel = filterKernel { (line: Text) in
        if line == bad { throw Refused() }
        return line.hasSuffix("7") || line.hasSuffix("3")
      }
      if failingAt == nil {
        let kept = try kernel(chunk, 100)
        let expected = made.lines.filter { $0.hasSuffix("7") || $0.hasSuffix("3") }
        #expect(Array(UnsafeBufferPointer(start: chunk, count: kept)) == expected)
        chunk.deinitialize(count: kept)
      } else {
        #expect(throws: Refused.self) { try kernel(chunk, 100) }
      }
    }
    #expect(weak.buffer == nil)
  }
}
