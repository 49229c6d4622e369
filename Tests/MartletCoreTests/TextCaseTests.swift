import MartletCore
import Testing

@Suite struct TextCaseTests {
  @Test func `case is mapped as for strings`() {
    var samples = TextSamples(seed: 40)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      #expect(text.lowercased().bytes == string.lowercased().bytes)
      #expect(text.uppercased().bytes == string.uppercased().bytes)
      #expect(text.lowercased().isCanonical && text.uppercased().isCanonical)
    }
  }

  @Test func `every scalar is mapped as for strings`() {
    for value in UInt32(0)...0x1_FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = Text(scalar)
      if text.lowercased().bytes != String(scalar).lowercased().bytes { Issue.record("U+\(String(value, radix: 16))") }
      if text.uppercased().bytes != String(scalar).uppercased().bytes { Issue.record("U+\(String(value, radix: 16))") }
    }
  }

  @Test func `every ASCII byte is mapped at every place of a word`() {
    for byte in UInt8(0)..<0x80 {
      for place in 0..<20 {
        var bytes = Array("0123456789abcdefXYZ!".utf8)
        bytes[place] = byte
        let string = String(decoding: bytes, as: UTF8.self)
        #expect(Text(string).lowercased().bytes == string.lowercased().bytes)
        #expect(Text(string).uppercased().bytes == string.uppercased().bytes)
      }
    }
  }

  @Test func `a text that already has the case is not copied`() {
    let text: Text = "all of this is in lower case"
    #expect(text.lowercased().owner === text.owner)
    #expect(text.uppercased() == "ALL OF THIS IS IN LOWER CASE")
    #expect(("Straße" as Text).uppercased() == "STRASSE")
  }

  @Test func `trimming removes white space at both ends`() {
    var samples = TextSamples(seed: 41)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      var scalars = Substring(string).unicodeScalars
      while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
      while scalars.last?.properties.isWhitespace == true { scalars.removeLast() }
      #expect(text.trimmed().bytes == scalars.string.bytes)
      #expect(text.trimmed().isCanonical)
    }
    #expect(("\u{3000} \t to be \u{85}\r\n" as Text).trimmed() == "to be")
    #expect((" \u{2003} " as Text).trimmed().isEmpty)
  }

  @Test func `trimming removes the scalars that the closure selects`() {
    #expect(("((a, b))" as Text).trimmed { $0 == "(" || $0 == ")" } == "a, b")
    #expect(("漢字 is 漢字" as Text).trimmed { !$0.isASCII } == " is ")
    struct Refused: Error {}
    #expect(throws: Refused.self) { try ("a" as Text).trimmed { _ in throw Refused() } }
  }
}
