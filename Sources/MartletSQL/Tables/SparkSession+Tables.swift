internal import MartletCore
internal import MartletDuckDB

// The operations on tables of the warehouse, to which SQL, `DataFrame.write` and streams lead.

extension SparkSession {
  /// Runs an operation on tables; its errors name the line of the program.
  func placed<Result>(_ site: OperatorSite, _ body: () throws -> Result) throws -> Result {
    if sparkContext.isStopped {
      throw MartletError(.invalidState, "\(site): the MartletContext of the session is stopped. Create another one.")
    }
    do { return try body() } catch let error as AnalysisError {
      throw MartletError(.analysis, site.adding(to: error.faults), underlying: error)
    } catch { throw site.query(error) }
  }

  /// The table that a name means.
  /// - Throws: `AnalysisError` if the name cannot be one of the warehouse.
  func tableName(_ parts: [String]) throws -> TableName {
    guard let name = state.tableName(parts) else {
      throw AnalysisError(
        "REQUIRES_SINGLE_PART_NAMESPACE",
        "'\(parts.joined(separator: "."))' names no table of the warehouse. A name is that of a table, or of a database and "
          + "a table: sales.orders.")
    }
    guard name.database != Warehouse.internalDatabase else {
      throw AnalysisError("SCHEMA_NOT_FOUND", "The database '\(name.database)' is Martlet's own.")
    }
    return name
  }

  /// The definition of a table.
  /// - Throws: `AnalysisError` if there is none.
  func existingTable(_ parts: [String]) throws -> WarehouseTable {
    if state.view(parts) != nil {
      throw AnalysisError(
        "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", "'\(parts.joined(separator: "."))' is a view, and no table.")
    }
    let name = try tableName(parts)
    if let table = try state.engine.warehouse.table(name) { return table }
    let near = nearest(to: name.name, in: try state.engine.warehouse.tables(name.database).map(\.name), count: 2)
    throw AnalysisError(
      "TABLE_OR_VIEW_NOT_FOUND",
      "There is no table '\(parts.joined(separator: "."))'."
        + (near.isEmpty ? "" : " Did you mean \(near.joined(separator: " or "))?"))
  }

  /// The value of a text in SQL, which refers to no columns.
  func constant(_ text: String) throws -> TypedConstant { try constant(SQLParser.parseExpression(text)) }

  func constant(_ expression: Expression) throws -> TypedConstant {
    let relation = try Analyzer.relation(.project([expression], .oneRow), state)
    guard let column = relation.columns.first else { return TypedConstant(sql: "NULL", type: .null) }
    return TypedConstant(sql: "(SELECT \(quoted(column.key)) FROM (\(relation.sql.text)) d)", type: column.type)
  }

  // MARK: Definitions

  /// Creates a table, with the rows of a query if there is one.
  /// - Parameter mode: the treatment of a table that exists: `overwrite` replaces it, `append` is an error.
  func createTable(
    _ name: TableName, _ columns: [WarehouseTable.Column], comment: String? = nil, rows: Relation? = nil, mode: SaveMode
  ) throws {
    let table = WarehouseTable(name: name, columns: columns, comment: comment)
    try table.check()
    for column in columns {
      guard let text = column.defaultText else { continue }
      let value = try constant(text)
      guard StoreAssignment.isAllowed(value.type, in: column.field.type) else {
        throw AnalysisError(
          "INVALID_DEFAULT_VALUE.DATA_TYPE",
          "The column '\(column.field.name)' has the type \(column.field.type), but its default value \(text) has the "
            + "type \(value.type).")
      }
    }
    let warehouse = state.engine.warehouse
    try warehouse.write([name], defines: true) { connection in
      try requireDatabase(name.database, connection)
      if try WarehouseTable(name, connection) != nil {
        switch mode {
        case .ignore: return
        case .overwrite: break
        default:
          throw AnalysisError(
            "TABLE_OR_VIEW_ALREADY_EXISTS",
            "There is a table \(name) already. Drop it, or write to it with the mode append or overwrite.")
        }
      }
      try table.create(rows, connection)
    }
  }

  func requireDatabase(_ database: String, _ connection: DuckConnection) throws {
    let found = try connection.query(
      "SELECT count(*) FROM duckdb_schemas() WHERE database_name = ? AND lower(schema_name) = ?",
      [.string(Warehouse.catalog), .string(database)]
    ).scalar()?.number
    guard found != 0, database != Warehouse.internalDatabase else {
      throw AnalysisError("SCHEMA_NOT_FOUND", "There is no database '\(database)'. Create it with CREATE DATABASE.")
    }
  }

