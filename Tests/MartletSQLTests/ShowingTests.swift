import Testing

@testable import MartletSQL

/// The drawings are those of Spark 4.3 for the same rows.
@Suite("Showing") struct ShowingTests {
  private let schema = StructType()
    .add("id", .integer, nullable: false).add("name", .string, nullable: false).add("age", .integer).add("d", .double)
    .add("dec", .decimal(precision: 10, scale: 2)).add("dt", .date).add("ts", .timestamp)

  private func rows() throws -> [Row] {
    let values: [[Value]] = [
      [
        1, "Alice", 30, 1.0e10, .decimal(try #require(SQLDecimal("12.50"))), .date(try #require(SQLDate("2024-02-29"))),
        .timestamp(try #require(SQLTimestamp("2024-02-29 12:30:00.120"))),
      ],
      [
        2, "東京タワー", nil, 0.1, nil, .date(try #require(SQLDate("0044-03-15"))),
        .timestamp(try #require(SQLTimestamp("1969-12-31 23:59:59.999999"))),
      ],
      [
        3, "a very long string that is cut here", -5, .double(.nan), .decimal(try #require(SQLDecimal("-0.05"))), nil,
        nil,
      ],
    ]
    return values.map { Row(values: $0, schema: schema) }
  }

  private func drawing(_ limit: Int = 20, _ truncation: Truncation = true) throws -> TableDrawing {
    TableDrawing(try rows(), schema: schema, limit: limit, truncation: truncation)
  }

  @Test("Cells that may be cut are aligned to the right, by the width of their characters") func table() throws {
    #expect(
      try drawing().table == """
        +---+--------------------+----+------+-----+----------+--------------------+
        | id|                name| age|     d|  dec|        dt|                  ts|
        +---+--------------------+----+------+-----+----------+--------------------+
        |  1|               Alice|  30|1.0E10|12.50|2024-02-29|2024-02-29 12:30:...|
        |  2|          東京タワー|NULL|   0.1| NULL|0044-03-15|1969-12-31 23:59:...|
        |  3|a very long strin...|  -5|   NaN|-0.05|      NULL|                NULL|
        +---+--------------------+----+------+-----+----------+--------------------+

        """)
  }

  @Test("A table of some rows says that there are more") func more() throws {
    #expect(
      try drawing(2).table == """
        +---+----------+----+------+-----+----------+--------------------+
        | id|      name| age|     d|  dec|        dt|                  ts|
        +---+----------+----+------+-----+----------+--------------------+
        |  1|     Alice|  30|1.0E10|12.50|2024-02-29|2024-02-29 12:30:...|
        |  2|東京タワー|NULL|   0.1| NULL|0044-03-15|1969-12-31 23:59:...|
        +---+----------+----+------+-----+----------+--------------------+
        only showing top 2 rows
        """)
    #expect(try drawing(1).table.hasSuffix("+\nonly showing top 1 row"))
    #expect(
      try drawing(0).table == """
        +---+----+---+---+---+---+---+
        | id|name|age|  d|dec| dt| ts|
        +---+----+---+---+---+---+---+
        +---+----+---+---+---+---+---+
        only showing top 0 rows
        """)
  }

  @Test("Cells that are shown whole are aligned to the left") func whole() throws {
    #expect(
      try drawing(20, false).table == """
        +---+-----------------------------------+----+------+-----+----------+--------------------------+
        |id |name                               |age |d     |dec  |dt        |ts                        |
        +---+-----------------------------------+----+------+-----+----------+--------------------------+
        |1  |Alice                              |30  |1.0E10|12.50|2024-02-29|2024-02-29 12:30:00.12    |
        |2  |東京タワー                         |NULL|0.1   |NULL |0044-03-15|1969-12-31 23:59:59.999999|
        |3  |a very long string that is cut here|-5  |NaN   |-0.05|NULL      |NULL                      |
        +---+-----------------------------------+----+------+-----+----------+--------------------------+

        """)
  }

  @Test("Short lengths leave no room for an ellipsis") func cuts() {
    #expect(TableDrawing.cut("a very long", 3) == "a v" && TableDrawing.cut("a very long", 4) == "a...")
    #expect(TableDrawing.cut("東京タワー", 3) == "東京タ" && TableDrawing.cut("東京タワー", 5) == "東京タワー")
    #expect(TableDrawing.cut("abc", 3) == "abc" && TableDrawing.cut("abc", 0) == "abc")
    #expect(TableDrawing.cut("😀😀😀", 3) == "😀" && TableDrawing.cut("😀😀😀", 6) == "😀😀😀")
  }

  @Test("In the vertical form, each value has a line") func vertical() throws {
    // A raised dot stands for the blank at the end of a line.
    let expected = """
      -RECORD 0----------
       id   | 1         ·
       name | Alice     ·
       age  | 30        ·
       d    | 1....     ·
       dec  | 12.50     ·
       dt   | 20...     ·
       ts   | 20...     ·
      -RECORD 1----------
       id   | 2         ·
       name | 東京タワー·
       age  | NULL      ·
       d    | 0.1       ·
       dec  | NULL      ·
       dt   | 00...     ·
       ts   | 19...     ·
      only showing top 2 rows
      """
    #expect(try drawing(2, 5).records == String(expected.map { $0 == "·" ? " " : $0 }))
    #expect(try drawing(20, 5).records.hasSuffix(" ts   | NULL       \n"))
    #expect(TableDrawing([], schema: schema, limit: 20, truncation: true).records == "(0 rows)")
  }

  @Test("Nested values are written in brackets and braces") func nested() throws {
    let inner = StructType().add("x", .integer).add("y", .string).add("z", .string)
    let schema = StructType().add("b", .binary).add("a", .array(.integer)).add("s", .struct(inner))
      .add("m", .map(key: .string, value: .integer)).add("e", .array(.null)).add("t", .boolean).add("f", .float)
    let row = Row(
      values: [
        .binary(Array("ab".utf8)), [1, 2, nil], .row(Row(values: [1, "s", nil], schema: inner)),
        .map([.init("k", 1), .init("l", nil)]), [], true, .float(1.5),
      ], schema: schema)
    #expect(
      TableDrawing([row], schema: schema, limit: 20, truncation: false).table == """
        +-------+------------+------------+-------------------+---+----+---+
        |b      |a           |s           |m                  |e  |t   |f  |
        +-------+------------+------------+-------------------+---+----+---+
        |[61 62]|[1, 2, NULL]|{1, s, NULL}|{k -> 1, l -> NULL}|[] |true|1.5|
        +-------+------------+------------+-------------------+---+----+---+

        """)
  }

