import Foundation
import Testing

@testable import MartletCore

/// Which texts are JSON, and which are not, by RFC 8259.
@Suite struct JSONTextTests {
  static let valid: [(text: String, value: JSONTree)] = [
    // Plain values, alone and with white space.
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)), (" null", .null), ("null ", .null),
    ("\t\n\r null \r\n\t", .null), ("\u{FEFF}true", .bool(true)), ("\u{FEFF} {}", .object([:])),
    // Numbers.
    ("0", .integer(0)), ("-0", .integer(0)), ("1", .integer(1)), ("-1", .integer(-1)), ("10", .integer(10)),
    ("123456789012345678", .integer(123_456_789_012_345_678)),
    ("-123456789012345678", .integer(-123_456_789_012_345_678)),
    ("1234567890123456789", .integer(1_234_567_890_123_456_789)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9223372036854775808)), ("-9223372036854775809", .number(-9223372036854775808)),
    ("18446744073709551616", .number(18446744073709551616)), ("184467440737095516160", .number(184467440737095516160)),
    ("0.0", .integer(0)), ("0.5", .number(0.5)),
    ("-0.5", .number(-0.5)), ("1.0", .integer(1)), ("1.50", .number(1.5)), ("1e2", .integer(100)),
    ("1E2", .integer(100)), ("1e+2", .integer(100)), ("1E+2", .integer(100)), ("1e-2", .number(0.01)),
    ("1.5e1", .integer(15)), ("1.55e1", .number(15.5)), ("0e0", .integer(0)), ("0e999999", .integer(0)),
    ("0.000e-5", .integer(0)), ("1e-400", .number(0)), ("1e308", .number(1e308)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("5e-324", .number(.leastNonzeroMagnitude)), ("2.2250738585072011e-308", .number(.leastNormalMagnitude.nextDown)),
    ("0.1", .number(0.1)), ("3.141592653589793", .number(3.141592653589793)),
    ("123456789.123456789", .number(123456789.123456789)), ("9007199254740993.0", .integer(9_007_199_254_740_993)),
    ("0.00000000000000000000000001", .number(1e-26)), ("100000000000000000000000", .number(1e23)),
    ("1e22", .number(1e22)), ("1.7e-22", .number(1.7e-22)),
    // Strings.
    (#""""#, .string("")), (#""a""#, .string("a")), (#"" ""#, .string(" ")), (#""a b""#, .string("a b")),
    (#""0123456789abcdef""#, .string("0123456789abcdef")), (#""0123456789abcde""#, .string("0123456789abcde")),
    (#""0123456789abcdefg""#, .string("0123456789abcdefg")),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")), (#""\u0041""#, .string("A")),
    (#""\u00e9\u00E9""#, .string("éé")), (#""\u0000""#, .string("\u{0}")), (#""\u001f""#, .string("\u{1F}")),
    (#""\u20AC""#, .string("€")), (#""\uD834\uDD1E""#, .string("𝄞")), (#""\ud83e\udeb6x""#, .string("🪶x")),
    (#""\uFFFF""#, .string("\u{FFFF}")), (#""\uFFFE""#, .string("\u{FFFE}")), (#""\uFEFF""#, .string("\u{FEFF}")),
    (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")), (#""\uE000""#, .string("\u{E000}")),
    (#""é漢字🪶""#, .string("é漢字🪶")), (#""é""#, .string("é")), (#""\u0065\u0301""#, .string("e\u{301}")),
    (#""{}[]:,""#, .string("{}[]:,")), (#""\\\"""#, .string("\\\"")), (#""\\\\""#, .string("\\\\")),
    (#""a\\""#, .string("a\\")), (#""\\u0041""#, .string("\\u0041")), ("\"\u{7F}\"", .string("\u{7F}")),
    ("\"\u{2028}\u{2029}\"", .string("\u{2028}\u{2029}")), (#""//""#, .string("//")), (#""/* */""#, .string("/* */")),
    (#""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n""#, .string(String(repeating: "a", count: 50) + "\n")),
    // Arrays.
    ("[]", .array([])), ("[ ]", .array([])), ("[\n]", .array([])), ("[null]", .array([.null])),
    ("[1,2]", .array([.integer(1), .integer(2)])), ("[1 , 2]", .array([.integer(1), .integer(2)])),
    ("[ 1,2 ]", .array([.integer(1), .integer(2)])), ("[[]]", .array([.array([])])),
    ("[[],[]]", .array([.array([]), .array([])])),
    ("[[[1]],2]", .array([.array([.array([.integer(1)])]), .integer(2)])),
    ("[{}]", .array([.object([:])])),
    (#"["a",1,true,null,{},[]]"#, .array([.string("a"), .integer(1), .bool(true), .null, .object([:]), .array([])])),
    ("[true,false]", .array([.bool(true), .bool(false)])), ("[-1.5]", .array([.number(-1.5)])),
    ("[1]\n", .array([.integer(1)])),
    // Objects.
    ("{}", .object([:])), ("{ }", .object([:])), (#"{"a":1}"#, .object(["a": .integer(1)])),
    (#"{ "a" : 1 }"#, .object(["a": .integer(1)])), (#"{"a":1,"b":2}"#, .object(["a": .integer(1), "b": .integer(2)])),
    (#"{"":0}"#, .object(["": .integer(0)])), (#"{"a":{"b":{}}}"#, .object(["a": .object(["b": .object([:])])])),
    (
      #"{"a":[1,{"b":2}],"c":3}"#,
      .object(["a": .array([.integer(1), .object(["b": .integer(2)])]), "c": .integer(3)])
    ),
    (#"{"\u0061":1}"#, .object(["a": .integer(1)])), (#"{"a\"b":1}"#, .object(["a\"b": .integer(1)])),
    (#"{"é":1}"#, .object(["é": .integer(1)])), (#"{"a b":null}"#, .object(["a b": .null])),
    (#"{"a":1,"a":2}"#, .object(["a": .integer(1)])),
    (#"{"a":1,"b":2,"a":3}"#, .object(["a": .integer(1), "b": .integer(2)])),
    (#"{"\u0061":1,"a":2}"#, .object(["a": .integer(1)])), (#"{"a":1,"\u0061":2}"#, .object(["a": .integer(1)])),
    (#"{"a":{"a":1,"a":2},"a":3}"#, .object(["a": .object(["a": .integer(1)])])),
    (#"{"x":"\u0000"}"#, .object(["x": .string("\u{0}")])), ("{\"a\":\n\t1\r\n}", .object(["a": .integer(1)])),
    (#"{"a":"b","c":["d"]}"#, .object(["a": .string("b"), "c": .array([.string("d")])])),
  ]

  static let invalid: [String] = [
    // Nothing, or not all of it.
    "", " ", "\n", "\u{FEFF}", "{", "[", "\"", "[1", "[1,", "[\"a", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":1",
    "{\"a\":1,",
    "[[", "{\"a\":[", "[{", "-", "t", "tru", "fals", "nul", "\"\\", "\"\\u", "\"\\u12", "\"\\ud834\\", "\"\\ud834\\u",
    "1.", "1e", "1e+", "-0.", "[\"", "[1,2", "0.", "\"abc", "\"0123456789abcdef",
    // Something after it.
    "1 2", "{} {}", "[] 1", "null,", "1,", "{}}", "[]]", "{\"a\":1}}", "\"a\" \"b\"", "nullx", "truefalse", "1a", "0x",
    "{}#", "1 //", "[1]]", "\"a\"b", "1\u{0}", "null\u{0}", "\u{FEFF}\u{FEFF}1",
    // Numbers.
    "+1", "01", "-01", "00", "00.5", ".5", "-.5", "1.e5", "1.5.5", "1e5.5", "1ee5", "1e5e", "--1", "- 1", "0x10",
    "1_000",
    "1,000", "Infinity", "-Infinity", "NaN", "-NaN", "nan", "1f", "1L", "1e 5", "1 e5", "0e", "0e+", "-1e", "1/2", "½",
    "１",
    "0b1", "1e--5", "1e+-5", "-a", "2.e3", "[0,01]", "-e1", "e1", "1.2.3", "++1", "1-1", "1+1",
    // Literals.
    "True", "TRUE", "False", "Null", "NULL", "None", "nil", "undefined", "tRue", "yes", "nulll", "n", "truE", "f",
    // Strings.
    "'a'", "a", "abc", "\"\\x41\"", "\"\\'\"", "\"\\a\"", "\"\\v\"", "\"\\0\"", "\"\\U0041\"", "\"\\u\"", "\"\\u004\"",
    "\"\\u004g\"", "\"\\u+041\"", "\"\\u 041\"", "\"\\ud834\"", "\"\\udd1e\"", "\"\\udd1e\\ud834\"",
    "\"\\ud834\\u0041\"",
    "\"\\ud834x\"", "\"\\ud834\\n\"", "\"\\ud834\\ud834\"", "\"\t\"", "\"\n\"", "\"a\u{0}b\"", "\"\u{1}\"",
    "\"\u{1F}\"",
    "\"\\\"", "\"\\\\\\\"", "\"a\\ \"", "\"\\", "\"\\u{41}\"", "“a”", "`a`", "\"\"\"", "\"\\🪶\"", "\"\r\"",
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaa\u{8}\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\q\"",
    // Arrays.
    "[,]", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]", "[1;2]", "]", "[1}", "[}", "[1,]]", "(1)", "<1>", "[\"a\":1]",
    "[\"a\",\n4\n,1,", "[*]", "[...]", "[1,\u{B}2]", "[\u{C}]", "[\u{A0}1]", "[\u{2028}1]", "[\u{FEFF}1]", "[#]", "[a]",
    "[-]", "[1,null,]", "[[]", "[[],", "[}]", "[{]}",
    // Objects.
    "}", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{a:1}",
    "{'a':1}",
    "{1:1}", "{null:1}", "{\"a\"::1}", "{\"a\":1:2}", "{\"a\"=1}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{:1}",
    "{]",
    "{[]:1}", "{{}}", "{\"a\":1]", "{\"a\",\"b\"}", "{\"a\":1}/**/", "/**/{}", "// x\n{}", "{\"a\":/**/1}", "{\"a\":a}",
    "{\"a\\q\":1}", "{\"a\u{1}\":1}", "{\"a\":1 2}", "{\"a\":'b'}", "{\"a\":1,\"b\"}", "{\"a\": }", "{true:1}",
    "{\"a\":1,\"",
  ]

  private let decoder = JSONRecordDecoder()

  @Test(arguments: valid) func `JSON is accepted`(_ text: String, _ value: JSONTree) throws {
    #expect(try decoder.tree(text) == value)
  }

  @Test(arguments: valid) func `Foundation accepts the same texts with the same values`(
    _ text: String, _ value: JSONTree
  ) throws {
    // Foundation's own answers to these depend on its version.
    let differs = ["-9223372036854775809", "9007199254740993.0", "0e999999", "1e-400"]
    guard !differs.contains(text) else { return }
    #expect(try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8)) == value)
  }

  @Test(arguments: invalid) func `other texts are rejected with the place`(_ text: String) throws {
    let error = try #require(throws: JSONRecordError.self) { try decoder.tree(text) }
    #expect(error.codingPath.isEmpty)
    #expect((0...text.utf8.count).contains(error.offset))
    #expect("\(error)".hasPrefix("byte \(error.offset): "))
  }

  @Test func `the lists are as long as they should be`() {
    #expect(Self.valid.count + Self.invalid.count >= 250)
  }

  @Test(arguments: [
    ("{\"a\":1,,}", "byte 7: the name of a field in quotes is required, not \",\""),
    ("[1 2]", "byte 3: a comma or ']' is required, not \"2\""), ("{\"a\" 1}", "byte 5: a colon is required, not \"1\""),
    ("{\"a\":é}", "byte 5: a value is required, not \"é\""),
    ("{\"a\":1", "byte 6: the text ends where a comma or '}' is required"),
    ("", "byte 0: the text is empty"), ("  ", "byte 2: the text is empty"), ("[\"ab", "byte 1: the string has no end"),
    ("[012]", "byte 1: the number begins with a zero"), ("[1.x]", "byte 3: a digit is required, not \"x\""),
    ("[\"a\\qb\"]", "byte 3: the escape is none of JSON's, or half of a character"),
    ("[\"a\tb\"]", "byte 3: a control character in a string is not escaped"),
    ("{} x", "byte 3: the end of the text is required, not \"x\""),
  ])
  func `the reason says what is wrong, and where`(_ text: Text, _ reason: String) {
    #expect(decoder.reason(text, JSONTree.self) == reason)
  }

  @Test func `nesting is limited`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try decoder.decode(Count.self, from: Text(nested(512)))
    for text in [
      nested(513), nested(100_000), String(repeating: "[", count: 1_000_000),
      String(repeating: "{\"a\":", count: 100_000),
    ] {
      let error = try #require(throws: JSONRecordError.self) { try decoder.decode(Count.self, from: Text(text)) }
      #expect(error.message == "objects and arrays are nested more than 512 levels deep")
    }
  }

  /// Decodes nothing.
  private struct Count: Decodable { init(from decoder: any Decoder) {} }

  @Test func `a type that contains itself is decoded as deep as the text may be`() throws {
    let text = String(repeating: "[", count: 500) + "7" + String(repeating: "]", count: 500)
    var tree = try decoder.tree(text)
    var depth = 0
    while case .array(let items) = tree, let inner = items.first { (tree, depth) = (inner, depth + 1) }
    #expect(depth == 500)
    #expect(tree == .integer(7))
  }

  @Test func `bytes that are not UTF-8 are rejected`() throws {
    let samples: [[UInt8]] = [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0xFE],
    ]
    for bytes in samples {
      let error = try #require(throws: JSONRecordError.self) { try decoder.decode(String.self, from: bytes) }
      #expect(error.message == "the text is not valid UTF-8")
    }
    #expect(try decoder.decode(String.self, from: [0x22, 0xC3, 0xA9, 0x22]) == "é")
  }
}
