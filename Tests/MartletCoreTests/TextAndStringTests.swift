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

  @Test func `a literal beside a text is a text`() {
    // As strings, the two would be equal.
    #expect(!(Text("e\u{301}") == "\u{E9}"))
    #expect(Text("e\u{301}").contains("e"))
    #expect(!Text("e\u{301}").hasPrefix("\u{E9}"))
  }

  @Test func `strings are looked for in texts`() {
    let text = Text(long)
    let (prefix, suffix, middle) = ("a str", "s, é", "fifteen")
    #expect(text.hasPrefix(prefix) && text.hasSuffix(suffix) && text.contains(middle))
    #expect(!text.hasPrefix(suffix) && !text.hasSuffix(prefix) && !text.contains(String(middle.reversed())))
    let new = "20"
    #expect(text.replacing(middle, with: new) == "a string of more than 20 bytes, é")
  }

  @Test func `collections of strings are asked for texts, and the other way round`() {
    for string in ["a", long] {
      let (text, other) = (Text(string), Text(string + "!"))
      #expect([string].contains(text) && ![string].contains(other))
      #expect(Set([string]).contains(text) && !Set([string]).contains(other))
      #expect([text].contains(string) && ![other].contains(string))
      #expect(Set([text]).contains(string) && !Set([other]).contains(string))
    }
    #expect(["a", "b"].contains("b"))
  }

  @Test func `dictionaries with strings as keys are read and changed by texts, and the other way round`() {
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

  @Test func `characters are counted as in a string`() {
    var samples = TextSamples(seed: 70)
    for _ in 0..<1000 {
      let (string, text) = samples.pair()
      #expect(text.count == string.count, "\(string.debugDescription)")
    }
    for string in ["", "abc", "a\r\nb", "\r", "e\u{301}", long, long + "\r\n", String(repeating: "ab", count: 100)] {
      #expect(Text(string).count == string.count, "\(string.debugDescription)")
    }
  }

  @Test func `a text stands in a string as it is`() {
    let text = Text(long)
    #expect("<\(text)>" == "<" + long + ">")
    #expect("\(["a"] as [Text])" == "\(["a"])")
  }
}
