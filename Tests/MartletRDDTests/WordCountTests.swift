import MartletCore
import MartletRDD
import Testing

@Suite(.timeLimit(.minutes(30))) struct WordCountTests {
  @Test func `words are counted whatever the number of partitions`() throws {
    let sc = MartletContext(master: "local[3]", appName: "test")
    for slices in 1...7 {
      let lines = sc.parallelize((0..<100).map { Text(String(repeating: "a bb \($0 % 3) ", count: 5)) }, slices)
      let counts = try lines.flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).collect()
      #expect(Dictionary(uniqueKeysWithValues: counts)[Text("bb")] == 500)
    }
  }

  @Test func `flatMap gives the same pieces as splitting`() throws {
    let sc = MartletContext(master: "local[1]", appName: "test")
    var lines: [Text] = ["", " ", "word", " a  b ", "漢,漢 漢"]
    for length in [1, 2, 15, 16, 17, 63, 64, 65, 127, 128, 129, 4000] {
      lines.append(Text(String(repeating: "x", count: length)))
      lines.append(Text(String(repeating: " ", count: length)))
      lines.append(Text(String(repeating: "a ", count: length)))
      lines.append(Text(String(repeating: " b", count: length)))
      lines.append(Text(String(repeating: "y", count: length) + " end"))
      lines.append(Text(String(repeating: "a word of more than fifteen bytes ", count: length)))
    }
    // A slice has text after its end.
    lines.append(Text("of these forty bytes only the first thirty").slice(0..<30))
    for separator in [" ", "a", "漢"] as [Unicode.Scalar] {
      var expected: [Text] = []
      for line in lines { expected += Array(line.split(separator: separator) as TextSplit) }
      let words = try sc.parallelize(lines, 2).flatMap { $0.split(separator: separator) }.collect()
      #expect(words == expected, "\(separator)")
    }
  }

  @Test func `flatMap continues after a piece has been taken`() throws {
    let sc = MartletContext(master: "local[1]", appName: "test")
    for words in [0, 1, 2, 3, 40] {
      for tail in ["", "at-the-end-of-the-line"] {
        let line = Text(String(repeating: "ab cde ", count: words) + tail)
        var expected = Array(line.split(separator: " ") as TextSplit)
        if !expected.isEmpty { expected.removeFirst() }
        let rest = sc.parallelize([line], 1).flatMap { line -> TextSplit in
          var pieces: TextSplit = line.split(separator: " ")
          _ = pieces.next()
          return pieces
        }
        #expect(try rest.collect() == expected)
      }
    }
  }

  @Test func `keys that occur twice in a row have one sum`() throws {
    let sc = MartletContext(master: "local[1]", appName: "test")
    for distinct in [1, 2, 127, 128, 129, 1000, 50_000] {
      let keys = (0..<3 * distinct).map { "a key of some length \($0 / 2 % distinct)" }
      let counts = try sc.parallelize(keys, 1).map { ($0, 1) }.reduceByKey(+, 1).collect()
      #expect(counts.count == distinct)
      let expected = keys.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
      #expect(Dictionary(uniqueKeysWithValues: counts) == expected)
    }
  }
}
