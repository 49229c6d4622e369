import MartletCore
import Testing

/// Bytes from memory, supplied in small pieces.
private final class MemorySource: ByteSource {
  private var left: ArraySlice<UInt8>
  private let piece: Int

  init(_ bytes: some Sequence<UInt8>, piece: Int) {
    left = Array(bytes)[...]
    self.piece = piece
  }

  func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    let part = left.prefix(min(count, piece))
    part.withUnsafeBytes { if let base = $0.baseAddress { target.copyMemory(from: base, byteCount: $0.count) } }
    left = left.dropFirst(part.count)
    return part.count
  }
}

private func lines(_ reader: ChunkReader<Text>) throws -> [String] {
  try reader.readAll().takeArray().map { String($0) }
}

@Suite struct LineReaderTests {
  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]), ("a\r\nb\r\n", ["a", "b"]),
    ("\r\n", [""]), ("a\rb\n", ["a\rb"]), ("ends with return\r", ["ends with return"]),
    (
      "exactly fifteen\nand one of more than fifteen bytes\n",
      ["exactly fifteen", "and one of more than fifteen bytes"]
    ),
  ])
  func `lines end at line feeds, with or without a carriage return`(_ text: String, _ expected: [String]) throws {
    for piece in [1, 2, 7, 100] {
      let reader = LineReader(MemorySource(text.utf8, piece: piece), name: "test", maximumLineLength: 1 << 20)
      #expect(try lines(reader) == expected)
    }
  }

  @Test func `each line is read once, wherever a text is split into three parts`() throws {
    let text = Array("aaaa\nbb\n\ncccccc\r\nd\n\n".utf8)
    let expected = ["aaaa", "bb", "", "cccccc", "d", ""]
    for first in 0...text.count {
      for second in first...text.count {
        var found: [String] = []
        for (start, end) in [(0, first), (first, second), (second, text.count)] where start < end {
          // Reading begins with the byte before, as in files.
          let from = max(0, start - 1)
          let reader = LineReader(
            MemorySource(text[from...], piece: 3), name: "test", limit: end - from, skipsFirst: start > 0,
            maximumLineLength: 1 << 20, blockSize: 4)
          found += try lines(reader)
        }
        #expect(found == expected, "cut at \(first) and \(second)")
      }
    }
  }

  @Test func `bytes that are not UTF-8 are repaired as in String, and the lines around them are unchanged`() throws {
    let bytes: [UInt8] = Array("good\n".utf8) + [0x61, 0xFF, 0xC3, 0x0A] + Array("grüße\n".utf8)
    let reader = LineReader(MemorySource(bytes, piece: 4), name: "test", maximumLineLength: 1 << 20)
    #expect(try lines(reader) == ["good", "a\u{FFFD}\u{FFFD}", "grüße"])
  }

  @Test func `a line above the limit is an error that names the source and the setting`() throws {
    let text = "short\n" + String(repeating: "x", count: 5000)
    let reader = LineReader(
      MemorySource(text.utf8, piece: 1000), name: "long.txt", maximumLineLength: 4000, blockSize: 100)
    let error = #expect(throws: MartletError.self) { try lines(reader) }
    #expect(error?.code == .corruptData)
    #expect(error?.message.contains("long.txt") == true)
    #expect(error?.message.contains("martlet.line.maximum.bytes") == true)
  }

  @Test func `the limit of a line is exact, whatever the blocks are`() throws {
    for allowed in [1, 2, 10, 99, 100, 101, 5000] {
      for end in ["", "\n", "\nnext\n"] where allowed >= 4 || !end.contains("next") {
        for (blockSize, piece) in [(64, 7), (100, 1000), (1 << 17, 1 << 17)] {
          func read(_ count: Int) throws -> [String] {
            let text = "a\n" + String(repeating: "x", count: count) + end
            return try lines(
              LineReader(
                MemorySource(text.utf8, piece: piece), name: "", maximumLineLength: allowed, blockSize: blockSize))
          }
          let line = String(repeating: "x", count: allowed)
          #expect(try read(allowed) == ["a", line] + (end.contains("next") ? ["next"] : []))
          #expect(throws: MartletError.self) { try read(allowed + 1) }
        }
      }
    }
  }

  @Test(arguments: [
    ("\u{FEFF}a\nb\n", ["a", "b"]), ("\u{FEFF}", []), ("\u{FEFF}\n\u{FEFF}c", ["", "\u{FEFF}c"]),
    ("a\u{FEFF}\n", ["a\u{FEFF}"]), ("", []),
  ])
  func `a byte order mark before the first line can be left out`(_ text: String, _ expected: [String]) throws {
    for piece in [1, 2, 3, 100] {
      let reader = LineReader(
        MemorySource(text.utf8, piece: piece), name: "", skipsByteOrderMark: true, maximumLineLength: 1 << 20)
      #expect(try lines(reader) == expected)
    }
  }

  /// However a file is divided into splits, each line belongs to exactly one: the split in which it begins.
  @Test func `splits together give every line once and in order`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      var text = ""
      for n in 0..<Int.random(in: 0..<40, using: &random) {
        text += "\(n)" + String(repeating: "abc ", count: Int.random(in: 0..<30, using: &random))
        text += ["\n", "\r\n", "\n\n"].randomElement(using: &random) ?? "\n"
      }
      if Bool.random(using: &random) { text += "the last line has no end" }
      let bytes = Array(text.utf8)
      let expected = try lines(LineReader(MemorySource(bytes, piece: 1 << 20), name: "", maximumLineLength: 1 << 20))
      let splits = Int.random(in: 1...9, using: &random)
      var found: [String] = []
      for i in 0..<splits {
        let offset = bytes.count * i / splits
        let end = bytes.count * (i + 1) / splits
        let start = max(0, offset - 1)
        let reader = LineReader(
          MemorySource(bytes[start...], piece: Int.random(in: 1...300, using: &random)), name: "", limit: end - start,
          skipsFirst: offset > 0, maximumLineLength: 1 << 20, blockSize: Int.random(in: 16...400, using: &random))
        found += try lines(reader)
      }
      #expect(found == expected, "\(splits) splits of \(text.debugDescription)")
    }
  }

  @Test func `retained texts do not change when the reader continues`() throws {
    let text = (0..<2000).map { "line number \($0) is longer than fifteen bytes\n" }.joined()
    let reader = LineReader(MemorySource(text.utf8, piece: 997), name: "", maximumLineLength: 1 << 20, blockSize: 1024)
    let kept = try reader.readAll().takeArray()
    #expect(kept.count == 2000)
    for (n, line) in kept.enumerated() { #expect(line == Text("line number \(n) is longer than fifteen bytes")) }
  }
}
