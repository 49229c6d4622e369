import Testing

@testable import MartletSQL

@Suite("Columns") struct ColumnTests {
  private static let a = Expression.attribute(["a"])

  /// The expressions of operators and methods, as they are written.
  private static let expressions: [(Column, Expression)] = [
    (col("a") + 1, .call("+", a, .literal(.integer(1)))),
    (1 + col("a"), .call("+", .literal(.integer(1)), a)),
    (col("a") - col("b"), .call("-", a, .attribute(["b"]))),
    (col("a") * 2.5, .call("*", a, .literal(.double(2.5)))),
    (col("a") / 2, .call("/", a, .literal(.integer(2)))),
    (10 % col("a"), .call("%", .literal(.integer(10)), a)),
    (-col("a"), .call("negative", a)),
    (col("a") == "x", .call("==", a, .literal(.string("x")))),
    ("x" == col("a"), .call("==", .literal(.string("x")), a)),
    (col("a") != 1, .call("not", .call("==", a, .literal(.integer(1))))),
    (col("a") < 1, .call("<", a, .literal(.integer(1)))),
    (col("a") <= 1, .call("<=", a, .literal(.integer(1)))),
    (col("a") > 1, .call(">", a, .literal(.integer(1)))),
    (21 >= col("a"), .call(">=", .literal(.integer(21)), a)),
    (col("a") && !col("b"), .call("and", a, .call("not", .attribute(["b"])))),
    (col("a") || true, .call("or", a, .literal(.boolean(true)))),
    (col("a").eqNullSafe(1), .call("<=>", a, .literal(.integer(1)))),
    (col("a").bitwiseAND(3), .call("&", a, .literal(.integer(3)))),
    (col("a").cast(.long), .cast(a, .long)),
    (col("a").tryCast(.date), .cast(a, .date, isTry: true)),
    (col("a").alias("b"), .alias(a, ["b"])),
    (col("a").as("b"), .alias(a, ["b"])),
    (col("a").alias("k", "v"), .alias(a, ["k", "v"])),
    (col("a").isNull(), .call("isnull", a)),
    (col("a").isNotNull(), .call("isnotnull", a)),
    (col("a").isNaN(), .call("isnan", a)),
    (col("a").like("x%"), .call("like", a, .literal(.string("x%")))),
    (col("a").rlike("x.*"), .call("rlike", a, .literal(.string("x.*")))),
    (col("a").isin(1, 2), .call("in", a, .literal(.integer(1)), .literal(.integer(2)))),
    (col("a").isin(["x"]), .call("in", a, .literal(.string("x")))),
    (
      col("a").between(1, 2),
      .call("and", .call(">=", a, .literal(.integer(1))), .call("<=", a, .literal(.integer(2))))
    ),
    (col("a").contains("x"), .call("contains", a, .literal(.string("x")))),
    (col("a").startsWith(col("b")), .call("startswith", a, .attribute(["b"]))),
    (col("a").endsWith("x"), .call("endswith", a, .literal(.string("x")))),
    (col("a").substr(1, 2), .call("substr", a, .literal(.integer(1)), .literal(.integer(2)))),
    (col("a").getItem(0), .extract(a, key: .literal(.integer(0)))),
    (col("a")["k"], .extract(a, key: .literal(.string("k")))),
    (col("a").getField("f"), .extract(a, key: .literal(.string("f")))),
    (
      when(col("a"), 1).when(col("b"), 2).otherwise(3),
      .call(
        "when", a, .literal(.integer(1)), .attribute(["b"]), .literal(.integer(2)), .literal(.integer(3)))
    ),
    (col("a").otherwise(3), .call("otherwise", a, .literal(.integer(3)))),
    (lit(nil), .literal(.null())),
    (lit(3_000_000_000), .literal(.long(3_000_000_000))),
    (lit(Int64(1)), .literal(.long(1))),
    (lit(SQLDate(days: 3)), .literal(.date(3))),
    (lit([1, 2]), .call("array", .literal(.integer(1)), .literal(.integer(2)))),
    (lit([1, 2] as [UInt8]), .literal(.binary([1, 2]))),
    (lit(SQLDecimal("1.50")!), .literal(.decimal("1.50"))),
    (expr("a + 1"), .sql("a + 1")),
    (count("*"), .call("count", .literal(.integer(1)))),
    (countDistinct("a", "b"), .function(FunctionCall("count", [a, .attribute(["b"])], isDistinct: true))),
    (first("a", true), .function(FunctionCall("first", [a], ignoresNulls: true))),
    (upper("a"), .call("upper", a)),
    (date_format("a", "yyyy"), .call("date_format", a, .literal(.string("yyyy")))),
    (date_add("a", 3), .call("date_add", a, .literal(.integer(3)))),
    (round("a"), .call("round", a)),
    (round("a", 2), .call("round", a, .literal(.integer(2)))),
    (concat_ws("-", "a", "b"), .call("concat_ws", .literal(.string("-")), a, .attribute(["b"]))),
    (
      make_interval(nil, "a"),
      .call("make_interval", .literal(.null()), a)
    ),
    (
      window("a", "10 minutes", "5 minutes"),
      .call("window", a, .literal(.string("10 minutes")), .literal(.string("5 minutes")))
    ),
    (
      transform("a") { $0 + 1 },
      .call(
        "transform", a, .lambda(.call("+", .attribute(["x_1"]), .literal(.integer(1))), parameters: ["x_1"]))
    ),
    (
      transform("a") { x in filter(x) { $0 > x } },
      .call(
        "transform", a,
        .lambda(
          .call(
            "filter", .attribute(["x_1"]),
            .lambda(.call(">", .attribute(["x_2"]), .attribute(["x_1"])), parameters: ["x_2"])),
          parameters: ["x_1"]))
    ),
    (
      sum("a").over(Window.partitionBy("b").orderBy(desc("c")).rowsBetween(Window.unboundedPreceding, 0)),
      .window(
        WindowExpression(
          .call("sum", a), partition: [.attribute(["b"])], order: [SortOrder(.attribute(["c"]), isDescending: true)],
          frame: WindowFrame(.rows, .unboundedPreceding, .currentRow)))
    ),
    (
      row_number().over(Window.orderBy("a").rangeBetween(-3, Window.unboundedFollowing)),
      .window(
        WindowExpression(
          .call("row_number"), order: [SortOrder(a)],
          frame: WindowFrame(.range, .preceding(.literal(.integer(3))), .unboundedFollowing)))
    ),
  ]

