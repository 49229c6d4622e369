import MartletSQL
import Testing

@Suite("Rows") struct RowTests {
  private let row = Row(
    values: ["Alice", .integer(30), nil, .double(1.5)],
    schema: StructType().add("name", .string).add("age", .integer).add("city", .string).add("score", .double))

  @Test("A value is found by its position and its name") func lookup() throws {
    #expect(row[0] == "Alice")
    #expect(try row["age"] == 30)
    #expect(try row.get("name", as: String.self) == "Alice")
    #expect(try row.get(1) as Int == 30)
    #expect(try row.getInt(1) == 30 && row.getLong(1) == 30 && row.getDouble(3) == 1.5 && row.getString(0) == "Alice")
    let age: Int8 = try row.getAs("age")
    #expect(age == 30)
    #expect(try row.get("city", as: String?.self) == nil)
    #expect(row.isNullAt(2) && !row.isNullAt(0) && row.anyNull)
    #expect(row.toDictionary() == ["name": "Alice", "age": 30, "city": nil, "score": 1.5])
    #expect(row.size == 4 && row.fieldNames == ["name", "age", "city", "score"])
  }

  @Test("A row prints as in Spark") func text() {
    #expect(row.description == "[Alice,30,null,1.5]")
    #expect(Row("Alice", 30).description == "[Alice,30]")
    #expect(Row().description == "[]")
    #expect(Row([1, 2] as [Int32], Row(1, "s", nil)).description == "[ArraySeq(1, 2),[1,s,null]]")
    #expect(Row(["k": 1]).description == "[Map(k -> 1)]")
    #expect(row.mkString("|") == "Alice|30|null|1.5")
  }

  @Test("Rows are equal if their values are") func equality() {
    #expect(row == ["Alice", 30, nil, 1.5])
    #expect(Set([row, ["Alice", 30, nil, 1.5]]).count == 1)
    #expect(row != ["Alice", 30, nil])
  }

  @Test("Wrong questions are answered by errors that say what to do") func errors() {
    #expect(message { _ = try row["agee"] } == "The row has no column 'agee'; its columns are name, age, city, score")
    #expect(message { _ = try Row(1)["a"] } == "The row has no names of columns; use a position instead of 'a'")
    #expect(
      message { _ = try row.get(4, as: Int.self) } == "The row has no column at position 4; it has 4 columns, from 0")
    #expect(
      message { _ = try row.get("city", as: String.self) }
        == "The column 'city' is NULL; use String? instead of String")
    #expect(
      message { _ = try row.get("name", as: Int.self) }
        == "The column 'name' is a value of the type string, Alice, which is not a Int; use a fitting type, or convert "
        + "the column with `cast`")
    let doubled = Row(values: [1, 2], schema: StructType().add("a", .long).add("a", .long))
    #expect(message { _ = try doubled["a"] }.contains("several columns 'a'"))
  }

  @Test("Numbers convert only where they stay the same") func numbers() throws {
    let row = Row(
      values: [.long(300), .double(0.1), .decimal(SQLDecimal("7.00")!), .double(2)],
      schema: StructType().add("a", .long).add("b", .double).add("c", .decimal).add("d", .double))
    #expect(try row.get(0, as: Int16.self) == 300 && row.get(0, as: Double.self) == 300)
    #expect(throws: (any Error).self) { try row.get(0, as: Int8.self) }
    #expect(throws: (any Error).self) { try row.get(0, as: UInt8.self) }
    #expect(throws: (any Error).self) { try row.get(1, as: Float.self) }
    #expect(try row.get(2, as: Int.self) == 7 && row.get(2, as: SQLDecimal.self) == SQLDecimal(7))
    #expect(throws: (any Error).self) { try row.get(2, as: Double.self) }
    #expect(throws: (any Error).self) { try row.get(3, as: Int.self) }
    #expect(try row.get(0, as: UInt64.self) == 300 && row.get(0, as: SQLDecimal.self) == SQLDecimal(300))
  }

  @Test("Collections convert with their elements") func collections() throws {
    let row = Row([1, 2] as [Int?], ["a": true], [7, 8] as [UInt8], SQLDate(days: 1))
    #expect(try row.get(0, as: [Int].self) == [1, 2])
    #expect(throws: (any Error).self) { try row.get(0, as: [String].self) }
    #expect(try row.get(1, as: [String: Bool].self) == ["a": true])
    #expect(row[2] == .binary([7, 8]))
    #expect(try row.get(2, as: [UInt8].self) == [7, 8])
    #expect(try row.getDate(3).description == "1970-01-02")
  }
}
