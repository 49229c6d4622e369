import Foundation
import Testing

@testable import MartletCore

/// Values of types, from their fields.
@Suite struct JSONDecodingTests {
  private let decoder = JSONRecordDecoder()

  enum Language: String, Codable { case en, de }
  enum Level: Int, Codable { case low = 1, high = 2 }

  struct User: Codable, Equatable {
    var name: Text
    var age: Int8?
  }

  struct Tweet: Codable, Equatable {
    var id: UInt64
    var user: User
    var text: Text
    var language: Language?
    var level: Level?
    var tags: [Text]
    var scores: [String: Double]?
    var place: [Float]?
  }

  private let json: Text =
    #"{"id":18446744073709551615,"user":{"name":"Ada","age":36},"text":"a text that is longer than fifteen bytes","language":"de","level":2,"tags":["a","b\n"],"scores":{"x":1,"y":2.5},"place":[1.5,-2]}"#

  private var tweet: Tweet {
    Tweet(
      id: .max, user: User(name: "Ada", age: 36), text: "a text that is longer than fifteen bytes", language: .de,
      level: .high, tags: ["a", "b\n"], scores: ["x": 1, "y": 2.5], place: [1.5, -2])
  }

  @Test func `a record is a value of a type`() throws {
    #expect(try decoder.decode(Tweet.self, from: json) == tweet)
  }

  @Test func `fields come in any order, and unknown ones are skipped`() throws {
    let text: Text =
      #"{"z":{"id":1,"q":[{}]},"place":null,"tags":[],"text":"t","y":[[1],{"text":2}],"user":{"x":0,"age":null,"name":"B"},"id":0,"x":1e999}"#
    let expected = Tweet(id: 0, user: User(name: "B", age: nil), text: "t", tags: [])
    #expect(try decoder.decode(Tweet.self, from: text) == expected)
    // The order of one record is no hint for the next.
    let reader = JSONRecordReader(decoder)
    for _ in 0..<3 {
      #expect(try reader.decode(Tweet.self, from: text) == expected)
      #expect(try reader.decode(Tweet.self, from: json) == tweet)
    }
  }

