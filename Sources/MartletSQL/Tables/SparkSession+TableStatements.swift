internal import MartletCore
internal import MartletDuckDB

// Statements about tables of the warehouse, databases and caches.

extension SparkSession {
  /// Runs a statement about tables; returns `nil` if it is another one.
  func runTableStatement(_ statement: Statement, _ site: OperatorSite) throws -> Plan? {
    try placed(site) { try changeTables(statement, site) ?? changeCaches(statement, site) ?? listTables(statement) }
  }

  private func changeTables(_ statement: Statement, _ site: OperatorSite) throws -> Plan? {
    switch statement {
    case .createTable(let table): try create(table, site)
    case .dropTable(let name, let ifExists):
      // As in Spark, a name means the temporary view that queries find by it, and not the table that it hides.
      if state.view(name) != nil, state.drop(name[name.count - 1], isGlobal: name.count == 2) { return done }
      guard try !dropTable(tableName(name)), !ifExists else { return done }
      _ = try existingTable(name)
    case .insert(let insert): try self.insert(insert, site)
    case .truncateTable(let name):
      let table = try existingTable(name)
      try state.engine.warehouse.write([table.name], defines: false) { connection in
        try connection.execute("DELETE FROM \(table.name.sql)")
      }
    case .delete(let deletion): try delete(deletion)
    case .update(let update): try self.update(update)
    case .renameTable(let old, let new):
      let target = new.count == 1 ? TableName(try existingTable(old).name.database, new[0]) : try tableName(new)
      try renameTable(existingTable(old).name, to: target)
    case .createDatabase(let name, let ifNotExists): try createDatabase(name, ifNotExists: ifNotExists)
    case .dropDatabase(let name, let ifExists, let cascades):
      try dropDatabase(name, ifExists: ifExists, cascades: cascades)
    case .use(let name): try use(name)
    default: return nil
    }
    return done
  }

  // MARK: Tables

  private func create(_ definition: CreateTable, _ site: OperatorSite) throws {
    let name = try tableName(definition.name)
    if definition.location != nil || definition.options["path"] != nil {
      throw AnalysisError(
        "UNSUPPORTED_FEATURE",
        "The table \(name) cannot lie at a path: tables are in the warehouse. Read files with CREATE TEMPORARY VIEW … USING "
          + "…, or spark.read.")
    }
    var columns = definition.columns.map {
      WarehouseTable.Column($0.field, comment: $0.comment, defaultText: $0.defaultText)
    }
    var rows: Relation?
    if let plan = definition.plan {
      let relation = try relation(plan, site, computes: true)
      rows = relation
      // As in Spark, a query says nothing about NULL in the table.
      columns = relation.columns.map { WarehouseTable.Column(StructField($0.name, $0.type)) }
    }
    let mode: SaveMode = definition.replaces ? .overwrite : definition.ifNotExists ? .ignore : .errorIfExists
    let (ordered, order) = try partitioned(columns, by: definition.partitionColumns, name)
    if let relation = rows { rows?.columns = order.map { relation.columns[$0] } }
    try createTable(name, ordered, comment: definition.comment, rows: rows, mode: mode)
  }

  /// The columns with those of `PARTITIONED BY` at the end, as in Spark, and the old positions.
  func partitioned(
    _ columns: [WarehouseTable.Column], by names: [String], _ table: TableName
  ) throws -> ([WarehouseTable.Column], [Int]) {
    var columns = columns
    var last: [Int] = []
    for name in names {
      guard let index = columns.firstIndex(where: { $0.field.name.isSameName(as: name) }) else {
        throw AnalysisError(faults: [.unknownColumn(name, columns.map(\.field.name))])
      }
      columns[index].isPartition = true
      last.append(index)
    }
    guard Set(last).count == last.count, last.isEmpty || last.count < columns.count else {
      throw AnalysisError(
        last.count == columns.count ? "ALL_PARTITION_COLUMNS_NOT_ALLOWED" : "COLUMN_ALREADY_EXISTS",
        "The partition columns of the table \(table) must be some of its columns, each named once.")
    }
    let order = columns.indices.filter { !last.contains($0) } + last
    return (order.map { columns[$0] }, order)
  }