  /// Removes a table; returns `false` if there is none.
  func dropTable(_ name: TableName) throws -> Bool {
    let warehouse = state.engine.warehouse
    guard try warehouse.table(name) != nil else { return false }
    return try warehouse.write([name], defines: true) { connection in
      guard try WarehouseTable(name, connection) != nil else { return false }
      try connection.execute("DROP TABLE \(name.sql)")
      try name.forget(connection)
      return true
    }
  }

  /// Gives a table another name.
  func renameTable(_ old: TableName, to new: TableName) throws {
    guard old.database == new.database else {
      throw AnalysisError(
        "UNSUPPORTED_FEATURE", "A table cannot move from the database \(old.database) to \(new.database).")
    }
    try state.engine.warehouse.write([old, new], defines: true) { connection in
      guard try WarehouseTable(new, connection) == nil else {
        throw AnalysisError("TABLE_OR_VIEW_ALREADY_EXISTS", "There is a table \(new) already.")
      }
      try connection.execute("ALTER TABLE \(old.sql) RENAME TO \(quoted(new.name))")
      for table in [Warehouse.columnsTable, Warehouse.batchesTable] {
        try connection.query(
          "UPDATE \(table) SET table_name = ? WHERE database_name = ? AND table_name = ?",
          [.string(new.name), .string(old.database), .string(old.name)]
        ).close()
      }
    }
  }

  // MARK: Rows

  /// Inserts rows into a table that exists, or replaces all of its rows.
  /// - Parameter constants: the values of columns that the query does not have.
  func insert(
    _ relation: Relation, into name: TableName, _ correspondence: ColumnCorrespondence, overwrites: Bool,
    constants: [String: TypedConstant] = [:], replaced: String? = nil
  ) throws {
    let warehouse = state.engine.warehouse
    try warehouse.write([name], defines: false) { connection in
      guard let table = try WarehouseTable(name, connection) else {
        throw AnalysisError("TABLE_OR_VIEW_NOT_FOUND", "There is no table '\(name)' any longer.")
      }
      var insertion = try TableInsertion(relation, into: table, correspondence, constants: constants) { text in
        try constant(text)
      }
      insertion.replaced = replaced
      if overwrites { try insertion.overwrite(connection) } else { try insertion.append(connection) }
    }
  }

  /// The rows of a table that fulfil a condition, by their numbers, and the values of expressions for each.
  func selectedRows(
    _ table: WarehouseTable, alias: String?, _ condition: Expression?, values: [Expression] = []
  ) throws -> Relation {
    var analyzer = Analyzer(state)
    analyzer.computes = true
    let target = "martlet target"
    analyzer.tables[target] = state.engine.warehouse.relation(table, withRowID: true)
    var plan = Plan.table([target])
    if let alias { plan = .alias(alias, plan) }
    if let condition { plan = .filter(condition, plan) }
    let list = values.enumerated().map { Expression.alias($1, ["value\($0)"]) }
    return try analyzer.resolved(.project([.attribute([WarehouseTable.rowID])] + list, plan))
  }

  func delete(_ deletion: Deletion) throws {
    let table = try existingTable(deletion.table)
    let rows = try selectedRows(table, alias: deletion.alias, deletion.condition)
    try state.engine.warehouse.write([table.name], defines: false) { connection in
      try connection.execute("DELETE FROM \(table.name.sql) WHERE rowid IN (\(rows.sql.text))")
    }
  }

  func update(_ update: Update) throws {
    let table = try existingTable(update.table)
    var faults: [AnalysisFault] = []
    let columns = update.assignments.compactMap { assignment -> WarehouseTable.Column? in
      let name = assignment.column[assignment.column.count - 1]
      guard let index = table.index(of: name) else {
        faults.append(.unknownColumn(name, table.schema.names))
        return nil
      }
      return table.columns[index]
    }
    if Set(columns.map { $0.field.name }).count < columns.count {
      faults.append(AnalysisFault("COLUMN_ALREADY_EXISTS", "A column is assigned twice."))
    }
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
    let rows = try selectedRows(
      table, alias: update.alias, update.condition, values: update.assignments.map(\.value))
    let settings = Swift.zip(columns, rows.columns.dropFirst()).map { column, value in
      if !StoreAssignment.isAllowed(value.type, in: column.field.type) {
        faults.append(StoreAssignment.fault(value.type, in: column.field, of: table.name))
      }
      return "\(quoted(column.field.name)) = "
        + Cast.sql("s.\(quoted(value.key))", from: value.type, to: column.field.type)
    }
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
    try state.engine.warehouse.write([table.name], defines: false) { connection in
      do {
        try connection.execute(
          """
          UPDATE \(table.name.sql) AS t SET \(settings.joined(separator: ", ")) FROM (\(rows.sql.text)) s
          WHERE t.rowid = s.\(quoted(rows.columns[0].key))
          """)
      } catch { throw TableInsertion.worded(error) }
    }
  }
}

