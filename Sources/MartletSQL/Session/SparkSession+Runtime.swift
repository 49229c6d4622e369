internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD

extension SparkSession: DataFrameRuntime {
  var spark: SparkSession { self }

  /// Resolves a plan; throws all of its mistakes.
  func relation(
    _ plan: Plan, _ site: OperatorSite, computes: Bool = false, usesCachedTables: Bool = true
  ) throws -> Relation {
    if sparkContext.isStopped {
      throw MartletError(.invalidState, "\(site): the MartletContext of the session is stopped. Create another one.")
    }
    do {
      return try Analyzer.relation(plan, state, computes: computes, usesCachedTables: usesCachedTables)
    } catch let error as AnalysisError {
      throw MartletError(.analysis, site.adding(to: error.faults), underlying: error)
    }
  }

  func schema(of plan: Plan, _ site: OperatorSite) throws -> StructType { try relation(plan, site).schema }

  func rows(of plan: Plan, _ site: OperatorSite) throws -> any RowBatches {
    let relation = try relation(plan, site, computes: true)
    do { return try EngineRows(relation, state.engine, site) } catch { throw site.query(error) }
  }

  func explanation(of plan: Plan, _ mode: ExplainMode, _ site: OperatorSite) throws -> String {
    let relation = try relation(plan, site)
    let sql = relation.sql.text
    switch mode {
    case .sql: return sql
    default:
      let analyze = mode == .analyze ? "ANALYZE " : ""
      let physical = try state.engine.withConnection { connection in
        try connection.query("EXPLAIN \(analyze)\(sql)").rows().map { row -> String in
          guard let last = row.last, case .string(let text) = last else { return "" }
          return text
        }.joined(separator: "\n")
      }
      return mode == .extended ? "== SQL ==\n\(sql)\n\n== Physical plan ==\n\(physical)" : physical
    }
  }

  func register(_ view: TemporaryView, _ site: OperatorSite) throws {
    // Views refer to the rows that their frames have stored, but to the tables of the warehouse as they will be.
    let relation = try relation(view.plan, site, computes: true, usesCachedTables: false)
    do {
      try state.register(
        SessionView(name: view.name, relation: relation), isGlobal: view.isGlobal, replaces: view.replaces)
    } catch let error as AnalysisError {
      throw MartletError(.analysis, site.adding(to: error.faults), underlying: error)
    }
  }

  func setPersisted(_ isPersisted: Bool, _ frame: DataFrame) {
    if isPersisted { state.storedFrames.add(frame.id) } else { state.storedFrames.remove(frame.id) }
  }

  func secondsFromUTC(at time: SQLTimestamp) -> Int {
    let zone = state.timeZone
    return zone == "UTC" ? 0 : state.engine.secondsFromUTC(zone, at: time)
  }

  func running<Result: Sendable>(
    _ site: OperatorSite, _ action: @escaping @Sendable () throws -> Result
  ) async throws
    -> Result
  {
    try await sparkContext.async(action)
  }
}

extension OperatorSite {
  /// The message for the mistakes of a query. Those without a place are in this operation.
  func adding(to faults: [AnalysisFault]) -> String {
    let placed = faults.map { fault in
      var fault = fault
      fault.site = fault.site ?? "\(self)"
      return fault
    }
    return AnalysisError(faults: placed).description
  }

  /// The error of a query that has begun.
  func query(_ error: any Error) -> any Error {
    guard let own = error as? MartletError else { return failure(error) }
    return MartletError(own.code, "\(self): \(EngineMessage.worded(own.message))", underlying: own.underlying)
  }
}

