import MartletCore
import Testing

/// What a user of `String` looks for, compared with `String` on short and long texts.
@Suite struct TextViewTests {
  static let samples = [
    "", "a", "#swift", "##", "12 apples", "für Käse, 3 €", "e\u{301}e",
    "a line that is longer than what is held inline",
    "12345678901234567890 digits at the beginning", "👩‍👩‍👧 and a text that is not held inline",
  ]

  @Test(arguments: samples) func `views and edges are those of the string`(sample: String) {
    let text = Text(sample)
    func expectSame(_ result: Text, _ expected: some StringProtocol, line: Int = #line) {
      #expect(String(result) == String(expected), "line \(line)")
    }
    #expect(text.characters == sample)
    expectSame(text.prefix { $0.isNumber }, sample.prefix { $0.isNumber })
    expectSame(text.drop { $0.isNumber || $0 == "#" }, sample.drop { $0.isNumber || $0 == "#" })
    expectSame(text.trimmingPrefix("#"), sample.trimmingPrefix("#"))
    expectSame(text.trimmingPrefix(/[0-9#]+/), sample.trimmingPrefix(/[0-9#]+/))
    #expect(text.starts(with: /\d/) == sample.starts(with: /\d/))
    let counted = text.replacing(/[a-z]+/) { Text("\($0.output.count)") }
    expectSame(counted, sample.replacing(/[a-z]+/) { "\($0.output.count)" })
    expectSame(Text(repeating: text, count: 3), String(repeating: sample, count: 3))
    #expect(Text(repeating: text, count: 0).isEmpty)
    var longer = text
    longer.append("!")
    expectSame(longer, sample + "!")
  }

  @Test(arguments: [
    ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]), ("a\r\nb\rc\n", ["a", "b", "c"]),
    ("\r\n\r\n", ["", ""]), ("a\n\rb", ["a", "", "b"]),
    (
      "a first line of some length\r\nund eine längere zweite",
      ["a first line of some length", "und eine längere zweite"]
    ),
  ]) func `lines are what stands between the ends of lines`(contents: String, lines: [String]) {
    #expect(Text(contents).lines.map { String($0) } == lines)
  }

  @Test func `what closures throw is thrown on`() {
    struct Boom: Error {}
    let text: Text = "some words"
    #expect(throws: Boom.self) { try text.prefix { _ in throw Boom() } }
    #expect(throws: Boom.self) { try text.drop { _ in throw Boom() } }
    #expect(throws: Boom.self) { try text.replacing(/o/) { _ in throw Boom() } }
  }
}