  @Test(arguments: [
    (#"{}"#, "id, byte 0: the field is missing"),
    (#"{"id":1,"text":"t","tags":[],"user":{"age":1}}"#, "user.name, byte 36: the field is missing"),
    (#"{"id":-1}"#, "id, byte 6: the number -1 is out of the range of UInt64"),
    (#"{"id":18446744073709551616}"#, "id, byte 6: the number 18446744073709551616 is out of the range of UInt64"),
    (#"{"id":1.5}"#, "id, byte 6: the number 1.5 is not an integer, which UInt64 is"),
    (#"{"id":"1"}"#, "id, byte 7: a value of type UInt64 is required, not a string"),
    (#"{"id":null}"#, "id, byte 6: a value of type UInt64 is required, not null"),
    (#"{"id":1,"user":[]}"#, "user, byte 15: a value of type Dictionary<String, Any> is required, not an array"),
    (#"{"id":1,"user":{"name":"A","age":300}}"#, "user.age, byte 33: the number 300 is out of the range of Int8"),
    (#"{"id":1,"user":{"name":7}}"#, "user.name, byte 23: a value of type Text is required, not a number"),
    (
      #"{"id":1,"user":{"name":"A"},"text":"","tags":["a",2]}"#,
      "tags[1], byte 50: a value of type Text is required, not a number"
    ),
    (
      #"{"id":1,"user":{"name":"A"},"text":"","tags":[],"language":"fr"}"#,
      "language, byte 60: Cannot initialize Language from invalid String value fr"
    ),
    (
      #"{"id":1,"user":{"name":"A"},"text":"","tags":[],"scores":{"a":1,"b":true}}"#,
      "scores.b, byte 68: a value of type Double is required, not a Boolean value"
    ),
    (#"[1]"#, "byte 0: a value of type Dictionary<String, Any> is required, not an array"),
  ])
  func `a record that has not the fields is rejected with the path`(_ text: Text, _ reason: String) {
    #expect(decoder.reason(text, Tweet.self) == reason)
  }

  @Test func `integers are exact`() throws {
    #expect(try decoder.decode([Int8].self, from: "[-128,127,1.0,1.2e1,120e-1,-0]") == [-128, 127, 1, 12, 12, 0])
    #expect(try decoder.decode([Int64].self, from: "[-9223372036854775808,9223372036854775807]") == [.min, .max])
    #expect(try decoder.decode([UInt64].self, from: "[18446744073709551615,0]") == [.max, 0])
    #expect(
      try decoder.decode([Int128].self, from: "[170141183460469231731687303715884105727]") == [.max])
    #expect(
      try decoder.decode([UInt128].self, from: "[340282366920938463463374607431768211455,1]") == [.max, 1])
    for text: Text in ["128", "-129", "1e3", "0.5", "1e99999999999999999999", "12.5", "1e-1"] {
      #expect(decoder.reason(text, Int8.self) != nil, "\(text)")
    }
    for text: Text in ["9223372036854775808", "-9223372036854775809", "1e19", "9223372036854775807.5"] {
      #expect(decoder.reason(text, Int.self) != nil, "\(text)")
    }
    #expect(try decoder.decode(Int.self, from: "9.223372036854775807e18") == .max)
  }

  @Test func `numbers with a fraction are the nearest ones, and finite`() throws {
    #expect(
      try decoder.decode([Double].self, from: "[0.1,1e22,1e23,-0,-0.0,5e-324,1e-400,7]")
        == [0.1, 1e22, 1e23, 0, 0, .leastNonzeroMagnitude, 0, 7])
    #expect(try decoder.decode(Double.self, from: "-0").sign == .minus)
    #expect(try decoder.decode(Double.self, from: "-0.0").sign == .minus)
    #expect(decoder.reason("1e309", Double.self) == "byte 0: the number 1e309 is out of the range of Double")
    #expect(decoder.reason("-1e39", Float.self) == "byte 0: the number -1e39 is out of the range of Float")
    // Rounded once, not first to a Double.
    #expect(try decoder.decode(Float.self, from: "1.00000005960464477540") == 1.0000001)
    #expect(try decoder.decode(Float.self, from: "16777217") == 16_777_216)
  }

  @Test func `null is nil, and so is a missing field of an optional`() throws {
    struct Optionals: Codable, Equatable {
      var a: Int?
      var b: String?
      var c: [Int?]?
      var d: Double??
    }
    #expect(try decoder.decode(Optionals.self, from: "{}") == Optionals())
    #expect(try decoder.decode(Optionals.self, from: #"{"a":null,"b":null,"c":null}"#) == Optionals())
    #expect(
      try decoder.decode(Optionals.self, from: #"{"c":[1,null,3],"b":"null","a":0}"#)
        == Optionals(a: 0, b: "null", c: [1, nil, 3]))
    #expect(try decoder.decode(Int?.self, from: "null") == nil)
    #expect(try decoder.decode([String: Int?].self, from: #"{"a":null,"b":1}"#) == ["a": nil, "b": 1])
  }

  @Test func `the first of several fields with one name counts`() throws {
    struct Two: Codable, Equatable { var b: Int, a: Int }
    for text: Text in [
      #"{"a":1,"b":2,"a":3}"#, #"{"b":2,"a":1,"b":9,"a":3}"#, #"{"a":1,"\u0061":7,"b":2,"\u0062":8}"#,
      #"{"\u0061":1,"a":7,"b":2,"b":8,"a":{}}"#,
    ] {
      #expect(try decoder.decode(Two.self, from: text) == Two(b: 2, a: 1), "\(text)")
      #expect(try JSONDecoder().decode(Two.self, from: Data(String(text).utf8)) == Two(b: 2, a: 1), "\(text)")
    }
    // Many fields, of which each is there twice.
    let fields = (0..<300).map { "\"k\($0)\":\($0)" } + (0..<300).map { "\"k\($0)\":-1" } + ["\"k\\u0037\":-1"]
    let text = Text("{\(fields.joined(separator: ","))}")
    let all = try decoder.decode([String: Int].self, from: text)
    #expect(all.count == 300)
    #expect(all.allSatisfy { $0.key == "k\($0.value)" })
  }

  @Test func `an object with very many fields takes time in proportion`() throws {
    let fields = (0..<100_000).map { "\"key\($0)\":\($0)" }
    let all = try decoder.decode([String: Int].self, from: Text("{\(fields.joined(separator: ","))}"))
    #expect(all.count == 100_000)
    #expect(all["key77777"] == 77_777)
  }

  @Test func `texts without escapes share the buffer of the line`() throws {
    let line = Text(String(json))
    let value = try decoder.decode(Tweet.self, from: line)
    #expect(value.text.owner === line.owner)
    let escaped = Text(String(#"{"id":1,"user":{"name":"A"},"text":"a text with an escape\n in it","tags":[]}"#))
    let other = try decoder.decode(Tweet.self, from: escaped)
    #expect(other.text == "a text with an escape\n in it")
    #expect(other.text.owner !== escaped.owner)
    #expect(try decoder.decode([Text].self, from: #"["ab","c"]"#) == ["ab", "c"])
  }

  @Test func `containers are used in any order, and not after the call`() throws {
    struct Base: Decodable { var id: Int }
    struct Kept: Decodable {
      let decoder: any Decoder
      let base: Base
      let first: [Int], second: [Int]
      enum Keys: String, CodingKey { case a, b, c }

      init(from decoder: any Decoder) throws {
        self.decoder = decoder
        base = try Base(from: decoder)
        let container = try decoder.container(keyedBy: Keys.self)
        var a = try container.nestedUnkeyedContainer(forKey: .a), b = try container.nestedUnkeyedContainer(forKey: .b)
        var (first, second): ([Int], [Int]) = ([], [])
        while !a.isAtEnd {
          // An attempt that fails changes nothing.
          #expect((try? a.decode(String.self)) == nil)
          first.append(try a.decode(Int.self))
          second.append(try b.decode(Int.self))
        }
        #expect(b.isAtEnd && a.currentIndex == 2 && a.count == 2)
        (self.first, self.second) = (first, second)
        let c = try container.nestedContainer(keyedBy: Keys.self, forKey: .c)
        #expect(c.allKeys == [.b, .a])
        #expect(try c.decode(Int.self, forKey: .a) == 6)
        #expect(try container.superDecoder(forKey: .c).container(keyedBy: Keys.self).decode(Int.self, forKey: .b) == 5)
        #expect(c.codingPath.map(\.stringValue) == ["c"])
      }
    }
    let reader = JSONRecordReader(JSONRecordDecoder())
    let kept = try reader.decode(Kept.self, from: #"{"id":1,"a":[1,2],"b":[3,4],"c":{"b":5,"a":6}}"#)
    #expect(kept.base.id == 1 && kept.first == [1, 2] && kept.second == [3, 4])
    // A decoder that is kept for longer than its call is refused, and does not read another record.
    #expect(try reader.decode([Int].self, from: "[9,9,9,9,9,9,9,9,9,9,9]").count == 11)
    #expect(throws: DecodingError.self) { try Base(from: kept.decoder) }
    #expect(throws: DecodingError.self) { try [Int](from: kept.decoder) }
    #expect(throws: DecodingError.self) { try Int(from: kept.decoder) }
    #expect(kept.decoder.codingPath.isEmpty)
  }

  @Test func `errors of an own init are the reason`() {
    struct Refused: Error, CustomStringConvertible { var description: String { "not this one" } }
    struct Picky: Decodable { init(from decoder: any Decoder) throws { throw Refused() } }
    #expect(decoder.reason("{}", Picky.self) == "byte 0: not this one")
  }

  @Test func `classes with a super decoder are decoded`() throws {
    class Animal: Decodable { var legs: Int }
    class Dog: Animal {
      var name: String
      enum Keys: CodingKey { case name }
      required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.decode(String.self, forKey: .name)
        try super.init(from: try container.superDecoder())
      }
    }
    let dog = try decoder.decode(Dog.self, from: #"{"super":{"legs":4},"name":"Rex"}"#)
    #expect(dog.name == "Rex" && dog.legs == 4)
  }

  @Test func `enumerations with values and dictionaries with other keys are decoded`() throws {
    enum Shape: Codable, Equatable {
      case circle(radius: Double)
      case point
    }
    #expect(
      try decoder.decode([Shape].self, from: #"[{"circle":{"radius":2}},{"point":{}}]"#) == [
        .circle(radius: 2), .point,
      ])
    #expect(decoder.reason(#"{"circle":{"radius":2},"point":{}}"#, Shape.self) != nil)
    #expect(try decoder.decode([Int: String].self, from: #"{"3":"c","-1":"a"}"#) == [3: "c", -1: "a"])
    #expect(try decoder.decode(Set<Int>.self, from: "[3,1,3]") == [1, 3])
  }

  @Test func `a huge record leaves no huge memory`() throws {
    let reader = JSONRecordReader(decoder)
    let numbers = try reader.decode([Int].self, from: Text("[" + String(repeating: "1,", count: 500_000) + "2]"))
    #expect(numbers.count == 500_001)
    #expect(try reader.decode([Int].self, from: "[7]") == [7])
  }
}