  @Test("Control characters do not break lines, and wide characters count twice") func characters() {
    let schema = StructType().add("x\ny", .string).add("comb", .string).add("emo", .string).add("half", .string)
      .add("kor", .string).add("fw", .string).add("punct", .string).add("ell", .string)
    let row = Row(
      values: ["a\nb\tc\r\u{7}\u{8}\u{C}\u{B}d", "e\u{301}", "😀", "ｶﾅ", "한국", "Ａ", "，。", "…"], schema: schema)
    #expect(
      TableDrawing([row], schema: schema, limit: 20, truncation: false).table == """
        +------------------+----+---+----+----+---+-----+---+
        |x\\ny              |comb|emo|half|kor |fw |punct|ell|
        +------------------+----+---+----+----+---+-----+---+
        |a\\nb\\tc\\r\\a\\b\\f\\vd|e\u{301}  |😀 |ｶﾅ  |한국|Ａ |，。 |…  |
        +------------------+----+---+----+----+---+-----+---+

        """)
  }

  @Test("A table without columns is drawn") func noColumns() {
    let rows = [Row(values: [], schema: StructType()), Row(values: [], schema: StructType())]
    let drawing = TableDrawing(rows, schema: StructType(), limit: 20, truncation: true)
    #expect(drawing.table == "++\n||\n++\n||\n||\n++\n")
    #expect(drawing.records == "-RECORD 0--\n-RECORD 1--\n")
  }

  @Test("A schema is a tree") func tree() {
    let schema = StructType().add("b", .binary, nullable: false).add("a", .array(.integer))
      .add("s", .struct(StructType().add("x", .integer, nullable: false).add("y", .string)))
      .add("m", .map(key: .string, value: .integer))
      .add("an", .array(.struct(StructType().add("q", .double)))).add("dec", .decimal(precision: 10, scale: 2))
      .add("n", .timestampNTZ)
    #expect(
      schema.treeString == """
        root
         |-- b: binary (nullable = false)
         |-- a: array (nullable = true)
         |    |-- element: integer (containsNull = true)
         |-- s: struct (nullable = true)
         |    |-- x: integer (nullable = false)
         |    |-- y: string (nullable = true)
         |-- m: map (nullable = true)
         |    |-- key: string
         |    |-- value: integer (valueContainsNull = true)
         |-- an: array (nullable = true)
         |    |-- element: struct (containsNull = true)
         |    |    |-- q: double (nullable = true)
         |-- dec: decimal(10,2) (nullable = true)
         |-- n: timestamp_ntz (nullable = true)

        """)
    #expect(schema.treeString(depth: 1).split(separator: "\n").count == 8)
  }
}