/// The engine's messages, with Spark's names for the kinds of errors.
enum EngineMessage {
  static func worded(_ message: String) -> String {
    // The SQL of the engine, which is not that of the user.
    if let place = message.firstRange(of: "\n\nLINE ") { return worded(String(message[..<place.lowerBound])) }
    // The engine's advice on the reading of files names options that are its own.
    if message.contains("CSV Error"), let line = message.split(separator: "\nPossible Solution").first,
      line.count < message.count
    {
      return worded(String(line).replacing("\n\n", with: "\n"))
    }
    // An error of a function of ours: what it says is all that matters.
    if let start = message.range(of: "["), message.hasPrefix("Invalid Input Error"),
      isKind(message[start.upperBound...])
    {
      return String(message[start.lowerBound...])
    }
    if message.contains("window expressions cannot be volatile") {
      return
        "[UNSUPPORTED_EXPR_FOR_WINDOW] A window is partitioned or ordered by an expression that can fail, or that has another value each time. Make it a column of a subquery, or one with withColumn, and use this."
    }
    // The engine's advice is to change its settings, which statements cannot.
    if message.contains("More than one row returned by a subquery") {
      return
        "[SCALAR_SUBQUERY_TOO_MANY_ROWS] A subquery that stands for one value returns more than one row. Limit it, or aggregate its rows."
    }
    if message.contains("Max expression depth limit") {
      return
        "[UNSUPPORTED_FEATURE] The query is nested more than 1,000 levels deep, with the views and frames that it reads. Divide it: cache() a frame on the way, or save it as a table."
    }
    for (text, kind) in kinds where message.contains(text) { return "[\(kind)] \(message)" }
    return message
  }

  private static func isKind(_ text: Substring) -> Bool {
    guard let end = text.firstIndex(of: "]") else { return false }
    return text[..<end].count > 3 && text[..<end].allSatisfy { $0.isUppercase || $0 == "_" || $0 == "." }
  }

  /// Spark's name for a mistake in the text of a statement.
  static func syntaxKind(_ message: String) -> String {
    syntaxKinds.first { message.contains($0.0) }?.1 ?? "PARSE_SYNTAX_ERROR"
  }

  private static let syntaxKinds = [
    ("is out of the range of", "INVALID_NUMERIC_LITERAL_RANGE"), ("is no DATE", "INVALID_TYPED_LITERAL"),
    ("is no TIMESTAMP", "INVALID_TYPED_LITERAL"),
    ("a number of rows is not negative", "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"),
    ("has no clause WINDOW that defines", "MISSING_WINDOW_SPECIFICATION"),
  ]

  private static let kinds = [
    ("No files found that match the pattern", "FAILED_READ_FILE.FILE_NOT_EXIST"),
    ("Cannot open file", "FAILED_READ_FILE.FILE_NOT_EXIST"),
    ("Catalog Error: Table with name", "TABLE_OR_VIEW_NOT_FOUND"),
    // Only sums are computed with more than 64 bits.
    ("Type INT128 with value", "ARITHMETIC_OVERFLOW"),
    ("Could not convert string", "CAST_INVALID_INPUT"),
    ("of INT8 (", "BINARY_ARITHMETIC_OVERFLOW"), ("of INT16 (", "BINARY_ARITHMETIC_OVERFLOW"),
    ("of DECIMAL(", "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"),
    ("Overflow in", "ARITHMETIC_OVERFLOW"), ("Overflow on", "ARITHMETIC_OVERFLOW"),
    ("Cannot negate", "ARITHMETIC_OVERFLOW"), ("Cannot take the absolute value", "ARITHMETIC_OVERFLOW"),
    ("Unknown TimeZone", "INVALID_TIMEZONE"),
    ("Date out of range", "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"),
    ("Time out of range", "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION"),
    // The messages of the library of regular expressions.
    ("missing ): ", "INVALID_PARAMETER_VALUE.PATTERN"), ("missing ]: ", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("unexpected ): ", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("no argument for repetition operator", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("bad repetition operator", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("invalid perl operator", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("invalid escape sequence", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("invalid character class", "INVALID_PARAMETER_VALUE.PATTERN"),
    ("trailing \\", "INVALID_PARAMETER_VALUE.PATTERN"),
    // Only sums have 128 bits.
    ("Type INT128 with value", "ARITHMETIC_OVERFLOW"),
    ("can't be cast because the value is out of range", "CAST_OVERFLOW"),
    ("Could not cast value", "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"), ("Parser Error", "PARSE_SYNTAX_ERROR"),
    ("duplicate key", "DUPLICATED_MAP_KEY"), ("Map keys must be unique", "DUPLICATED_MAP_KEY"),
    ("Map keys can not be NULL", "NULL_MAP_KEY"),
  ]
}

extension String {
  /// The first place of a text.
  fileprivate func range(of text: Character) -> Range<Index>? { firstIndex(of: text).map { $0..<index(after: $0) } }
}