extension TableName {
  /// Removes what the warehouse has noted of a table.
  func forget(_ connection: DuckConnection) throws {
    for table in [Warehouse.columnsTable, Warehouse.batchesTable] {
      try connection.query(
        "DELETE FROM \(table) WHERE database_name = ? AND table_name = ?", [.string(database), .string(name)]
      ).close()
    }
  }
}

extension WarehouseTable {
  /// Throws all mistakes of a definition.
  func check() throws {
    var faults: [AnalysisFault] = []
    var names: Set<String> = []
    for column in columns {
      let name = column.field.name
      if !names.insert(name.lowercased()).inserted {
        faults.append(
          AnalysisFault("COLUMN_ALREADY_EXISTS", "Two columns of the table \(self.name) have the name '\(name)'."))
      }
      if name.isEmpty || name.utf8.contains(0) {
        faults.append(AnalysisFault("INVALID_COLUMN_NAME", "A column of the table \(self.name) has no valid name."))
      }
      if name.lowercased() == "rowid" || name.lowercased() == Self.rowID {
        faults.append(
          AnalysisFault(
            "INVALID_COLUMN_NAME", "A column of a table cannot have the name '\(name)'. Choose another one."))
      }
      if column.field.type.containsNull {
        faults.append(
          AnalysisFault(
            "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
            "The column '\(name)' has no type, because all of its values are NULL. Cast it: CAST(NULL AS STRING)."))
      }
      if column.field.type.hasEmptyStruct {
        faults.append(
          AnalysisFault("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "The column '\(name)' has a struct without fields."))
      }
    }
    if columns.isEmpty {
      faults.append(AnalysisFault("UNSUPPORTED_FEATURE", "The table \(name) needs at least one column."))
    }
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
  }

  /// Creates the table in place of one with its name.
  func create(_ rows: Relation?, _ connection: DuckConnection) throws {
    if let rows {
      let list = Swift.zip(rows.columns, columns).map { attribute, column in
        "\(Cast.sql("q.\(quoted(attribute.key))", from: attribute.type, to: column.field.type)) AS \(quoted(column.field.name))"
      }
      try connection.execute(
        "CREATE OR REPLACE TABLE \(name.sql) AS SELECT \(list.joined(separator: ", ")) FROM (\(rows.sql.text)) q")
    } else {
      let list = columns.map { column in
        "\(quoted(column.field.name)) \(column.field.type.engineName)\(column.field.nullable ? "" : " NOT NULL")"
      }
      try connection.execute("CREATE OR REPLACE TABLE \(name.sql) (\(list.joined(separator: ", ")))")
    }
    try name.forget(connection)
    if let comment { try connection.execute("COMMENT ON TABLE \(name.sql) IS \(Self.commentText(comment))") }
    for column in columns {
      try connection.query(
        "INSERT INTO \(Warehouse.columnsTable) VALUES (?, ?, ?, ?, ?, ?)",
        [
          .string(name.database), .string(name.name), .string(column.field.name), .string(column.field.type.ddl),
          column.defaultText.map { .string($0) } ?? .null, .bool(column.isPartition),
        ]
      ).close()
      if let comment = column.comment {
        try connection.execute(
          "COMMENT ON COLUMN \(name.sql).\(quoted(column.field.name)) IS \(Self.commentText(comment))")
      }
    }
  }

  /// A comment takes a literal, and no expression.
  private static func commentText(_ text: String) -> String { quotedText(text.replacing("\0", with: "")) }
}

extension DataType {
  /// A Boolean value that indicates whether the type, or a part of it, is that of `NULL`.
  fileprivate var containsNull: Bool {
    switch self {
    case .null: true
    case .array(let element): element.containsNull
    case .map(let key, let value): key.containsNull || value.containsNull
    case .struct(let type): type.fields.contains { $0.type.containsNull }
    default: false
    }
  }

  fileprivate var hasEmptyStruct: Bool {
    switch self {
    case .array(let element): element.hasEmptyStruct
    case .map(let key, let value): key.hasEmptyStruct || value.hasEmptyStruct
    case .struct(let type): type.fields.isEmpty || type.fields.contains { $0.type.hasEmptyStruct }
    default: false
    }
  }
}

extension AnalysisError {
  /// One mistake.
  init(_ kind: String, _ message: String) { self.init(faults: [AnalysisFault(kind, message)]) }
}
