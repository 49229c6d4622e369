#if CommandLineTool
  import MartletSQL
  import Testing

  @testable import MartletCommand

  @Suite("The forms of results") struct ResultWriterTests {
    /// The text of rows in a format.
    private func text(
      _ format: ResultFormat, _ schema: StructType, _ rows: [[Value]], width: Int = 40
    ) throws -> String {
      var text = ""
      let output = ResultOutput(width: width) { text += $0 }
      var writer = try #require(try format.writer(schema, ValueText(), output))
      for row in rows { try writer.write(Row(values: row, schema: schema)) }
      try writer.finish()
      try output.flush()
      return text
    }

    private let people = StructType().add("name", .string).add("age", .integer)

    @Test("A table is drawn as Spark draws it, with whole texts") func table() throws {
      #expect(
        try text(.table, people, [["Ada", 36], ["東京", nil], [.string(String(repeating: "x", count: 30)), 1]]) == """
          +------------------------------+----+
          |name                          |age |
          +------------------------------+----+
          |Ada                           |36  |
          |東京                          |NULL|
          |xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx|1   |
          +------------------------------+----+

          """)
      #expect(try text(.table, people, []) == "+----+---+\n|name|age|\n+----+---+\n+----+---+\n")
    }

    @Test("Values cannot control the terminal") func controls() throws {
      let text = try text(.table, people, [["\u{1B}]0;title\u{7}\u{9B}A\u{7F}", 1]])
      #expect(text.contains(#"|\x1b]0;title\a\x9bA\x7f|"#), "\(text)")
      #expect(try self.text(.chart, people, [["\u{1B}[2J", 1]]).contains(#"\x1b[2J"#))
    }

    @Test("A table that gets wider after many rows is continued by another one") func pages() throws {
      let schema = StructType().add("n", .long).add("t", .string)
      let count = TableWriter.rowsInMemory
      let rows = (0..<(2 * count + 1)).map { n -> [Value] in
        [.long(Int64(n)), .string(n == count ? "a longer text" : "t")]
      }
      let lines = try text(.table, schema, rows).split(separator: "\n").map(String.init)
      #expect(lines.filter { $0 == "|n   |t  |" } == ["|n   |t  |"])
      #expect(lines.filter { $0 == "|n    |t            |" }.count == 1)
      #expect(lines.filter { $0.hasPrefix("|") }.count == rows.count + 2)
      #expect(lines.last == "+-----+-------------+")
      #expect(lines.contains("|10000|a longer text|"))
      #expect(lines.contains("|20000|t            |"))
    }

    @Test("The plan of EXPLAIN is shown as it is drawn") func plan() throws {
      let schema = StructType().add("plan", .string)
      #expect(try text(.table, schema, [["a\nb"]]) == "a\nb\n")
      #expect(try text(.table, schema, [["a"]]).contains("|a   |"))
    }

    @Test("CSV quotes what needs it") func csv() throws {
      #expect(
        try text(.csv, people, [["a,\"b\"\n", 1], ["", nil], [nil, -2]])
          == "name,age\n\"a,\"\"b\"\"\n\",1\n\"\",\n,-2\n")
      #expect(try text(.csv, StructType().add("a\"b", .string).add("", .string), []) == "\"a\"\"b\",\"\"\n")
    }

    @Test("JSON has an object in each line") func json() throws {
      #expect(
        try text(.json, people, [["q\"\\\n\u{1}é", 1], [nil, nil]])
          == #"{"name":"q\"\\\n\u0001é","age":1}"# + "\n" + #"{"name":null,"age":null}"# + "\n")
      let schema = StructType().add("d", .double)
      #expect(try text(.json, schema, [[.double(.nan)], [1.5]]) == "{\"d\":\"NaN\"}\n{\"d\":1.5}\n")
    }

    @Test("A chart has a bar for each row, from the first text and the last number") func chart() throws {
      let schema = StructType().add("id", .long).add("day", .string).add("n", .long).add("note", .string)
      #expect(
        try text(
          .chart, schema, [[1, "Mon", 20, "x"], [2, "Tuesday", 10, nil], [3, nil, 5, nil], [4, "日", nil, nil]],
          width: 32)
            == """
            Mon     ██████████████████ 20
            Tuesday █████████ 10
            NULL    ████▌ 5
            日      NULL

            """)
    }

    @Test("A chart draws negative numbers to the left, and numbers without a bar as text") func negative() throws {
      let schema = StructType().add("day", .string).add("n", .double)
      #expect(
        try text(
          .chart, schema, [["a", .double(-1)], ["b", .double(1)], ["c", .double(.infinity)], ["d", .double(.nan)]],
          width: 32)
            == """
            a ██████████ -1.0
            b           ██████████ 1.0
            c Infinity
            d NaN

            """)
      #expect(
        try text(
          .chart, StructType().add("n", .decimal(precision: 3, scale: 1)),
          [[.decimal(try #require(SQLDecimal("2.5")))]], width: 20
        ).hasPrefix("1 █"))
    }

    @Test("Bars are exact to an eighth of a column")
    func scale() {
      let scale = BarScale(lowest: 0, highest: 8, width: 8)
      #expect((0...8).map { scale.bar(Double($0) / 8) } == ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"])
      #expect(BarScale(lowest: -2, highest: 2, width: 4).bar(-1) == " █")
      #expect(BarScale(lowest: 0, highest: 0, width: 4).bar(0) == "")
      #expect(BarScale(lowest: -4, highest: -1, width: 4).bar(-4) == "████")
      let huge = Double.greatestFiniteMagnitude
      #expect(BarScale(lowest: -huge, highest: huge, width: 4).bar(huge) == "  ██")
    }

    @Test("A chart says what it leaves out, and needs a number") func limits() throws {
      let schema = StructType().add("n", .long)
      let text = try text(.chart, schema, (0..<1005).map { [.long(Int64($0))] })
      #expect(text.hasSuffix("only the first 1000 of 1005 rows are drawn\n"))
      #expect(try self.text(.chart, schema, []) == "no rows\n")
      let error = try #require(throws: MartletError.self) { try self.text(.chart, StructType().add("t", .string), []) }
      #expect(error.message.contains("t string") && error.message.contains("CAST"), "\(error)")
    }

    @Test("Progress is a bar with a time")
    func progress() {
      #expect(StatementWatch.line(nil, seconds: 1.25) == "running, 1.2 s")
      #expect(StatementWatch.line(0.5, seconds: 62) == " 50 % ██████████           62.0 s")
      #expect(StatementWatch.line(1, seconds: 3.1) == "100 % ████████████████████ 3.1 s")
    }
  }

  @Suite("Files with a name") struct ViewFileTests {
    @Test(
      "The last part of a name is the format",
      arguments: [
        ("a.csv", .csv), ("a.CSV", .csv), ("a.tsv", .csv), ("a.json", .json), ("a.jsonl", .json),
        ("a.ndjson.gz", .json),
        ("a.csv.gz", .csv), ("a.parquet", .parquet), ("*.json", .json), ("a.txt", .text), ("csv", nil), ("a", nil),
        ("a.b", nil),
        (".csv", .csv), ("a.gz", nil),
      ] as [(String, ViewFile.Format?)])
    func formats(_ name: String, _ format: ViewFile.Format?) { #expect(ViewFile.Format(fileName: name) == format) }

    @Test("The first sign = separates the name from the path") func arguments() throws {
      let file = try ViewFile(argument: "a b=x=y.csv")
      #expect(file.name == "a b" && file.path == "x=y.csv")
      for text in ["", "=", "a=", "=a.csv", "a.csv"] {
        #expect(throws: (any Error).self) { try ViewFile(argument: text) }
      }
    }
  }
#endif
