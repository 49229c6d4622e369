import MartletCore
import Testing

@Suite struct TextSplitTests {
  private let separators: [Unicode.Scalar] = [" ", ",", "\0", "\t", "é", "漢", "€", "😀", "\u{301}", "\u{10FFFF}"]

  @Test func `a literal separator needs no type`() {
    let line: Text = "to be or not to be"
    var words: [String] = []
    for word in line.split(separator: " ") { words.append(String(word)) }
    #expect(words == ["to", "be", "or", "not", "to", "be"])
    #expect(line.split(separator: " ").map { $0.utf8Count } == [2, 2, 2, 3, 2, 2])
    let array: [Text] = line.split(separator: " ")
    #expect(array.count == 6)
    #expect(line.split(separator: " ", maxSplits: 1) == ["to", "be or not to be"])
  }

  @Test func `lazy splitting gives the pieces of the scalars`() {
    var samples = TextSamples(seed: 20)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      let inString = string.unicodeScalars.randomElement(using: &samples)
      for separator in [separators.randomElement(using: &samples), inString].compactMap({ $0 }) {
        let pieces = Array(text.split(separator: separator) as TextSplit)
        let expected = string.unicodeScalars.split(separator: separator).map { $0.string.bytes }
        #expect(pieces.map(\.bytes) == expected, "\(string.debugDescription) by \(separator.debugDescription)")
        #expect(pieces.allSatisfy { $0.isCanonical })
      }
    }
  }

  @Test func `separators of several bytes are found across block boundaries`() {
    for separator in separators {
      for lead in 56...70 {
        for rest in [0, 1, 60, 80] {
          let string = String(repeating: "a", count: lead) + String(separator) + String(repeating: "b", count: rest)
          let pieces = Array(Text(string).split(separator: separator) as TextSplit)
          #expect(pieces.map(\.utf8Count) == (rest == 0 ? [lead] : [lead, rest]))
        }
      }
    }
  }

  @Test func `bytes after a slice are not taken for a separator`() {
    let buffer = Text("some words of a line that goes on, and on, and on, for more than sixty-four bytes in all")
    let slice = buffer.slice(0..<20)
    #expect(Array(slice.split(separator: ",") as TextSplit) == ["some words of a line"])
    #expect(Array(slice.split(separator: "o") as TextSplit) == ["s", "me w", "rds ", "f a line"])
  }

  @Test func `after its end a split stays at its end`() {
    for text: Text in ["", " ", "a", "a ", "  a  ", "more than fifteen bytes", "more than fifteen bytes "] {
      var split: TextSplit = text.split(separator: " ")
      while split.next() != nil {}
      #expect(split.next() == nil)
      #expect(split.next() == nil)
    }
  }

  @Test func `a split keeps the bytes of its text alive`() {
    func split(_ string: String) -> TextSplit { Text(string).split(separator: " ") }
    let string = String(repeating: "a-word-of-more-than-fifteen-bytes ", count: 50)
    var pieces = split(string)
    var words: [Text] = []
    while let word = pieces.next() {
      // Would reuse the memory of the buffer if it had been freed.
      words.append(word + Text(String(repeating: "x", count: string.utf8.count)))
    }
    #expect(words.count == 50)
    #expect(words.allSatisfy { $0.hasPrefix("a-word-of-more-than-fifteen-bytesx") })
  }

  @Test func `splitting on white space knows all of Unicode's`() {
    for value in UInt32(0)...0x10_FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      if isWhitespace(scalar) != scalar.properties.isWhitespace { Issue.record("U+\(String(value, radix: 16))") }
    }
    var samples = TextSamples(seed: 21)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      let pieces = Array(text.splitOnWhitespace())
      let expected = string.unicodeScalars.split { $0.properties.isWhitespace }.map { $0.string.bytes }
      #expect(pieces.map(\.bytes) == expected, "\(string.debugDescription)")
      #expect(pieces.allSatisfy { $0.isCanonical })
    }
  }

  @Test func `white space of three bytes is found across block boundaries`() {
    for lead in 56...70 {
      let string = String(repeating: "a", count: lead) + "\u{3000}\u{2003}\u{A0}" + String(repeating: "b", count: 20)
      #expect(Array(Text(string).splitOnWhitespace()).map(\.utf8Count) == [lead, 20])
    }
  }

  @Test func `splitting into an array is Swift's own split over scalars`() {
    var samples = TextSamples(seed: 22)
    var compared = 0
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      // An empty piece has none.
      guard let separator = samples.piece(of: string).unicodeScalars.first else { continue }
      compared += 1
      let maxSplits = [0, 1, 2, 5, .max].randomElement(using: &samples) ?? 0
      let omitting = Bool.random(using: &samples)
      let pieces = text.split(separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: omitting)
      let expected = string.unicodeScalars.split(
        separator: separator, maxSplits: maxSplits, omittingEmptySubsequences: omitting)
      #expect(pieces.map(\.bytes) == expected.map { $0.string.bytes })
      #expect(pieces.allSatisfy { $0.isCanonical })
      let byClosure = text.split(maxSplits: maxSplits, omittingEmptySubsequences: omitting) { $0 == separator }
      #expect(byClosure == pieces)
    }
    #expect(compared > 1000)
  }

  @Test func `splitting by a text is Swift's own split over scalars`() {
    var samples = TextSamples(seed: 23)
    for _ in 0..<3000 {
      let (string, text) = samples.pair()
      let separator = Int.random(in: 0..<20, using: &samples) == 0 ? "" : samples.piece(of: string)
      let maxSplits = [0, 1, 2, 5, .max].randomElement(using: &samples) ?? 0
      let omitting = Bool.random(using: &samples)
      let pieces = text.split(
        separatedBy: samples.text(of: separator), maxSplits: maxSplits, omittingEmptySubsequences: omitting)
      let expected = Array(string.unicodeScalars).split(
        separator: Array(separator.unicodeScalars), maxSplits: maxSplits, omittingEmptySubsequences: omitting)
      #expect(
        pieces.map(\.bytes) == expected.map { $0.string.bytes },
        "\(string.debugDescription) by \(separator.debugDescription), \(maxSplits), \(omitting)")
    }
    #expect(("a => b => c" as Text).split(separatedBy: " => ") == ["a", "b", "c"])
  }

  @Test func `a closure that throws ends the split`() {
    struct Refused: Error {}
    #expect(throws: Refused.self) { try ("ab" as Text).split { _ in throw Refused() } }
    #expect(("1+2-3" as Text).split { $0 == "+" || $0 == "-" } == ["1", "2", "3"])
    #expect(("1+2-3" as Text).split(whereSeparator: { $0 == "+" }) == ["1", "2-3"])
  }

  @Test func `the words of a string are those of its scalars`() {
    var samples = TextSamples(seed: 24)
    for _ in 0..<1000 {
      let string = samples.string()
      for separator in [" ", "é"] as [Unicode.Scalar] {
        let expected = string.unicodeScalars.split(separator: separator).map { $0.string.bytes }
        #expect(string.words(separatedBy: separator).map(\.bytes) == expected)
      }
    }
    #expect(Array("to be or not".words(separatedBy: " ")) == ["to", "be", "or", "not"])
  }

  @Test func `pieces are accessible by their number`() {
    var samples = TextSamples(seed: 21)
    for _ in 0..<1000 {
      let (_, text) = samples.pair()
      let pieces: TextSplit = text.split(separator: " ")
      let all = Array(pieces)
      #expect(pieces.count == all.count)
      #expect(pieces.isEmpty == all.isEmpty)
      #expect(pieces.first == all.first && pieces.last == all.last)
      for i in all.indices { #expect(pieces[i] == all[i]) }
    }
    let line: Text = "sensor-7,21.5,,ok,a column of more than fifteen bytes"
    let columns = line.split(separator: ",")
    #expect(columns[0] == "sensor-7" && Double(columns[1]) == 21.5 && columns[2] == "ok" && columns.count == 4)
    #expect(line.split(separator: ",")[3] == "a column of more than fifteen bytes")
  }

  @Test func `a partly read split numbers the rest`() {
    var words: TextSplit = ("to be or not" as Text).split(separator: " ")
    #expect(words.next() == "to")
    #expect(words[0] == "be" && words.count == 3 && words.last == "not")
  }

  @Test func `a missing piece is named when the program ends`() async throws {
    for index in [3, -1] {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [index = index as Int] in
        _ = ("a b c" as Text).split(separator: " ")[index]
      }
      let message = String(decoding: result.standardErrorContent, as: UTF8.self)
      #expect(message.contains("Index \(index) is out of range: the split text has 3 pieces"))
    }
  }

  @Test func `fields keep their places, even if some are empty`() {
    #expect(("a,,b" as Text).fields(separator: ",") == ["a", "", "b"])
    #expect((",a," as Text).fields(separator: ",") == ["", "a", ""])
    #expect(("" as Text).fields(separator: ",") == [""])
    #expect(("a" as Text).fields(separator: ",") == ["a"])
    var samples = TextSamples(seed: 22)
    for _ in 0..<1000 {
      let (string, text) = samples.pair()
      for separator in separators {
        let expected = string.unicodeScalars.split(separator: separator, omittingEmptySubsequences: false)
        #expect(text.fields(separator: separator).map(\.bytes) == expected.map { $0.string.bytes })
      }
    }
  }
}
