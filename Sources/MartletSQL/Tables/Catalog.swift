internal import MartletCore

extension SparkSession {
  /// The databases, tables, views and functions that the session can use.
  public var catalog: Catalog { Catalog(session: self) }
}

/// The databases, tables, views and functions that a session can use: Spark's `spark.catalog`.
///
/// ```swift
/// for table in try spark.catalog.listTables() { print(table.name, table.isTemporary) }
/// ```
/// Names of tables may have a database before them, as in `sales.orders`. Errors are `MartletError`s, which name the line of
/// the call.
public struct Catalog: Sendable {
  let session: SparkSession

  /// A database: a group of tables in the warehouse.
  public struct Database: Hashable, Sendable {
    public var name: String
    /// The name of the catalog, `spark_catalog`.
    public var catalog: String
    public var description: String?
    /// The folder of the warehouse.
    public var locationUri: String
  }

  /// A table of the warehouse, or a temporary view.
  public struct Table: Hashable, Sendable {
    public var name: String
    /// The name of the catalog, `spark_catalog`; `nil` for a view.
    public var catalog: String?
    /// The database; empty for a view of the session.
    public var namespace: [String]
    public var description: String?
    /// `MANAGED`, or `TEMPORARY` for a view.
    public var tableType: String
    public var isTemporary: Bool

    /// The database; `nil` for a view of the session.
    public var database: String? { namespace.first }
  }

  /// A column of a table or view.
  public struct Column: Hashable, Sendable {
    public var name: String
    public var description: String?
    /// The type in the notation of DDL, such as `array<int>`.
    public var dataType: String
    public var nullable: Bool
    public var isPartition: Bool
    public var isBucket: Bool
  }

  /// A function of SQL.
  public struct Function: Hashable, Sendable {
    public var name: String
    public var description: String?
    /// True for a function that the program has registered.
    public var isTemporary: Bool
  }

  private func named(_ name: String, _ site: OperatorSite) throws -> [String] {
    do { return try SQLParser.parseName(name) } catch {
      throw MartletError(.analysis, "\(site): [PARSE_SYNTAX_ERROR] \(error)", underlying: error)
    }
  }

  // MARK: Databases

  /// The database in which names of tables without one are looked up.
  public var currentDatabase: String { session.state.currentDatabase }

  /// Changes the database in which names of tables without one are looked up.
  /// - Throws: an error if there is no such database.
  public func setCurrentDatabase(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("setCurrentDatabase", file, line)
    _ = try session.runTableStatement(.use([name]), site)
  }

  /// The databases whose names match a pattern, sorted by name. `pattern` has alternatives separated by `|`, in which `*`
  /// stands for any characters.
  public func listDatabases(
    _ pattern: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Database] {
    try session.placed(OperatorSite("listDatabases", file, line)) {
      let folder = try session.state.engine.warehouse.folder()
      return try session.state.engine.warehouse.databases().filter { $0.matches(pattern: pattern) }.map {
        Database(name: $0, catalog: Warehouse.catalog, description: nil, locationUri: "file:\(folder)")
      }
    }
  }

  /// A Boolean value that indicates whether there is a database.
  public func databaseExists(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    try session.placed(OperatorSite("databaseExists", file, line)) {
      try session.state.engine.warehouse.databases().contains(name.lowercased())
    }
  }

  // MARK: Tables

  /// The tables of a database, the current one if `database` is `nil`, and then the temporary views. The views of all
  /// sessions are in `global_temp`. `pattern` has alternatives separated by `|`, in which `*` stands for any characters.
  /// - Throws: an error if there is no such database.
  public func listTables(
    _ database: String? = nil, pattern: String? = nil, file: StaticString = #fileID, line: UInt = #line
  ) throws -> [Table] {
    try session.placed(OperatorSite("listTables", file, line)) {
      try session.tables(in: database).filter { $0.name.matches(pattern: pattern) }.map { found in
        Table(
          name: found.name, catalog: found.isTemporary ? nil : Warehouse.catalog,
          namespace: found.database.isEmpty ? [] : [found.database],
          description: found.isTemporary
            ? nil : try session.state.engine.warehouse.table(TableName(found.database, found.name))?.comment,
          tableType: found.isTemporary ? "TEMPORARY" : "MANAGED", isTemporary: found.isTemporary)
      }
    }
  }