  private func insert(_ insert: Insert, _ site: OperatorSite) throws {
    let table = try existingTable(insert.table)
    var constants: [String: TypedConstant] = [:]
    var conditions: [String] = []
    for part in insert.partition {
      guard let index = table.index(of: part.column), table.columns[index].isPartition else {
        throw AnalysisError(
          "NON_PARTITION_COLUMN",
          "PARTITION names '\(part.column)', which is no partition column of the table \(table.name).")
      }
      guard let value = part.value else { continue }
      let (column, constant) = (table.columns[index].field, try constant(value))
      guard StoreAssignment.isAllowed(constant.type, in: column.type) || constant.type == .string else {
        throw AnalysisError(faults: [StoreAssignment.fault(constant.type, in: column, of: table.name)])
      }
      let sql = Cast.sql(constant.sql, from: constant.type, to: column.type)
      constants[column.name.lowercased()] = TypedConstant(sql: sql, type: column.type)
      conditions.append("\(quoted(column.name)) IS NOT DISTINCT FROM \(sql)")
    }
    let relation = try relation(insert.plan, site, computes: true)
    let correspondence: ColumnCorrespondence =
      insert.byName
      ? .name(isComplete: false) : insert.columns.isEmpty ? .position : .listed(insert.columns)
    try self.insert(
      relation, into: table.name, correspondence, overwrites: insert.overwrites, constants: constants,
      replaced: conditions.isEmpty ? nil : conditions.joined(separator: " AND "))
  }

  // MARK: Databases

  private func databaseName(_ name: [String]) throws -> String {
    let parts = name.count == 2 && name[0].lowercased() == Warehouse.catalog ? Array(name.dropFirst()) : name
    guard parts.count == 1, parts[0].lowercased() != Warehouse.internalDatabase else {
      throw AnalysisError("SCHEMA_NOT_FOUND", "'\(name.joined(separator: "."))' is no database of the warehouse.")
    }
    return parts[0].lowercased()
  }

  private func createDatabase(_ parts: [String], ifNotExists: Bool) throws {
    let name = try databaseName(parts)
    let warehouse = state.engine.warehouse
    guard name != "global_temp", name != "main" else {
      throw AnalysisError("SCHEMA_ALREADY_EXISTS", "A database cannot have the name '\(name)'. Choose another one.")
    }
    try warehouse.open()
    if try warehouse.databases().contains(name) {
      if ifNotExists { return }
      throw AnalysisError("SCHEMA_ALREADY_EXISTS", "There is a database '\(name)' already.")
    }
    try warehouse.write([], defines: true) { connection in
      try connection.execute("CREATE SCHEMA IF NOT EXISTS \(quoted(Warehouse.catalog)).\(quoted(name))")
    }
  }

  private func dropDatabase(_ parts: [String], ifExists: Bool, cascades: Bool) throws {
    let name = try databaseName(parts)
    let warehouse = state.engine.warehouse
    guard name != Warehouse.defaultDatabase else {
      throw AnalysisError("UNSUPPORTED_FEATURE.DROP_DATABASE", "The database 'default' cannot be dropped.")
    }
    guard try warehouse.databases().contains(name) else {
      if ifExists { return }
      throw AnalysisError("SCHEMA_NOT_FOUND", "There is no database '\(name)'.")
    }
    let tables = try warehouse.tables(name)
    guard cascades || tables.isEmpty else {
      throw AnalysisError(
        "SCHEMA_NOT_EMPTY",
        "The database '\(name)' has the tables \(listed(tables.map(\.name))). Drop them first, or use CASCADE.")
    }
    try warehouse.write(tables, defines: true) { connection in
      try connection.execute(
        "DROP SCHEMA \(quoted(Warehouse.catalog)).\(quoted(name))\(cascades ? " CASCADE" : "")")
      for table in tables { try table.forget(connection) }
    }
    if state.currentDatabase == name { state.currentDatabase = Warehouse.defaultDatabase }
  }

  private func use(_ parts: [String]) throws {
    if parts.count == 1, parts[0].lowercased() == Warehouse.catalog {
      state.currentDatabase = Warehouse.defaultDatabase
      return
    }
    let name = try databaseName(parts)
    guard try state.engine.warehouse.databases().contains(name) else {
      throw AnalysisError("SCHEMA_NOT_FOUND", "There is no database '\(name)'. Create it with CREATE DATABASE.")
    }
    state.currentDatabase = name
  }

  // MARK: Caches

