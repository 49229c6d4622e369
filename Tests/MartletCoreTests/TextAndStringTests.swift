import MartletCore
import Testing

@Suite struct TextAndStringTests {
  private let long = "a string of more than fifteen bytes, é"

  @Test func `a text and a string are equal if their scalars are`() {
    for string in ["", "a", "fifteen bytes..", "sixteen bytes...", long, "e\u{301}"] {
      let text = Text(string)
      #expect(text == string && string == text)
      #expect(!(text != string) && !(string != text))
      let other = string + "x"
      #expect(text != other && other != text)
      #expect(!(text == other) && !(other == text))
    }
    let composed = "\u{E9}"
    #expect(Text("e\u{301}") != composed)
  }

  @Test func `a literal compared with a text is a text`() {
    // As strings, the two would be equal.
    #expect(!(Text("e\u{301}") == "\u{E9}"))
    #expect(Text("e\u{301}").contains("e"))
    #expect(!Text("e\u{301}").hasPrefix("\u{E9}"))
  }

  @Test func `strings are searched for in texts`() {
    let text = Text(long)
    let (prefix, suffix, middle) = ("a str", "s, é", "fifteen")
    #expect(text.hasPrefix(prefix) && text.hasSuffix(suffix) && text.contains(middle))
    #expect(!text.hasPrefix(suffix) && !text.hasSuffix(prefix) && !text.contains(String(middle.reversed())))
    let new = "20"
    #expect(text.replacing(middle, with: new) == "a string of more than 20 bytes, é")
  }

  @Test func `collections of strings are searched for texts, and the reverse`() {
    for string in ["a", long] {
      let (text, other) = (Text(string), Text(string + "!"))
      #expect([string].contains(text) && ![string].contains(other))
      #expect(Set([string]).contains(text) && !Set([string]).contains(other))
      #expect([text].contains(string) && ![other].contains(string))
      #expect(Set([text]).contains(string) && !Set([other]).contains(string))
    }
    #expect(["a", "b"].contains("b"))
  }

  @Test func `dictionaries with strings as keys are read and changed by texts, and the reverse`() {
    for string in ["a", long] {
      let text = Text(string)
      var byString = [string: 1]
      byString[text] = 2
      byString[text, default: 0] += 3
      #expect(byString[text] == 5 && byString[text, default: 9] == 5 && byString == [string: 5])
      byString[text] = nil
      #expect(byString[text] == nil && byString[text, default: 9] == 9 && byString.isEmpty)
      var byText = [text: 1]
      byText[string] = 2
      byText[string, default: 0] += 3
      #expect(byText[string] == 5 && byText[string, default: 9] == 5 && byText == [text: 5])
      byText[string] = nil
      #expect(byText[string] == nil && byText[string, default: 9] == 9 && byText.isEmpty)
    }
  }

  @Test func `texts are joined`() {
    #expect(["a", Text(long), ""].joined(separator: ", ") == "a, \(long), ")
    #expect(([] as [Text]).joined(separator: ",") == "")
    #expect((["a", "b"] as [Text]).joined() == "ab")
    #expect(["a", "b"].joined(separator: "-") == "a-b")
  }

  @Test func `texts are searched for in strings and substrings, by scalars`() {
    var samples = TextSamples(seed: 73)
    for _ in 0..<2000 {
      let string = samples.string()
      let scalars = Array(string.unicodeScalars)
      let cut = Int.random(in: 0...scalars.count, using: &samples)
      for part in [scalars[..<cut].string, scalars[cut...].string, samples.piece(of: string), samples.string()] {
        let text = samples.text(of: part)
        let (isPart, isStart) = (string.bytes.contains(part.bytes), string.bytes.starts(with: part.bytes))
        let isEnd = string.bytes.reversed().starts(with: part.bytes.reversed())
        #expect(string.contains(text) == isPart && string[...].contains(text) == isPart)
        #expect(string.hasPrefix(text) == isStart && string[...].hasPrefix(text) == isStart)
        #expect(string.hasSuffix(text) == isEnd && string[...].hasSuffix(text) == isEnd)
      }
    }
    // A literal in a string is a string, for which é is one character.
    #expect(!"e\u{301}".contains("e") && "e\u{301}".contains("e" as Text))
  }

  @Test func `texts and strings are ordered by scalars, whichever comes first`() {
    var samples = TextSamples(seed: 74)
    for _ in 0..<3000 {
      let a = samples.pair()
      var b = samples.pair()
      switch Int.random(in: 0..<3, using: &samples) {
      case 0: b = (a.string + b.string, samples.text(of: a.string + b.string))
      case 1: b = (a.string, samples.text(of: a.string))
      default: break
      }
      let precedes = a.string.bytes.lexicographicallyPrecedes(b.string.bytes)
      let follows = b.string.bytes.lexicographicallyPrecedes(a.string.bytes)
      #expect((a.text < b.string) == precedes && (a.string < b.text) == precedes)
      #expect((a.text > b.string) == follows && (a.string > b.text) == follows && (a.text > b.text) == follows)
      #expect((a.text <= b.string) == !follows && (a.string <= b.text) == !follows)
      #expect((a.text >= b.string) == !precedes && (a.string >= b.text) == !precedes)
      #expect((a.string > b.string) == (b.string < a.string))
    }
    // As texts, the two are different; as strings, they are equal.
    let (decomposed, composed) = ("e\u{301}", "\u{E9}")
    #expect(Text(decomposed) < composed && composed > Text(decomposed) && !(decomposed < composed))
    #expect(Text(decomposed) < "\u{E9}")
  }

  @Test func `separators may have several scalars, and may be strings`() {
    #expect(("a, b" as Text).split(separator: ", ") == ["a", "b"])
    let line: Text = "key => a, , b"
    #expect(line.split(separator: " => ") == ["key", "a, , b"])
    #expect(line.split(separator: ", ", maxSplits: 1) == ["key => a", ", b"])
    #expect(line.fields(separator: ", ") == ["key => a", "", "b"])
    #expect(line.split(separator: " => ")[1].fields(separator: ", ").count == 3)
    var samples = TextSamples(seed: 75)
    for _ in 0..<2000 {
      let (string, text) = samples.pair()
      let separator = samples.piece(of: string)
      let (scalars, cut) = (Array(string.unicodeScalars), Array(separator.unicodeScalars))
      let pieces = scalars.split(separator: cut).map { Array($0.string.utf8) }
      let fields = scalars.split(separator: cut, omittingEmptySubsequences: false).map { Array($0.string.utf8) }
      #expect(text.split(separator: separator).map(\.bytes) == pieces, "\(string.debugDescription)")
      #expect(text.split(separator: Text(separator)).map(\.bytes) == pieces)
      #expect(text.fields(separator: separator).map(\.bytes) == fields)
      #expect(text.fields(separator: Text(separator)).map(\.bytes) == fields)
      #expect(
        text.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false).map(\.bytes)
          == scalars.split(separator: cut, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0.string.utf8) }
      )
    }
  }

  @Test func `texts are replaced by strings, and strings by texts`() {
    let text = Text(long)
    let (old, new) = ("fifteen", "20")
    #expect(text.replacing(old, with: Text(new)) == text.replacing(Text(old), with: new))
    #expect(text.replacing(Text(old), with: new) == "a string of more than 20 bytes, é")
    #expect(text.replacing(/f[a-z]*n/, with: new) == "a string of more than 20 bytes, é")
  }

  @Test func `a text is interpolated unchanged`() {
    let text = Text(long)
    #expect("<\(text)>" == "<" + long + ">")
    #expect("\(["a"] as [Text])" == "\(["a"])")
  }
}