  /// The columns of a table or view.
  /// - Throws: an error if there is no such table.
  public func listColumns(_ table: String, file: StaticString = #fileID, line: UInt = #line) throws -> [Column] {
    let site = OperatorSite("listColumns", file, line)
    let name = try named(table, site)
    let fields = try session.schema(of: .table(name), site).fields
    let stored = session.state.view(name) == nil ? try session.placed(site) { try session.existingTable(name) } : nil
    return fields.map { field in
      let column = stored.flatMap { table in table.index(of: field.name).map { table.columns[$0] } }
      return Column(
        name: field.name, description: column?.comment, dataType: field.type.description, nullable: field.nullable,
        isPartition: column?.isPartition ?? false, isBucket: false)
    }
  }

  /// A Boolean value that indicates whether there is a table or temporary view.
  public func tableExists(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    let site = OperatorSite("tableExists", file, line)
    let parts = try named(name, site)
    return try session.placed(site) { try session.state.cachedTable(parts) != nil }
  }

  /// Removes a temporary view of the session; returns `false` if there is none.
  @discardableResult
  public func dropTempView(_ name: String) -> Bool { session.state.drop(name, isGlobal: false) }

  /// Removes a temporary view of all sessions; returns `false` if there is none.
  @discardableResult
  public func dropGlobalTempView(_ name: String) -> Bool { session.state.drop(name, isGlobal: true) }

  // MARK: Functions

  /// The functions of SQL, with those that the program has registered, sorted by name.
  public func listFunctions(_ pattern: String? = nil) -> [Function] {
    let own = session.state.functionNames
    let names = Set(FunctionRegistry.names).union(own)
    return names.filter { $0.matches(pattern: pattern) }.sorted().map { name in
      Function(name: name, description: nil, isTemporary: own.contains(name))
    }
  }

  /// A Boolean value that indicates whether there is a function.
  public func functionExists(_ name: String) -> Bool {
    session.state.function(name.lowercased()) != nil || FunctionRegistry.rule(name.lowercased()) != nil
  }

  // MARK: Retained rows

  /// Retains the rows of a table or view, once they are computed, for the queries of the session that follow.
  ///
  /// A table that is written to afterwards is read again by the next query.
  /// - Throws: an error if there is no such table.
  public func cacheTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("cacheTable", file, line)
    let parts = try named(name, site)
    try session.placed(site) { try session.cache(parts, isLazy: true, site) }
  }

  /// Lets go of the rows that `cacheTable` retained.
  /// - Throws: an error if there is no such table.
  public func uncacheTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("uncacheTable", file, line)
    _ = try session.runTableStatement(.uncacheTable(try named(name, site), ifExists: false), site)
  }

  /// A Boolean value that indicates whether the rows of a table or view are retained.
  /// - Throws: an error if there is no such table.
  public func isCached(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    let site = OperatorSite("isCached", file, line)
    let parts = try named(name, site)
    return try session.placed(site) {
      guard let table = try session.state.cachedTable(parts) else {
        _ = try session.existingTable(parts)
        return false
      }
      return session.state.cachedTables[table] != nil
    }
  }

  /// Lets go of all rows that the session retains.
  public func clearCache() { session.state.uncacheAll() }

  /// Has the retained rows of a table or view computed again by the next query that needs them.
  /// - Throws: an error if there is no such table.
  public func refreshTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("refreshTable", file, line)
    let parts = try named(name, site)
    try session.placed(site) { try session.refresh(parts) }
  }
}
