internal import MartletCore
internal import MartletStreaming

// Each action has a form that blocks and one that suspends the task; in async code, Swift takes the second.

extension DataFrame {
  /// An action of this frame, at a line of the program.
  private func site(_ name: String, _ file: StaticString, _ line: UInt) -> OperatorSite {
    OperatorSite(name, file, line)
  }

  private func all(_ plan: Plan, _ site: OperatorSite) throws -> [Row] {
    let batches = try session.rows(of: plan, site)
    var rows: [Row] = []
    while let batch = try batches.next() { rows += batch }
    return rows
  }

  private func rows(_ site: OperatorSite) throws -> [Row] { try all(input, site) }

  /// The first `count` rows.
  private func prefix(_ count: Int, _ site: OperatorSite) throws -> [Row] {
    guard count >= 0 else {
      throw MartletError(.invalidArgument, "\(site): the number of rows is \(count); it must not be negative")
    }
    return try all(.limit(count, input), site)
  }

  private func firstRow(_ site: OperatorSite) throws -> Row {
    guard let row = try prefix(1, site).first else {
      throw MartletError(.emptyCollection, "\(site): the table has no rows; ask `isEmpty` first, or use `take(1)`")
    }
    return row
  }

  private func number(_ site: OperatorSite) throws -> Int {
    let plan = Plan.aggregate(
      Aggregate(grouping: [], aggregates: [MartletSQL.count("*").alias("count").expression], input))
    guard let row = try all(plan, site).first else { return 0 }
    return try row.get(0)
  }

  private func last(_ count: Int, _ site: OperatorSite) throws -> [Row] {
    guard count >= 0 else {
      throw MartletError(.invalidArgument, "\(site): the number of rows is \(count); it must not be negative")
    }
    return try all(.tail(count, input), site)
  }

  private func decoded<Result: Decodable>(_ type: Result.Type, _ site: OperatorSite) throws -> [Result] {
    let batches = try session.rows(of: input, site)
    let decoder = RowDecoder(batches.schema)
    var results: [Result] = []
    while let batch = try batches.next() {
      results.reserveCapacity(results.count + batch.count)
      do {
        for row in batch { results.append(try decoder.decode(type, from: row)) }
      } catch let error as MartletError {
        throw MartletError(error.code, "\(site), row \(results.count + 1): \(error.message)", underlying: error)
      }
    }
    return results
  }

  // MARK: Rows

  /// All rows.
  public func collect(file: StaticString = #fileID, line: UInt = #line) throws -> [Row] {
    try rows(site("collect", file, line))
  }

  /// All rows.
  public func collect(file: StaticString = #fileID, line: UInt = #line) async throws -> [Row] {
    let site = site("collect", file, line)
    return try await session.running(site) { try rows(site) }
  }

  /// All rows as values of a type whose properties have the names of the columns.
  ///
  /// ```swift
  /// struct Person: Decodable { var name: String, age: Int? }
  /// let people = try await df.collect(as: Person.self)
  /// ```
  /// See ``RowDecoder`` for the types of properties. A frame with one column can be collected as that column's values:
  /// `df.select("age").collect(as: Int.self)`.
  public func collect<Result: Decodable & Sendable>(
    as type: Result.Type, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Result] {
    try decoded(type, site("collect", file, line))
  }

