internal import MartletCore
internal import MartletDuckDB

extension SparkSession {
  /// Runs a statement, and returns the plan of its result.
  func run(_ statement: Statement, _ site: OperatorSite) throws -> Plan {
    switch statement {
    case .query(let plan): return plan
    case .createView(let view): return try create(view, site)
    case .dropView(let name, let ifExists):
      guard state.drop(name[name.count - 1], isGlobal: name.count == 2) || ifExists else {
        throw mistake("TABLE_OR_VIEW_NOT_FOUND", "There is no view '\(name.joined(separator: "."))'.", site)
      }
      return done
    case .set(let key, let value): return set(key, value)
    case .reset(let key):
      if let key { state.set(key, nil) } else { for key in state.allSettings.keys { state.set(key, nil) } }
      return done
    case .showColumns(let name):
      return values(try columns(.table(name), site).map { [.string($0.name)] }, ["col_name"], [.string])
    case .describeTable(let name, _, _): return try described(name, site)
    case .describeQuery(let plan): return described(try columns(plan, site))
    case .showFunctions(let pattern):
      let names = FunctionRegistry.names.filter { $0.matches(pattern: pattern) }
      return values(names.map { [.string($0)] }, ["function"], [.string])
    case .describeFunction(let name, _):
      guard let rule = FunctionRegistry.rule(name.lowercased()) else {
        throw mistake("UNRESOLVED_ROUTINE", "There is no function '\(name)'.", site)
      }
      return values([[.string("\(name) takes \(rule.arityText).")]], ["function_desc"], [.string])
    case .explain(let kind, .query(let plan)):
      let mode: ExplainMode = kind == .analyze ? .analyze : kind == .extended ? .extended : .simple
      return values([[.string(try explanation(of: plan, mode, site))]], ["plan"], [.string])
    case .unknown(let text): return try native(text, site)
    default:
      if let plan = try runTableStatement(statement, site) { return plan }
      throw mistake(
        "UNSUPPORTED_FEATURE", "This statement is not supported yet. docs/sql.md lists those that are.", site)
    }
  }

  /// A query in the dialect of the engine.
  ///
  /// Other statements are refused by their first word, because the engine acts on some, such as EXPORT, while it prepares
  /// them.
  private func native(_ text: String, _ site: OperatorSite) throws -> Plan {
    let word = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" }.uppercased()
    if ["SUMMARIZE", "PIVOT", "UNPIVOT"].contains(word) { return .native(text) }
    let known = ["SELECT", "INSERT", "CREATE", "DELETE", "UPDATE", "DESCRIBE", "SHOW", "ALTER", "EXPLAIN", "SUMMARIZE"]
    if known.contains(word) {
      throw mistake(
        "UNSUPPORTED_FEATURE", "This form of \(word) is not supported. docs/sql.md lists the statements that are.", site
      )
    }
    let advice = nearest(to: word, in: known, count: 1).first.map { " Did you mean \($0)?" } ?? ""
    throw mistake(
      "PARSE_SYNTAX_ERROR", "No statement begins with '\(word)'.\(advice) docs/sql.md lists the statements.", site)
  }

  var done: Plan { .limit(0, .oneRow) }

  func mistake(_ kind: String, _ message: String, _ site: OperatorSite) -> MartletError {
    let fault = AnalysisFault(kind, message)
    return MartletError(.analysis, site.adding(to: [fault]), underlying: AnalysisError(faults: [fault]))
  }

  private func create(_ view: CreateView, _ site: OperatorSite) throws -> Plan {
    guard view.scope != .persistent else {
      throw mistake(
        "UNSUPPORTED_FEATURE",
        "Views are temporary: write CREATE TEMPORARY VIEW \(view.name.joined(separator: ".")) AS ….", site)
    }
    let isGlobal = view.scope == .globalTemporary
    if view.ifNotExists, state.view(isGlobal ? ["global_temp"] + view.name.suffix(1) : view.name) != nil { return done }
    let plan = view.columns.isEmpty ? view.plan : .renamed(view.columns, view.plan)
    try register(
      TemporaryView(name: view.name[view.name.count - 1], plan: plan, isGlobal: isGlobal, replaces: view.replaces), site
    )
    return done
  }

  private func set(_ key: String?, _ value: String?) -> Plan {
    let names = ["key", "value"]
    guard let key else {
      return values(
        state.allSettings.sorted { $0.key < $1.key }.map { [.string($0.key), .string($0.value)] }, names,
        [.string, .string])
    }
    if let value { state.set(key, value) }
    return values([[.string(key), .string(state.setting(key) ?? "<undefined>")]], names, [.string, .string])
  }

  private func columns(_ plan: Plan, _ site: OperatorSite) throws -> [StructField] { try schema(of: plan, site).fields }

  private func described(_ fields: [StructField]) -> Plan {
    values(
      fields.map { [.string($0.name), .string($0.type.description), .null] }, ["col_name", "data_type", "comment"],
      [.string, .string, .string])
  }

  /// The columns of a table, and those by which it is partitioned, or of a view.
  private func described(_ name: [String], _ site: OperatorSite) throws -> Plan {
    let fields = try columns(.table(name), site)
    guard state.view(name) == nil else { return described(fields) }
    let table = try placed(site) { try existingTable(name) }
    func row(_ column: WarehouseTable.Column) -> [Value] {
      [.string(column.field.name), .string(column.field.type.description), column.comment.map { .string($0) } ?? .null]
    }
    var rows = table.columns.map(row)
    let partition = table.columns.filter(\.isPartition)
    if !partition.isEmpty {
      rows += [["# Partition Information", "", ""], ["# col_name", "data_type", "comment"]] + partition.map(row)
    }
    return values(rows, ["col_name", "data_type", "comment"], [.string, .string, .string])
  }

  func values(_ rows: [[Value]], _ names: [String], _ types: [DataType]) -> Plan {
    if rows.isEmpty {
      return .limit(0, .project(zip(names, types).map { .alias(.cast(.literal(.null()), $1), [$0]) }, .oneRow))
    }
    return .renamed(names, .values(rows.map { $0.map(\.expression) }))
  }
}
