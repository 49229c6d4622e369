import Foundation
import MartletSQL
import Testing

@Suite("Rows and Codable types") struct RowCodingTests {
  enum Kind: String, Codable, CaseIterable { case person, robot }

  struct Address: Codable, Equatable {
    var city: String
    var zip: Int?
  }

  struct Person: Codable, Equatable {
    var name: String
    var age: Int?
    var score: Double
    var born: SQLDate
    var seen: Date?
    var tags: [String]
    var counts: [String: Int]
    var home: Address
    var others: [Address]
    var byName: [String: Address]
    var kind: Kind
    var id: UUID
    var photo: [UInt8]
    var price: SQLDecimal
  }

  private let person = Person(
    name: "Alice", age: nil, score: 1.5, born: SQLDate("2000-02-29")!,
    seen: Date(timeIntervalSince1970: 1_700_000_000.25),
    tags: ["a", "b"], counts: ["x": 1], home: Address(city: "Berlin", zip: 10115),
    others: [Address(city: "Bonn", zip: nil)], byName: ["k": Address(city: "Köln", zip: 1)], kind: .robot,
    id: UUID(uuidString: "12345678-1234-1234-1234-123456789ABC")!, photo: [1, 2], price: SQLDecimal("9.99")!)

  @Test("The columns of a type are its properties") func columns() throws {
    let address = StructType().add("city", .string, nullable: false).add("zip", .long)
    let expected = StructType().add("name", .string, nullable: false).add("age", .long)
      .add("score", .double, nullable: false).add("born", .date, nullable: false).add("seen", .timestamp)
      .add("tags", .array(.string), nullable: false).add("counts", .map(key: .string, value: .long), nullable: false)
      .add("home", .struct(address), nullable: false).add("others", .array(.struct(address)), nullable: false)
      .add("byName", .map(key: .string, value: .struct(address)), nullable: false)
      .add("kind", .string, nullable: false).add("id", .string, nullable: false)
      .add("photo", .binary, nullable: false).add("price", .decimal, nullable: false)
    #expect(try StructType(of: Person.self) == expected)
    #expect(try StructType(of: Int?.self) == StructType().add("value", .long))
  }

  @Test("A value that was encoded is decoded") func roundTrip() throws {
    let row = try RowEncoder(StructType(of: Person.self)).encode(person)
    #expect(try row["age"] == nil && row["kind"] == "robot" && row["photo"] == .binary([1, 2]))
    #expect(try row["seen"] == .timestamp(SQLTimestamp("2023-11-14 22:13:20.25")!))
    #expect(try row["others"].type == .array(.struct(StructType(of: Address.self))))
    #expect(try RowDecoder().decode(Person.self, from: row) == person)
  }

  struct Simple: Codable, Equatable {
    var name: String
    var age: Int
    var home: Address?
  }

  private static let address = StructType().add("city", .string).add("zip", .integer)
  private static let schema = StructType().add("name", .string).add("age", .integer).add("home", .struct(address))

  private func decode(_ values: [Value], _ schema: StructType = schema) throws -> Simple {
    try RowDecoder().decode(Simple.self, from: Row(values: values, schema: schema))
  }

  @Test("Columns are found by name, in any order, without case if need be") func names() throws {
    let schema = StructType().add("AGE", .short).add("extra", .string).add("name", .string).add("home", .null)
    #expect(try decode([.short(3), "?", "x", nil], schema) == Simple(name: "x", age: 3, home: nil))
  }

  @Test("Errors name the column and say what to do") func errors() {
    let home = Value.row(Row(values: [nil, 1], schema: Self.address))
    let cases: [([Value], StructType, String)] = [
      (["x", nil, nil], Self.schema, "The column 'age' is NULL; use Int? instead of Int"),
      (["x", "y", nil], Self.schema, "The column 'age' is a value of the type string, y, which is not a Int"),
      (["x", .double(1.5), nil], Self.schema, "The column 'age' is a value of the type double, 1.5"),
      ([1, 2, nil], Self.schema, "The column 'name' is a value of the type bigint, 1, which is not a String"),
      (["x", 1, home], Self.schema, "The column 'home.city' is NULL; use String? instead of String"),
      (["x", 1, "y"], Self.schema, "The column 'home' is a value of the type string, y, which is not a struct"),
      (
        ["x", nil], StructType().add("name", .string).add("home", .null),
        "The row has no column 'age', which the type has; the columns are name, home. Rename one with `alias`"
      ),
      (
        ["x", 1], StructType().add("name", .string).add("age", .long),
        "The row has no column 'home', which the type has"
      ),
      (
        ["x", 1, 2, nil], StructType().add("name", .string).add("age", .long).add("age", .long).add("home", .null),
        "The row has several columns 'age'"
      ),
    ]
    for (values, schema, expected) in cases {
      let text = message { _ = try decode(values, schema) }
      #expect(text.hasPrefix(expected), "\(text)")
    }
  }

  @Test("A column that is missing is an error, even for an optional property") func missing() {
    struct Optionals: Decodable { var a: Int?, b: String? }
    let row = Row(values: [1, 2], schema: StructType().add("a", .long).add("c", .long))
    let text = message { _ = try RowDecoder().decode(Optionals.self, from: row) }
    #expect(text.hasPrefix("The row has no column 'b'"), "\(text)")
  }

  @Test("A case that an enumeration does not have is an error that names the column") func unknownCase() {
    struct Thing: Decodable { var kind: Kind }
    let row = Row(values: ["ghost"], schema: StructType().add("kind", .string))
    let text = message { _ = try RowDecoder().decode(Thing.self, from: row) }
    #expect(text.hasPrefix("The column 'kind' cannot be decoded as Kind") && text.contains("ghost"))
  }

  @Test("A row with one column is decoded as its value") func single() throws {
    let row = Row(values: [.integer(5)], schema: StructType().add("n", .integer))
    #expect(try RowDecoder().decode(Int.self, from: row) == 5)
    #expect(message { _ = try RowDecoder().decode(String.self, from: row) }.hasPrefix("The column 'n' is a value"))
    struct One: Decodable { var n: Int }
    #expect(try RowDecoder().decode(One.self, from: row).n == 5)
  }

  @Test("Encoding fits values to columns, and refuses what they do not have") func encoding() throws {
    struct Small: Encodable { var a: Int?, b: String }
    let schema = StructType().add("b", .string).add("a", .long).add("c", .double)
    #expect(try RowEncoder(schema).encode(Small(a: nil, b: "x")) == ["x", nil, nil])
    #expect(message { _ = try RowEncoder(StructType().add("b", .string)).encode(Small(a: 1, b: "x")) }.contains("'a'"))
    let strict = StructType().add("a", .long, nullable: false).add("b", .string)
    #expect(
      message { _ = try RowEncoder(strict).encode(Small(a: nil, b: "x")) }
        == "The column 'a' is nil, but is not nullable")
    #expect(try RowEncoder(StructType().add("value", .long)).encode(7) == [7])
  }

  @Test("Types that have no columns are refused") func badTypes() {
    struct Node: Decodable { var children: [Node] }
    #expect(message { _ = try StructType(of: Node.self) }.contains("contains itself"))
    enum Code: String, Decodable { case a }
    struct Coded: Decodable { var code: Code }
    #expect(message { _ = try StructType(of: Coded.self) }.contains("make an enumeration CaseIterable"))
  }
}