  /// All rows as values of a type whose properties have the names of the columns.
  public func collect<Result: Decodable & Sendable>(
    as type: Result.Type, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> [Result] {
    let site = site("collect", file, line)
    return try await session.running(site) { try decoded(type, site) }
  }

  /// The first `count` rows.
  public func take(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Row] {
    try prefix(count, site("take", file, line))
  }

  /// The first `count` rows.
  public func take(_ count: Int, file: StaticString = #fileID, line: UInt = #line) async throws -> [Row] {
    let site = site("take", file, line)
    return try await session.running(site) { try prefix(count, site) }
  }

  /// The first `count` rows: another spelling of `take`.
  public func head(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Row] {
    try prefix(count, site("head", file, line))
  }

  /// The first `count` rows: another spelling of `take`.
  public func head(_ count: Int, file: StaticString = #fileID, line: UInt = #line) async throws -> [Row] {
    let site = site("head", file, line)
    return try await session.running(site) { try prefix(count, site) }
  }

  /// The first row.
  /// - Throws: `MartletError` of the code `emptyCollection` if there are no rows.
  public func head(file: StaticString = #fileID, line: UInt = #line) throws -> Row {
    try firstRow(site("head", file, line))
  }

  /// The first row.
  /// - Throws: `MartletError` of the code `emptyCollection` if there are no rows.
  public func head(file: StaticString = #fileID, line: UInt = #line) async throws -> Row {
    let site = site("head", file, line)
    return try await session.running(site) { try firstRow(site) }
  }

  /// The first row.
  /// - Throws: `MartletError` of the code `emptyCollection` if there are no rows.
  public func first(file: StaticString = #fileID, line: UInt = #line) throws -> Row {
    try firstRow(site("first", file, line))
  }

  /// The first row.
  /// - Throws: `MartletError` of the code `emptyCollection` if there are no rows.
  public func first(file: StaticString = #fileID, line: UInt = #line) async throws -> Row {
    let site = site("first", file, line)
    return try await session.running(site) { try firstRow(site) }
  }

  /// The last `count` rows.
  public func tail(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Row] {
    try last(count, site("tail", file, line))
  }

  /// The last `count` rows.
  public func tail(_ count: Int, file: StaticString = #fileID, line: UInt = #line) async throws -> [Row] {
    let site = site("tail", file, line)
    return try await session.running(site) { try last(count, site) }
  }

  /// The number of rows.
  public func count(file: StaticString = #fileID, line: UInt = #line) throws -> Int {
    try number(site("count", file, line))
  }

  /// The number of rows.
  public func count(file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
    let site = site("count", file, line)
    return try await session.running(site) { try number(site) }
  }

  /// A Boolean value that indicates whether there are no rows.
  public func isEmpty(file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    try prefix(1, site("isEmpty", file, line)).isEmpty
  }

  /// A Boolean value that indicates whether there are no rows.
  public func isEmpty(file: StaticString = #fileID, line: UInt = #line) async throws -> Bool {
    let site = site("isEmpty", file, line)
    return try await session.running(site) { try prefix(1, site).isEmpty }
  }

  // MARK: Showing

  private func drawing(_ count: Int, _ truncation: Truncation, _ vertical: Bool, _ site: OperatorSite) throws -> String
  {
    // One row more tells whether there are more.
    let count = Swift.max(0, Swift.min(count, .max - 1))
    let batches = try session.rows(of: .limit(count + 1, input), site)
    var rows: [Row] = []
    while let batch = try batches.next() { rows += batch }
    let drawing = TableDrawing(
      rows, schema: batches.schema, limit: count, truncation: truncation,
      text: ValueText { [session] in session.secondsFromUTC(at: $0) })
    return vertical ? drawing.records : drawing.table
  }

  private func print(_ text: String) throws { try writeToStandardOutput(text + "\n") }

  /// The table that `show` prints.
  public func showString(
    _ numRows: Int = 20, truncate: Truncation = true, vertical: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> String {
    try drawing(numRows, truncate, vertical, site("showString", file, line))
  }

  /// The table that `show` prints.
  public func showString(
    _ numRows: Int = 20, truncate: Truncation = true, vertical: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) async throws -> String {
    let site = site("showString", file, line)
    return try await session.running(site) { try drawing(numRows, truncate, vertical, site) }
  }

  /// Prints the first `numRows` rows as a table.
  ///
  /// With `truncate: false`, texts are shown as a whole; a number is the length that they are cut to, 20 by default. With
  /// `vertical: true`, each value is on a line of its own, for wide tables.
  public func show(
    _ numRows: Int = 20, truncate: Truncation = true, vertical: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) throws {
    try print(drawing(numRows, truncate, vertical, site("show", file, line)))
  }

  /// Prints the first `numRows` rows as a table.
  ///
  /// With `truncate: false`, texts are shown as a whole; a number is the length that they are cut to, 20 by default. With
  /// `vertical: true`, each value is on a line of its own, for wide tables.
  public func show(
    _ numRows: Int = 20, truncate: Truncation = true, vertical: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) async throws {
    let site = site("show", file, line)
    try await session.running(site) { try print(drawing(numRows, truncate, vertical, site)) }
  }

  /// Prints the first 20 rows as a table, with `false` without cutting texts: `df.show(false)`.
  public func show(_ truncate: Bool, file: StaticString = #fileID, line: UInt = #line) throws {
    try show(20, truncate: Truncation(truncate), file: file, line: line)
  }

  /// Prints the first 20 rows as a table, with `false` without cutting texts: `df.show(false)`.
  public func show(_ truncate: Bool, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await show(20, truncate: Truncation(truncate), file: file, line: line)
  }

  /// Prints the first rows as a table, in Spark's order of arguments: `df.show(20, false)`.
  public func show(
    _ numRows: Int, _ truncate: Truncation, _ vertical: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try show(numRows, truncate: truncate, vertical: vertical, file: file, line: line)
  }

  /// Prints the first rows as a table, in Spark's order of arguments: `df.show(20, false)`.
  public func show(
    _ numRows: Int, _ truncate: Truncation, _ vertical: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try await show(numRows, truncate: truncate, vertical: vertical, file: file, line: line)
  }

  // MARK: Schema

  /// The columns.
  ///
  /// This analyzes the frame, and may look at files. It does not compute rows.
  /// - Throws: all faults of the frame, with the lines that they are in.
  public var schema: StructType {
    get throws { try session.schema(of: input, id.site) }
  }

  /// The names of the columns.
  public var columns: [String] {
    get throws { try schema.names }
  }

  /// The names of the columns and of their types.
  public var dtypes: [(String, String)] {
    get throws { try schema.fields.map { ($0.name, $0.type.description) } }
  }

  private func printTree(_ level: Int?, _ site: OperatorSite) throws {
    try print(session.schema(of: input, site).treeString(depth: level ?? .max))
  }

  /// Prints the columns as a tree; with `level`, only so many levels.
  public func printSchema(_ level: Int? = nil, file: StaticString = #fileID, line: UInt = #line) throws {
    try printTree(level, site("printSchema", file, line))
  }

  /// Prints the columns as a tree; with `level`, only so many levels.
  public func printSchema(_ level: Int? = nil, file: StaticString = #fileID, line: UInt = #line) async throws {
    let site = site("printSchema", file, line)
    try await session.running(site) { try printTree(level, site) }
  }

  // MARK: Plans

  /// The description of how the frame is computed.
  public func explainString(
    _ mode: ExplainMode = .simple, file: StaticString = #fileID, line: UInt = #line
  ) throws -> String {
    try session.explanation(of: input, mode, site("explain", file, line))
  }

  /// Prints how the frame is computed.
  public func explain(_ mode: ExplainMode = .simple, file: StaticString = #fileID, line: UInt = #line) throws {
    try print(session.explanation(of: input, mode, site("explain", file, line)))
  }

  /// Prints how the frame is computed.
  public func explain(_ mode: ExplainMode = .simple, file: StaticString = #fileID, line: UInt = #line) async throws {
    let site = site("explain", file, line)
    try await session.running(site) { try print(session.explanation(of: input, mode, site)) }
  }

  /// Prints how the frame is computed, with `true` with all its plans.
  public func explain(_ extended: Bool, file: StaticString = #fileID, line: UInt = #line) throws {
    try explain(extended ? .extended : .simple, file: file, line: line)
  }

  /// Prints how the frame is computed, with `true` with all its plans.
  public func explain(_ extended: Bool, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await explain(extended ? .extended : .simple, file: file, line: line)
  }

  /// Prints how the frame is computed; with `analyze`, runs it and prints its times.
  public func explain(analyze: Bool, file: StaticString = #fileID, line: UInt = #line) throws {
    try explain(analyze ? .analyze : .simple, file: file, line: line)
  }

  /// Prints how the frame is computed; with `analyze`, runs it and prints its times.
  public func explain(analyze: Bool, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await explain(analyze ? .analyze : .simple, file: file, line: line)
  }
}