  @Test("An operation is the expression of Spark Connect", arguments: expressions.indices)
  func expression(index: Int) {
    let (column, expected) = Self.expressions[index]
    #expect(column.expression == expected)
  }

  @Test(
    "A name has parts, and those in backquotes may contain periods",
    arguments: [
      ("a", ["a"]), ("t.a", ["t", "a"]), ("`a.b`", ["a.b"]), ("t.`a.b`.c", ["t", "a.b", "c"]), ("`a``b`", ["a`b"]),
      ("a b", ["a b"]), ("``", [""]), ("a.", ["a."]), ("a`b`", ["a`b`"]), ("`a", ["`a"]), ("", [""]),
      ("`a`b", ["`a`b"]),
    ]) func names(name: String, parts: [String])
  {
    #expect(col(name).expression == .attribute(parts))
  }

  @Test("A star is all columns, of a table if it says so") func stars() {
    #expect(col("*").expression == .star())
    #expect(col("t.*").expression == .star(qualifier: ["t"]))
    #expect(col("`*`").expression == .attribute(["*"]))
  }

  @Test("A column says its direction to orderBy") func directions() {
    #expect(col("a").sortOrder == SortOrder(Self.a))
    #expect(col("a").asc().sortOrder == SortOrder(Self.a, nullsFirst: true))
    #expect(col("a").ascNullsLast().sortOrder == SortOrder(Self.a, nullsFirst: false))
    #expect(col("a").desc().sortOrder == SortOrder(Self.a, isDescending: true, nullsFirst: false))
    #expect(desc_nulls_first("a").sortOrder == SortOrder(Self.a, isDescending: true, nullsFirst: true))
  }

  @Test("Variables of all types of numbers are constants on both sides") func variables() {
    let (a, b, c, d) = (Int8(1), Int64(2), Float(3), "x")
    #expect((col("a") + a).expression == .call("+", Self.a, .literal(.byte(1))))
    #expect((b + col("a")).expression == .call("+", .literal(.long(2)), Self.a))
    #expect((c < col("a")).expression == .call("<", .literal(.float(3)), Self.a))
    #expect((col("a") == d).expression == .call("==", Self.a, .literal(.string("x"))))
  }

  @Test("A long condition is checked quickly by the compiler") func longCondition() {
    let condition =
      col("a") > 1 && col("b") < 2.5 && col("c") == "x" && (col("d") + 1) * 2 - col("e") / 3 >= 10
      || !(col("f") != "y") && 5 < col("g") % 7
    #expect(condition.expression != Self.a)
  }
}
