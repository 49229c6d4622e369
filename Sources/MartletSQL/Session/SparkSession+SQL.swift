internal import MartletCore
internal import MartletRDD

extension SparkSession {
  /// The result of a statement in SQL. A query runs when an action asks for its rows; other statements, such as `CREATE
  /// VIEW`, have run when this returns.
  ///
  /// ```swift
  /// let adults = try spark.sql("SELECT name FROM people WHERE age >= :age", args: ["age": 18])
  /// ```
  /// `args` has the values of the parameters `:name`. They are values, never SQL text.
  /// - Throws: `MartletError`: all mistakes of the statement, with the near miss of unknown names.
  @discardableResult
  public func sql(
    _ text: String, args: [String: any ValueConvertible] = [:], file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    let site = OperatorSite("sql", file, line)
    return try run(text, named: args.mapValues { try literal($0.value, site) }, positional: [], site)
  }

  /// The result of a statement in SQL with values for its parameters, which are written as `?`.
  ///
  /// ```swift
  /// let adults = try spark.sql("SELECT name FROM people WHERE age >= ? AND city = ?", 18, "London")
  /// ```
  @discardableResult
  public func sql(
    _ text: String, _ first: any ValueConvertible, _ others: any ValueConvertible..., file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> DataFrame {
    let site = OperatorSite("sql", file, line)
    return try run(text, named: [:], positional: ([first] + others).map { try literal($0.value, site) }, site)
  }

  private func literal(_ value: Value, _ site: OperatorSite) throws -> Literal {
    guard case .literal(let literal) = value.expression else {
      throw MartletError(.invalidArgument, "\(site): a parameter of SQL is one value, not \(value.type).")
    }
    return literal
  }

  private func run(
    _ text: String, named: [String: Literal], positional: [Literal], _ site: OperatorSite
  ) throws -> DataFrame {
    let statement: Statement
    do { statement = try SQLParser.parse(text, named: named, positional: positional) } catch {
      let kind = EngineMessage.syntaxKind("\(error)")
      throw MartletError(.analysis, "\(site): [\(kind)] \(error)", underlying: error)
    }
    let plan = try run(statement, site)
    _ = try relation(plan, site)
    return DataFrame(self, plan, site)
  }

  /// A table or view.
  ///
  /// The columns are those that it has now: a view that is replaced later does not change the frame.
  public func table(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    let site = OperatorSite("table", file, line)
    do { return DataFrame(self, .table(try SQLParser.parseName(name)), site) } catch {
      return DataFrame(self, .invalid("\(error)", .oneRow), site)
    }
  }

  /// The numbers from 0, before `end`, in a column `id`.
  public func range(_ end: Int, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    range(0, end, file: file, line: line)
  }

  /// The numbers from `start`, before `end`, in a column `id`.
  public func range(
    _ start: Int, _ end: Int, _ step: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    DataFrame(
      self, .range(start: Int64(start), end: Int64(end), step: Int64(step)), OperatorSite("range", file, line))
  }

  /// A frame without columns, with one row.
  var oneRow: Plan { .oneRow }
}
