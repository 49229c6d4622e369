import MartletCore
import Testing

@Suite struct TextTests {
  @Test func `a text takes 24 bytes`() {
    #expect(MemoryLayout<Text>.size == 24)
    #expect(MemoryLayout<Text?>.size <= 25)
  }

  @Test func `up to 15 bytes are inline, more in a buffer`() {
    for count in 0...40 {
      let text = Text(String(repeating: "x", count: count))
      #expect(text.isInline == (count <= 15))
      #expect(text.utf8Count == count)
      #expect(text.isEmpty == (count == 0))
      #expect(text.isCanonical)
    }
    #expect(Text().isEmpty && Text().isCanonical)
  }

  @Test func `every text has the one canonical form of its bytes`() {
    var samples = TextSamples(seed: 1)
    for _ in 0..<2000 {
      let (string, text) = samples.pair()
      #expect(text.isCanonical)
      #expect(text.bytes == string.bytes)
      #expect(text == Text(string))
    }
  }

  @Test func `a load of exactly the bytes of a text gives the same words as a padded one`() {
    let buffer = TextBuffer(capacity: 32)
    for i in 0..<32 { buffer.base[i] = UInt8(0xA0 + i) }
    for start in 0..<16 {
      for count in 0...15 {
        let bytes = UnsafePointer(buffer.base + start)
        #expect(loadExact16(bytes, count: count) == loadPadded16(bytes, count: count))
        let all = loadPadded16(UnsafePointer(buffer.base), count: 15)
        if start + count <= 15 {
          #expect(shiftedWords(all, from: start, count: count) == loadPadded16(bytes, count: count))
        }
      }
    }
  }

  @Test func `the closure that reads the bytes may throw`() {
    struct Refused: Error {}
    let text: Text = "inline"
    #expect(throws: Refused.self) { try text.withUTF8Bytes { _ in throw Refused() } }
    let long: Text = "longer than fifteen bytes"
    #expect(throws: Refused.self) { try long.withUTF8Bytes { _ in throw Refused() } }
  }

  @Test func `a compacted text does not retain its original block`() {
    let text = "a word of more than fifteen bytes"
    weak var block: TextBuffer?
    var slice = Text()
    do {
      let buffer = TextBuffer(capacity: 1 << 16)
      block = buffer
      for (i, byte) in text.utf8.enumerated() { buffer.base[i] = byte }
      slice = Text(UnsafePointer(buffer.base), count: text.utf8.count, in: buffer)
    }
    #expect(block != nil)
    slice = slice.compacted()
    #expect(block == nil)
    #expect(String(slice) == text)
  }

  @Test func `a text that fills its buffer is its own compacted form`() {
    let text: Text = "a word of more than fifteen bytes"
    #expect(text.compacted().owner === text.owner)
    let inline: Text = "short"
    #expect(inline.compacted() == inline)
  }

  @Test func `adding texts concatenates their bytes`() {
    var samples = TextSamples(seed: 2)
    for _ in 0..<2000 {
      let (a, b) = (samples.pair(), samples.pair())
      let sum = a.text + b.text
      #expect(sum.bytes == a.string.bytes + b.string.bytes)
      #expect(sum.isCanonical)
      var grown = a.text
      grown += b.text
      #expect(grown == sum)
    }
    #expect("ab" + ("c" as Text) == "abc")
  }

  @Test func `the scalars are those of the string`() {
    var samples = TextSamples(seed: 3)
    for _ in 0..<2000 {
      let (string, text) = samples.pair()
      #expect(Array(text.unicodeScalars) == Array(string.unicodeScalars))
      #expect(text.unicodeScalars.underestimatedCount <= string.unicodeScalars.count)
    }
    for scalar: Unicode.Scalar in ["\0", "a", "\u{7F}", "\u{80}", "é", "漢", "\u{FFFF}", "😀", "\u{10FFFF}"] {
      #expect(Text(scalar).bytes == String(scalar).bytes)
      #expect(Text(scalar).isCanonical)
    }
  }
}