  private func changeCaches(_ statement: Statement, _ site: OperatorSite) throws -> Plan? {
    switch statement {
    case .cacheTable(let name, let plan, let isLazy):
      if let plan {
        try register(TemporaryView(name: name[name.count - 1], plan: plan, isGlobal: false, replaces: false), site)
      }
      try cache(name, isLazy: isLazy, site)
    case .uncacheTable(let name, let ifExists):
      guard let table = try state.cachedTable(name) else {
        if ifExists { return done }
        _ = try existingTable(name)
        return done
      }
      state.uncache(table)
    case .clearCache: state.uncacheAll()
    case .refreshTable(let name): try refresh(name)
    default: return nil
    }
    return done
  }

  func cache(_ name: [String], isLazy: Bool, _ site: OperatorSite) throws {
    guard let table = try state.cachedTable(name) else {
      _ = try existingTable(name)
      return
    }
    state.storedFrames.add(state.cachedTables.add(table, site))
    // The rows are stored when a plan that reads the table is resolved for an action.
    if !isLazy { _ = try relation(.table(name), site, computes: true) }
  }

  func refresh(_ name: [String]) throws {
    guard let table = try state.cachedTable(name) else {
      _ = try existingTable(name)
      return
    }
    if let frame = state.cachedTables[table] { state.storedFrames.refresh(frame) }
  }

  // MARK: Lists

  private func listTables(_ statement: Statement) throws -> Plan? {
    switch statement {
    case .showTables(let database, let pattern):
      let found = try tables(in: database?.last).filter { $0.name.matches(pattern: pattern) }
      return values(
        found.map { [.string($0.database), .string($0.name), .boolean($0.isTemporary)] },
        ["namespace", "tableName", "isTemporary"], [.string, .string, .boolean])
    case .showViews(let database, let pattern):
      let found = try tables(in: database?.last).filter { $0.isTemporary && $0.name.matches(pattern: pattern) }
      return values(
        found.map { [.string($0.database), .string($0.name), .boolean(true)] },
        ["namespace", "viewName", "isTemporary"],
        [.string, .string, .boolean])
    case .showDatabases(let pattern):
      let names = try state.engine.warehouse.databases().filter { $0.matches(pattern: pattern) }
      return values(names.map { [.string($0)] }, ["namespace"], [.string])
    default: return nil
    }
  }

  /// The tables of a database, and then the temporary views.
  func tables(in name: String?) throws -> [(database: String, name: String, isTemporary: Bool)] {
    let database = name?.lowercased() ?? state.currentDatabase
    let views = state.viewNames.map { (database: "", name: $0, isTemporary: true) }
    if database == "global_temp" {
      return state.globalViewNames.map { (database: "global_temp", name: $0, isTemporary: true) } + views
    }
    guard try state.engine.warehouse.databases().contains(database) else {
      throw AnalysisError("SCHEMA_NOT_FOUND", "There is no database '\(database)'.")
    }
    return try state.engine.warehouse.tables(database).map {
      (database: $0.database, name: $0.name, isTemporary: false)
    } + views
  }
}

extension String {
  /// A Boolean value that indicates whether a name fits a pattern of `SHOW`: alternatives separated by `|`, in which `*`
  /// stands for any characters, in upper or lower case.
  func matches(pattern: String?) -> Bool {
    guard let pattern else { return true }
    let name = Array(lowercased())
    return pattern.split(separator: "|", omittingEmptySubsequences: false).contains { alternative in
      var text = alternative.lowercased()[...]
      while text.first?.isWhitespace == true { text.removeFirst() }
      while text.last?.isWhitespace == true { text.removeLast() }
      return Self.fits(name[...], Array(text)[...])
    }
  }

  private static func fits(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
    // The place after the last star, and the part of the name that the star stands for so far.
    var (name, pattern) = (name, pattern)
    var star: (pattern: ArraySlice<Character>, name: ArraySlice<Character>)?
    while let first = name.first {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        star = (pattern, name)
      } else if pattern.first == first {
        name = name.dropFirst()
        pattern = pattern.dropFirst()
      } else if let last = star {
        star = (last.pattern, last.name.dropFirst())
        name = last.name.dropFirst()
        pattern = last.pattern
      } else {
        return false
      }
    }
    return pattern.allSatisfy { $0 == "*" }
  }
}
