import MartletCore
import RegexBuilder
import Testing

@Suite struct TextRegexTests {
  private let line: Text = "2026-11-30 ERROR disk sda1 is full, disk sdb2 is not"

  @Test func `regular expressions match as in strings`() throws {
    #expect(line.contains(/ERR|FATAL/))
    #expect(!line.contains(/WARN/))
    let disk = try #require(line.firstMatch(of: /disk (sd[a-z])(\d)/))
    #expect(disk.1 == "sda" && Int(disk.2) == 1)
    #expect(line.matches(of: /sd[a-z]/).map { String($0.output) } == ["sda", "sdb"])
    #expect(line.wholeMatch(of: /[0-9-]+/) == nil)
    #expect(line.wholeMatch(of: /[0-9-]+ (\w+) .*/)?.1 == "ERROR")
    #expect(line.prefixMatch(of: /(\d+)-/)?.1 == "2026")
    #expect(line.prefixMatch(of: /ERROR/) == nil)
  }

  @Test func `matches can be replaced, and can split a text`() {
    let text: Text = "a1b22c"
    #expect(text.replacing(/\d+/, with: "-") == "a-b-c")
    #expect(text.split(separator: /\d+/) == ["a", "b", "c"])
    #expect(text.split(separator: /\d/, omittingEmptySubsequences: false) == ["a", "b", "", "c"])
  }

  @Test func `a literal is a text even where strings are regular expressions`() {
    // As a regular expression, the string would be searched for by characters, and the accent is a part of one.
    #expect(("e\u{301}" as Text).contains("e"))
    #expect(("e\u{301} e" as Text).replacing("e", with: "a") == "a\u{301} a")
    let words: TextSplit = line.split(separator: " ")
    #expect(words.count == 10)
  }
}
