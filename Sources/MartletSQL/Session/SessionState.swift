internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD
private import Synchronization

/// Temporary views and settings of a session. It belongs to a context, but does not refer to it.
final class SessionState: Sendable {
  let engine: SQLEngine
  /// Temporary views by their names in lower case. Queries that began before a view is replaced read the old one.
  private let views = Mutex<[String: SessionView]>([:])
  private let functions = Mutex<[String: FunctionRule]>([:])
  /// The frames that `cache` was called for.
  let storedFrames = StoredFrames()
  private let settings = Mutex<[String: String]>([:])
  private let database = Mutex(Warehouse.defaultDatabase)
  /// The tables and views of which `CACHE TABLE` has been called.
  let cachedTables = CachedTables()

  init(_ engine: SQLEngine) { self.engine = engine }

  func setting(_ key: String) -> String? { settings.withLock { $0[key] } }
  func set(_ key: String, _ value: String?) {
    settings.withLock { $0[key] = value }
    // All sessions of a context share the warehouse.
    if key == Warehouse.setting { engine.warehouse.setFolder(value) }
  }
  var allSettings: [String: String] { settings.withLock { $0 } }

  var currentDatabase: String {
    get { database.withLock { $0 } }
    set { database.withLock { $0 = newValue } }
  }

  func register(_ function: FunctionRule) {
    functions.withLock { functions in for name in function.names { functions[name.lowercased()] = function } }
  }

  /// The names of the functions that the program has registered, in lower case.
  var functionNames: Set<String> { functions.withLock { Set($0.keys) } }

  /// Makes a relation a view.
  func register(_ view: SessionView, isGlobal: Bool, replaces: Bool) throws {
    let key = view.name.lowercased()
    uncache(.view(view.name, isGlobal: isGlobal))
    // The old view, and the columns that only it refers to, are released without the lock.
    let old = try changeViews(isGlobal: isGlobal) { views in
      if !replaces, views[key] != nil {
        throw AnalysisError(faults: [
          AnalysisFault(
            "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
            "There is a view '\(view.name)' already. Use createOrReplaceTempView to replace it.")
        ])
      }
      return views.updateValue(view, forKey: key)
    }
    withExtendedLifetime(old) {}
  }

  /// Removes a view; returns `false` if there is none.
  func drop(_ name: String, isGlobal: Bool) -> Bool {
    uncache(.view(name, isGlobal: isGlobal))
    return changeViews(isGlobal: isGlobal) { $0.removeValue(forKey: name.lowercased()) } != nil
  }

  private func changeViews<Result>(
    isGlobal: Bool, _ change: (inout [String: SessionView]) throws -> sending Result
  ) rethrows -> sending Result {
    isGlobal ? try engine.globalViews.withLock(change) : try views.withLock(change)
  }

  func view(_ name: [String]) -> SessionView? {
    if name.count == 1 { return views.withLock { $0[name[0].lowercased()] } }
    guard name.count == 2, name[0].lowercased() == "global_temp" else { return nil }
    return engine.globalViews.withLock { $0[name[1].lowercased()] }
  }

  var viewNames: [String] { views.withLock { $0.values.map(\.name) }.sorted() }
  var globalViewNames: [String] { engine.globalViews.withLock { $0.values.map(\.name) }.sorted() }
}

extension SessionState: AnalysisCatalog {
  func relation(_ name: [String]) throws -> Relation? {
    guard let view = view(name) else {
      guard let table = try tableName(name).flatMap({ try engine.warehouse.table($0) }) else { return nil }
      return engine.warehouse.relation(table)
    }
    var relation = Analyzer.fresh(view.relation)
    for i in relation.columns.indices { relation.columns[i].qualifier = name }
    return relation
  }

  var relationNames: [String] {
    // Advice only: what cannot be read is not in it.
    let tables = (try? engine.warehouse.tables(currentDatabase)) ?? []
    return viewNames + globalViewNames.map { "global_temp.\($0)" } + tables.map(\.name)
  }

  /// The table of the warehouse that a name may mean; `nil` if it cannot be one.
  func tableName(_ parts: [String]) -> TableName? {
    switch parts.count {
    case 1: return TableName(currentDatabase, parts[0])
    case 2 where parts[0].lowercased() != "global_temp": return TableName(parts[0], parts[1])
    case 3 where parts[0].lowercased() == Warehouse.catalog: return TableName(parts[1], parts[2])
    default: return nil
    }
  }

