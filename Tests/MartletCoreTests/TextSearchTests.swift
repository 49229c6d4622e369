import MartletCore
import Testing

@Suite struct TextSearchTests {
  @Test func `prefixes, suffixes and parts are found as among scalars`() {
    var samples = TextSamples(seed: 30)
    for _ in 0..<4000 {
      let (string, text) = samples.pair()
      let scalars = Array(string.unicodeScalars)
      let cut = Int.random(in: 0...scalars.count, using: &samples)
      let parts = [scalars[..<cut].string, scalars[cut...].string, samples.piece(of: string), samples.string()]
      for part in parts {
        let piece = samples.text(of: part)
        #expect(text.hasPrefix(piece) == string.bytes.starts(with: part.bytes))
        #expect(text.hasSuffix(piece) == string.bytes.reversed().starts(with: part.bytes.reversed()))
        #expect(text.contains(piece) == string.bytes.contains(part.bytes))
      }
    }
  }

  @Test func `long parts are found wherever they are`() {
    let part = String(repeating: "ab", count: 40) + "c"
    for before in 0..<130 {
      let string = String(repeating: "ab", count: before / 2) + String(repeating: "x", count: before % 2) + part + "d"
      #expect(Text(string).contains(Text(part)))
      #expect(!Text(string).contains(Text(part + "c")))
    }
  }

  @Test func `bytes after a slice are not found`() {
    let line = Text("one two three four five six seven")
    #expect(!line.slice(0..<16).contains("four"))
    #expect(!line.slice(0..<10).contains("three"))
    #expect(line.slice(0..<18).contains("four"))
    #expect(!line.slice(0..<18).hasSuffix("five"))
  }

  @Test func `a literal of one scalar can be searched for`() {
    let text: Text = "naïve"
    #expect(text.contains("ï"))
    #expect(!text.contains("i"))
    let scalar: Unicode.Scalar = "v"
    #expect(text.contains(scalar))
    #expect(text.contains(""))
    #expect(text.hasPrefix("") && text.hasSuffix(""))
  }

  @Test func `one scalar is found where a character is not`() {
    #expect(("e\u{301}" as Text).contains("e" as Text))
    #expect(!("e\u{301}" as String).contains("e"))
  }

  @Test func `replacing gives the same as among scalars`() {
    var samples = TextSamples(seed: 31)
    for _ in 0..<2000 {
      let (string, text) = samples.pair()
      let target = Int.random(in: 0..<20, using: &samples) == 0 ? "" : samples.piece(of: string)
      let replacement = ["", "-", "é", "a replacement of more than 15 bytes"].randomElement(using: &samples) ?? ""
      let replaced = text.replacing(Text(target), with: Text(replacement))
      let expected = Array(string.unicodeScalars).replacing(
        Array(target.unicodeScalars), with: Array(replacement.unicodeScalars))
      #expect(replaced.bytes == expected.string.bytes, "\(target.debugDescription) in \(string.debugDescription)")
      #expect(replaced.isCanonical)
    }
    #expect(("aaa" as Text).replacing("aa", with: "b") == "ba")
    #expect(("aaa" as Text).replacing("aaa", with: "") == "")
  }
}
