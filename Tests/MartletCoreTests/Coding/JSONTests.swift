import Foundation
import Testing

@testable import MartletCore

@Suite struct JSONTests {
  private struct Sample: Codable, Hashable {
    enum Kind: String, Codable { case plain, odd }
    var text = "quotes \" and \\ and \n and \u{1} and 漢字 and 🪶"
    var least = Int64.min
    var most = UInt64.max
    var fraction = 2.5
    var whole = 3.0
    var infinite = Double.infinity
    var none: Int?
    var some: Int? = 7
    var flags = [true, false]
    var kind = Kind.odd
    var byNumber = [3: "three", -1: "minus one"]
    var nested = ["a": [1, 2], "b": []]
    var time = Time(nanoseconds: 1_796_013_658_755_000_001)
  }

  @Test func `a value is the same when it has been JSON`() throws {
    let json = try DynamicValue(encoding: Sample()).description
    #expect(!json.utf8.contains(UInt8(ascii: "\n")))
    let copy = try DynamicValue(json: json.utf8).decoded(as: Sample.self)
    #expect(copy == Sample())
    // Others read it, too.
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(object["text"] as? String == Sample().text)
    #expect(object["most"] as? UInt64 == .max)
  }

  @Test func `JSON of others is read`() throws {
    let json = #" { "a" : [ 1 , -2.5e3 , null , true , [ ] , { } ] , "b" : "\u00e9\ud83e\udeB6\/\b" } "#
    let fields = try #require(try DynamicValue(json: json.utf8).fields)
    #expect(fields.map(\.name) == ["a", "b"])
    #expect(fields[0].value == .array([.signed(1), .double(-2500), .null, .bool(true), .array([]), .object([])]))
    #expect(fields[1].value == .string("é🪶/\u{8}"))
    #expect(try DynamicValue(json: "3".utf8).decoded(as: Double.self) == 3)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "\"", "\"\\x\"", "\"\\ud83e\"", "\"\\ud83e\\u0020\"",
    "nul",
    "1 2", "+", "--1", "1e999", "\u{0}", "{\"a\":1}}", String(repeating: "[", count: 100_000),
  ])
  func `what is no JSON is refused`(_ text: String) {
    #expect(throws: JSONRecordError.self) { try DynamicValue(json: text.utf8) }
  }
}
