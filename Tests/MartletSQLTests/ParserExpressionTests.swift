import Testing

@testable import MartletSQL

struct ParserExpressionTests {
  private static func meaning(of text: String) throws -> String { notation(try SQLParser.parseExpression(text)) }

  @Test(arguments: [
    ("a + b * c", "+(a, *(b, c))"),
    ("a - b - c", "-(-(a, b), c)"),
    ("a || b || c", "concat(concat(a, b), c)"),
    ("-a * b", "*(negative(a), b)"),
    ("- - 1", "negative(-1)"),
    ("2 -1", "-(2, 1)"),
    ("~a + b", "+(~(a), b)"),
    ("a ^ b & c | d", "|(^(a, &(b, c)), d)"),
    ("1 << 2 >> 3 >>> 4", "shiftrightunsigned(shiftright(shiftleft(1, 2), 3), 4)"),
    ("5 DIV 2 % 3", "%(div(5, 2), 3)"),
    ("NOT a = b AND c OR d", "or(and(not(==(a, b)), c), d)"),
    ("!a OR b AND c", "or(not(a), and(b, c))"),
    ("a AND b AND c AND d", "and(and(a, b), and(c, d))"),
    ("1 = 2 IS NULL", "isnull(==(1, 2))"),
    ("a <=> b", "<=>(a, b)"),
    ("a <> b", "!=(a, b)"),
    ("a !> b", "<=(a, b)"),
    ("-1::int + a::string", "+(cast(-1, int), cast(a, string))"),
    ("- a.b[0]::int", "negative(cast(a.b[0], int))"),
  ])
  func operatorsBindAsInSpark(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("a BETWEEN 1 AND 2 AND b", "and(between(a, 1, 2), b)"),
    ("a NOT BETWEEN 1 AND 2", "not(between(a, 1, 2))"),
    ("a IN (1, 2)", "in(a, 1, 2)"),
    ("a NOT IN (SELECT 1)", "not([a] in (project([1], one)))"),
    ("(a, b) IN (SELECT 1, 2)", "[a, b] in (project([1, 2], one))"),
    ("(a, b) IN ((1, 2), (3, 4))", "in(struct(a, b), struct(1, 2), struct(3, 4))"),
    ("a IN ((SELECT 1) UNION SELECT 2)", "[a] in (union(project([1], one), project([2], one)))"),
    ("a LIKE 'x' ESCAPE '/'", "like(a, 'x', '/')"),
    ("a NOT ILIKE 'x'", "not(ilike(a, 'x'))"),
    ("a LIKE ANY ('x', 'y')", "or(like(a, 'x'), like(a, 'y'))"),
    ("a NOT LIKE ALL ('x', 'y')", "and(not(like(a, 'x')), not(like(a, 'y')))"),
    ("a RLIKE 'x'", "rlike(a, 'x')"),
    ("a NOT REGEXP 'x'", "not(rlike(a, 'x'))"),
    ("a IS NOT NULL", "isnotnull(a)"),
    ("a IS TRUE", "<=>(a, true)"),
    ("a IS NOT FALSE", "not(<=>(a, false))"),
    ("a IS UNKNOWN", "isnull(a)"),
    ("a IS DISTINCT FROM b", "not(<=>(a, b))"),
    ("a IS NOT DISTINCT FROM b", "<=>(a, b)"),
    ("EXISTS (SELECT 1)", "exists(project([1], one))"),
    ("exists(a, x -> x)", "exists(a, x -> x)"),
  ])
  func predicatesBecomeFunctions(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("1", "1"), ("3000000000", "3000000000L"), ("99999999999999999999", "99999999999999999999BD"),
    ("-2147483648", "-2147483648"), ("-2147483649", "-2147483649L"),
    ("-9223372036854775808", "-9223372036854775808L"), ("-9223372036854775809", "-9223372036854775809BD"),
    ("1.50", "1.50BD"), (".5", "0.5BD"), ("5.", "5BD"), ("007.10", "7.10BD"), ("1e3", "1000.0D"), ("1.5E-1", "0.15D"),
    ("1.5D", "1.5D"), ("1F", "1.0F"), ("1L", "1L"), ("-1S", "-1S"), ("-128Y", "-128Y"), ("1.5e2BD", "150BD"),
    ("1e-3BD", "0.001BD"), ("true", "true"), ("NULL", "null"), ("X'ABC'", "bytes[10, 188]"),
    ("'it''s' ' a' \"b\"", "'it's ab'"), ("'\\u0041\\101\\n\\%\\x'", "'AA\n\\%x'"), ("r'\\n'", "'\\n'"),
    ("'\\U0001F600'", "'😀'"), ("\"a'b\"\"c\"", "'a'b\"c'"),
    ("DATE '2020-01-31'", "day 18292"), ("DATE '-0001-1'", "day -719893"), ("DATE'epoch'", "day 0"),
    ("DATE 'tomorrow'", "date_add(current_date(), 1)"),
    ("TIMESTAMP '2020-01-01 00:00:00+02:00'", "time 1577829600000000"),
    ("TIMESTAMP '2020-01-01T12:3:4.1234567 UTC+1'", "time 1577876584123456"),
    ("TIMESTAMP '2020-01-01 12:03'", "cast('2020-01-01 12:03', timestamp)"),
    ("TIMESTAMP_NTZ '2020-01-01 1:2:3'", "local time 1577840523000000"),
  ])
  func constantsHaveTheTypesOfSpark(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("INTERVAL 1 DAY 2 HOURS", "0 months 1 days 7200000000 µs"),
    ("INTERVAL '1-2' YEAR TO MONTH", "14 months 0 days 0 µs"),
    ("INTERVAL -3 MONTH", "-3 months 0 days 0 µs"),
    ("INTERVAL -'-1' DAY", "0 months 1 days 0 µs"),
    ("INTERVAL '- 1' DAY", "0 months -1 days 0 µs"),
    ("INTERVAL '-1 02:03:04.5' DAY TO SECOND", "0 months -1 days -7384500000 µs"),
    ("INTERVAL '10:20.5' MINUTE TO SECOND", "0 months 0 days 620500000 µs"),
    ("INTERVAL '1 week -2 hours 3.5 seconds'", "0 months 7 days -7196500000 µs"),
    ("INTERVAL 1.5 SECONDS", "0 months 0 days 1500000 µs"),
    ("interval + 1", "+(interval, 1)"),
  ])
  func intervalsAreSums(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("count(*)", "count(1)"),
    ("count(DISTINCT a, b) FILTER (WHERE c)", "count(distinct a, b) filter c"),
    ("first(a IGNORE NULLS)", "first(a) ignore nulls"),
    ("percentile_cont(0.5) WITHIN GROUP (ORDER BY a DESC)", "percentile_cont(0.5BD) within [a desc]"),
    ("lag(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c)", "lag(a) ignore nulls over ([b] order [c])"),
    ("sum(a) OVER (ROWS 1 PRECEDING)", "sum(a) over ([] order [] rows -1 0)"),
    (
      "sum(a) OVER (ORDER BY b RANGE BETWEEN UNBOUNDED PRECEDING AND 1 + 1 FOLLOWING)",
      "sum(a) over ([] order [b] range -∞ ++(1, 1))"
    ),
    ("transform(a, (x, i) -> x + i)", "transform(a, x+i -> +(x, i))"),
    ("x -> y -> x", "x -> y -> x"),
    ("trim(BOTH 'x' FROM a)", "trim('x', a)"),
    ("trim(LEADING FROM a)", "ltrim(a)"),
    ("trim(trim(a))", "trim(trim(a))"),
    ("substring(a FROM 1 FOR 2)", "substring(a, 1, 2)"),
    ("substr(a, 1)", "substr(a, 1)"),
    ("position('x' IN a)", "position('x', a)"),
    ("extract(YEAR FROM a)", "extract('YEAR', a)"),
    ("overlay(a PLACING b FROM 1)", "overlay(a, b, 1)"),
    ("date_add(DAY, 1, a)", "timestampadd('DAY', 1, a)"),
    ("date_add(day, 1)", "date_add(day, 1)"),
    ("datediff(HOUR, a, b)", "timestampdiff('HOUR', a, b)"),
    ("struct(1 AS a, b)", "struct(1 as a, b)"),
    ("CASE a WHEN 1 THEN 2 ELSE 3 END", "when(==(a, 1), 2, 3)"),
    ("CASE WHEN a THEN b END", "when(a, b)"),
    ("TRY_CAST(a AS map<string, array<struct<x:int>>>)", "try_cast(a, map<string,array<struct<x:int>>>)"),
    ("current_date", "current_date()"),
    ("left(a, 1)", "left(a, 1)"),
    ("system.builtin.abs(a)", "system.builtin.abs(a)"),
  ])
  func functionsHaveTheirOwnSyntax(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test(arguments: [
    ("a.b.c", "a.b.c"), ("`a.b`.`c``d`", "a.b.c`d"), ("f(a).b", "f(a)['b']"), ("a.b[1]['k']", "a.b[1]['k']"),
    ("t.* EXCEPT (a, b.c)", "t.* except [a, b.c]"), ("(a, b).x", "struct(a, b)['x']"),
    ("window.start", "window.start"), ("values + left", "+(values, left)"),
    ("explode(m) AS (k, v)", "explode(m) as k+v"),
    ("a AS from", "a as from"), ("a key", "a as key"), ("user", "user"), ("offset + minus", "+(offset, minus)"),
    ("1a", "1a"), ("2.3W", "2['3W']"),
    ("IDENTIFIER('a.b')", "a.b"),
  ])
  func namesMayBeAlmostAnyWord(text: String, meaning: String) throws {
    #expect(try Self.meaning(of: text) == meaning)
  }

  @Test func partsOfNamesAreInBackticks() throws {
    #expect(try SQLParser.parseName("a.`b.c`") == ["a", "b.c"])
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseName("a b") }
    #expect(throws: SQLSyntaxError.self) { try SQLParser.parseName("``") }
  }
}
