import MartletCore
import Testing

@Suite struct TextOrderTests {
  @Test func `texts are compared by their bytes`() {
    var samples = TextSamples(seed: 10)
    for _ in 0..<3000 {
      let a = samples.pair()
      var b = samples.pair()
      if Bool.random(using: &samples) {
        // A common start, so that the difference comes late.
        b.string = a.string + b.string
        b.text = samples.text(of: b.string)
      }
      #expect((a.text == b.text) == (a.string.bytes == b.string.bytes))
      #expect((a.text < b.text) == a.string.bytes.lexicographicallyPrecedes(b.string.bytes))
      #expect((b.text < a.text) == b.string.bytes.lexicographicallyPrecedes(a.string.bytes))
    }
  }

  @Test func `a text comes before itself followed by a zero byte`() {
    #expect(("a" as Text) < "a\0")
    #expect(!(("a\0" as Text) < "a"))
    #expect(("a" as Text) != "a\0")
  }

  @Test func `canonically equivalent texts are different`() {
    #expect("e\u{301}" as String == "\u{E9}")
    #expect("e\u{301}" as Text != "\u{E9}")
  }

  @Test func `equal texts have equal hashes wherever their bytes are`() {
    var samples = TextSamples(seed: 11)
    for _ in 0..<1000 {
      let (string, text) = samples.pair()
      let other = samples.text(of: string)
      #expect(text.hashValue == other.hashValue)
      #expect(text.stableHash(seed: 7) == other.stableHash(seed: 7))
      #expect(text._rawHashValue(seed: 7) == other._rawHashValue(seed: 7))
      #expect(text.withUTF8Bytes { hash($0, seed: 7) } == text.stableHash(seed: 7))
    }
  }

  @Test func `texts work as elements of sets and keys of dictionaries`() {
    var samples = TextSamples(seed: 12)
    var counts: [Text: Int] = [:]
    var expected: [[UInt8]: Int] = [:]
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      counts[text, default: 0] += 1
      expected[string.bytes, default: 0] += 1
    }
    #expect(counts.count == expected.count)
    for (text, count) in counts { #expect(expected[text.bytes] == count) }
  }

  @Test func `the stable hash never changes`() {
    let golden: [(Text, UInt64, UInt64)] = [
      ("", 0, 0xCA81_3BF4_C7AB_F0A9),
      ("a", 0, 0xE101_A0B9_C44F_7958),
      ("a", 1, 0x9C48_7CD4_2E7C_D610),
      ("hello", 0, 0xA6F8_4FB6_64BC_6E3F),
      ("fifteen bytes !", 42, 0xC3E9_0926_E3EA_A6A3),
      ("sixteen bytes !!", 42, 0xBF56_5AB0_2C0D_316A),
      ("seventeen bytes !", 42, 0xB796_6245_9E67_1269),
      ("thirty-two bytes of words, no 33", 7, 0x6351_55D8_DAFC_BA7F),
      ("thirty-two bytes of words, no 33!", 7, 0xECD4_9458_CD41_B058),
      ("漢字 and é", 0, 0x81BB_892E_F961_25E4),
      ("a line that is long enough to go around the loop of both lanes more than once", .max, 0xCB5C_B1A5_F73C_A0EA),
    ]
    for (text, seed, hash) in golden { #expect(text.stableHash(seed: seed) == hash, "of \(text)") }
  }

  @Test func `one changed byte or another seed changes the hash`() {
    var samples = TextSamples(seed: 13)
    for count in [1, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65, 100] {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0x21...0x7E, using: &samples) }
      let hash = Text(decoding: bytes).stableHash(seed: 1)
      #expect(hash != Text(decoding: bytes).stableHash(seed: 2))
      for i in 0..<count {
        var changed = bytes
        changed[i] ^= 1
        #expect(Text(decoding: changed).stableHash(seed: 1) != hash)
      }
    }
  }

  private func hash(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64) -> UInt64 {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { none in
      // Safe: a temporary allocation has an address.
      hashBytes(bytes.baseAddress ?? UnsafePointer(none.baseAddress.unsafelyUnwrapped), count: bytes.count, seed: seed)
    }
  }
}
