import MartletCore
import Testing

@Suite struct TextCharacterTests {
  private let edges = [
    "", "a", "abc", "\r", "\n", "\r\n", "a\r\nb", "\r\n\r\n", "e\u{301}", "\u{301}", "a\u{301}b", "ab\u{301}",
    "🇩🇪🇫🇷", "👩‍👩‍👧!", "a string of more than fifteen bytes", "a string of more than fifteen bytes\r\n",
    "e\u{301} at the front of more than fifteen bytes", "more than fifteen bytes, and at the end e\u{301}",
    "\u{600}a", "x\u{600}", "\0a\0",
  ]

  @Test func `characters are counted and removed as in a string`() {
    var samples = TextSamples(seed: 71)
    for round in 0..<3000 {
      let (string, text) = round < edges.count ? (edges[round], Text(edges[round])) : samples.pair()
      let context = Comment(rawValue: string.debugDescription)
      #expect(text.count == string.count, context)
      #expect(text.first.map { String($0).bytes } == string.first.map { String($0).bytes }, context)
      #expect(text.last.map { String($0).bytes } == string.last.map { String($0).bytes }, context)
      for n in [0, 1, 2, 3, 14, 15, 16, 17, Int.random(in: 0...70, using: &samples), .max] {
        let pieces = [text.prefix(n), text.suffix(n), text.dropFirst(n), text.dropLast(n)]
        let expected = [string.prefix(n), string.suffix(n), string.dropFirst(n), string.dropLast(n)]
        #expect(pieces.map(\.bytes) == expected.map { Array($0.utf8) }, context)
        #expect(pieces.allSatisfy { $0.isCanonical }, context)
      }
      #expect(text.dropFirst().bytes == Array(string.dropFirst().utf8), context)
      #expect(text.dropLast().bytes == Array(string.dropLast().utf8), context)
    }
  }

  @Test func `a piece of a longer buffer does not include the bytes around it`() {
    let line = Text("one\r\ntwo, e\u{301} and more than fifteen bytes\u{301}\r\n")
    #expect(line.slice(0..<4).last == "\r")
    #expect(line.slice(4..<30).first == "\n")
    #expect(line.slice(0..<11).count == 10)
    #expect(line.slice(0..<11).last == "e")
  }

  @Test func `the bytes are a collection of the bytes of the string`() {
    var samples = TextSamples(seed: 72)
    for _ in 0..<2000 {
      let (string, text) = samples.pair()
      let bytes = string.bytes
      #expect(Array(text.utf8) == bytes && text.utf8.elementsEqual(string.utf8))
      #expect(text.utf8.count == bytes.count && text.utf8.isEmpty == bytes.isEmpty)
      #expect(text.utf8.indices.map { text.utf8[$0] } == bytes)
      #expect(text.utf8.reversed() == bytes.reversed())
      #expect(text.utf8.first == bytes.first && text.utf8.last == bytes.last)
      let cut = Int.random(in: 0...bytes.count, using: &samples)
      #expect(text.utf8[..<cut].elementsEqual(bytes[..<cut]) && text.utf8[cut...].elementsEqual(bytes[cut...]))
      #expect(text.utf8.firstIndex(of: 0x20) == bytes.firstIndex(of: 0x20))
      #expect(text.utf8.withContiguousStorageIfAvailable { Array($0) } == bytes)
      #expect(Text(decoding: text.utf8) == text)
      var seen: [UInt8] = []
      for byte in text.utf8 { seen.append(byte) }
      #expect(seen == bytes)
    }
  }

  @Test func `a byte out of range ends the program`() async {
    for index in [-1, 3, 24] {
      await #expect(processExitsWith: .failure) { [index = index as Int] in _ = ("abc" as Text).utf8[index] }
    }
  }
}