  func relation(_ table: LocalTable) throws -> Relation {
    guard table.database === engine.database else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "INVALID_PARAMETER_VALUE", "A DataFrame belongs to another context. Create it with a session of this one.")
      ])
    }
    var keys = ColumnKeys()
    let columns = table.schema.fields.map {
      Attribute($0.name, $0.type, nullable: $0.nullable, key: keys.key(for: $0.name))
    }
    let list = columns.enumerated().map { "\"c\($0)\" AS \(quoted($1.key))" }.joined(separator: ", ")
    return Relation(
      sql: "SELECT \(list.isEmpty ? "1" : list) FROM \(table.sql)", columns: columns, locals: [table])
  }

  func stores(_ frame: FrameID) -> Bool { storedFrames.contains(frame) }

  func storedRelation(_ frame: FrameID) -> Relation? { storedFrames.relation(frame, in: engine) }

  func store(_ frame: FrameID, _ relation: Relation) throws -> Relation? {
    try storedFrames.store(frame, relation, in: engine)
  }

  func relation(native sql: String) throws -> Relation {
    let columns = try engine.withConnection { try $0.describe(sql) }
    var keys = ColumnKeys()
    var list: [String] = []
    let names = columns.indices.map { "c\($0)" }
    let attributes = columns.enumerated().map { index, column in
      let attribute = Attribute(column.name, DataType(column.type), key: keys.key(for: column.name))
      list.append("CAST(\(names[index]) AS \(attribute.type.engineName)) AS \(quoted(attribute.key))")
      return attribute
    }
    return Relation(
      sql: "SELECT \(list.joined(separator: ", ")) FROM (\(sql)) n(\(names.joined(separator: ", ")))",
      columns: attributes)
  }

  func distinctValues(_ relation: Relation, _ sql: String, limit: Int) throws -> [Literal] {
    let query = "SELECT DISTINCT \(sql) AS v FROM (\(relation.sql.text)) t ORDER BY v NULLS FIRST LIMIT \(limit)"
    return try engine.withConnection { connection in
      try connection.query(query).rows().map { row in
        let value = Value(row[0], DataType(row[0]))
        guard case .literal(let literal) = value.expression else { return .null() }
        return literal
      }
    }
  }

  func function(_ name: String) -> FunctionRule? { functions.withLock { $0[name] } }

  func parseExpression(_ text: String) throws -> Expression { try SQLParser.parseExpression(text) }

  var timeZone: String { setting("spark.sql.session.timeZone") ?? "UTC" }
}

extension DataType {
  /// The type that holds the values of a type of the engine.
  init(_ type: DuckType) {
    switch type {
    case .null: self = .null
    case .bool: self = .boolean
    case .int8: self = .byte
    case .int16, .uint8: self = .short
    case .int32, .uint16: self = .integer
    case .int64, .uint32: self = .long
    case .uint64: self = .decimal(precision: 20, scale: 0)
    case .int128, .uint128: self = .decimal(precision: 38, scale: 0)
    case .float: self = .float
    case .double: self = .double
    case .decimal(let width, let scale): self = .decimal(precision: Int(width), scale: Int(scale))
    case .blob: self = .binary
    case .date: self = .date
    case .timestamp: self = .timestampNTZ
    case .timestampTZ, .timestampTZNanoseconds: self = .timestamp
    case .interval: self = .interval
    case .list(let element), .array(let element, _): self = .array(DataType(element))
    case .map(let key, let value): self = .map(key: DataType(key), value: DataType(value))
    case .structure(let fields): self = .struct(StructType(fields.map { StructField($0.name, DataType($0.type)) }))
    default: self = .string
    }
  }

  /// The type of a value of the engine.
  init(_ value: DuckValue) {
    switch value {
    case .bool: self = .boolean
    case .int8: self = .byte
    case .int16: self = .short
    case .int32: self = .integer
    case .float: self = .float
    case .double: self = .double
    case .date: self = .date
    case .timestamp: self = .timestamp
    case .string: self = .string
    default: self = .long
    }
  }
}
