import MartletCore
import Testing

@testable import MartletSQL

@Suite("Actions") struct ActionTests {
  private static let schema: StructType = StructType().add("name", .string).add("age", .integer)
  private static func row(_ name: String, _ age: Value) -> Row { Row(values: [.string(name), age], schema: schema) }
  private let runtime: FakeRuntime = FakeRuntime(
    schema, [[row("Alice", 30), row("Bob", nil)], [], [row("Cem", 20)]])

  struct Person: Decodable, Equatable { var name: String, age: Int? }

  /// Swift takes the forms that block where code is not async.
  private func blocking(_ people: DataFrame) throws {
    #expect(try people.collect().map { try $0.getString(0) } == ["Alice", "Bob", "Cem"])
    #expect(try people.take(2).count == 2)
    #expect(try people.head(1) == [people.first()] && people.head() == people.first())
    #expect(try !people.isEmpty())
    #expect(try people.collect(as: Person.self)[1] == Person(name: "Bob", age: nil))
    #expect(try people.showString(1).hasSuffix("only showing top 1 row"))
    let rows = try people.toLocalIterator()
    var names: [String] = []
    while let row = try rows.next() { names.append(try row.getString(0)) }
    #expect(names == ["Alice", "Bob", "Cem"])
    try people.createOrReplaceTempView("people")
    #expect(runtime.asyncActions == 0)
  }

  @Test("Actions block in code that is not async") func blockingForms() throws { try blocking(runtime.people) }

  @Test("Actions suspend the task in async code") func asyncForms() async throws {
    let people = runtime.people
    #expect(try await people.collect().count == 3)
    #expect(try await people.take(2).count == 2)
    let first = try await people.first()
    #expect(try first.getString(0) == "Alice")
    let isEmpty = try await people.isEmpty()
    #expect(!isEmpty)
    #expect(try await people.collect(as: Person.self).map(\.name) == ["Alice", "Bob", "Cem"])
    var names: [String] = []
    for try await row in try await people.toLocalIterator() { names.append(try row.getString(0)) }
    #expect(names == ["Alice", "Bob", "Cem"])
    try await people.createTempView("people")
    #expect(runtime.asyncActions > 6)
  }

  @Test("An action asks for the plan that it needs") func plans() throws {
    let people = runtime.people
    _ = try people.take(2)
    _ = try people.tail(2)
    _ = try? people.count()
    _ = try people.showString(5)
    _ = try people.schema
    #expect(
      runtime.plans == [
        .limit(2, people.input), .tail(2, people.input),
        .aggregate(
          Aggregate(
            grouping: [], aggregates: [.alias(.call("count", .literal(.integer(1))), ["count"])], people.input)),
        .limit(6, people.input), people.input,
      ])
  }

  @Test("The schema has names and types") func namesAndTypes() throws {
    #expect(try runtime.people.columns == ["name", "age"])
    #expect(try runtime.people.dtypes.map { "\($0.0) \($0.1)" } == ["name string", "age int"])
  }

  @Test("Views know their names, reach and whether they replace others") func views() throws {
    let register = { (people: DataFrame) throws in
      try people.createTempView("a")
      try people.createOrReplaceTempView("b")
      try people.createGlobalTempView("c")
      try people.createOrReplaceGlobalTempView("d")
    }
    try register(runtime.people)
    #expect(runtime.views.map(\.name) == ["a", "b", "c", "d"])
    #expect(runtime.views.map(\.isGlobal) == [false, false, true, true])
    #expect(runtime.views.map(\.replaces) == [false, true, false, true])
    #expect(runtime.views.allSatisfy { $0.plan == .frame($0.plan.frameID ?? FrameID(site), .table(["people"])) })
  }

  private let site = OperatorSite("test", #fileID, #line)

  @Test("Caching is passed to the session, and the frame stays the same") func cache() {
    let people = runtime.people
    #expect(people.cache().id == people.id && people.persist().unpersist().id == people.id)
    #expect(runtime.persisted == [true, true, false])
  }

  @Test("An empty table has no first row, and a negative number of rows is refused") func errors() throws {
    let empty = FakeRuntime(Self.schema, []).people
    let ask = { (frame: DataFrame) -> String in message { _ = try frame.first() } }
    #expect(ask(empty).contains("the table has no rows"))
    let negative = { (frame: DataFrame) -> [String] in
      [message { _ = try frame.take(-1) }, message { _ = try frame.tail(-1) }]
    }
    #expect(negative(empty).allSatisfy { $0.contains("it must not be negative") })
  }

  @Test("A row that cannot be decoded is reported with its number and the line of the action") func decoding() {
    struct Strict: Decodable { var name: String, age: Int }
    let text = { (frame: DataFrame) -> String in message { _ = try frame.collect(as: Strict.self) } }(runtime.people)
    #expect(text.hasPrefix("collect at MartletSQLTests/ActionTests.swift:"))
    #expect(text.contains(", row 2: The column 'age' is NULL; use Int? instead of Int"))
  }
}

extension Plan {
  fileprivate var frameID: FrameID? { if case .frame(let id, _) = self { id } else { nil } }
}
