internal import MartletCore
internal import MartletDuckDB

/// The way in which the columns of a query become those of a table.
enum ColumnCorrespondence {
  /// By position.
  case position
  /// By name. Columns that the query lacks are mistakes if `isComplete`; otherwise they have their default values.
  case name(isComplete: Bool)
  /// By position, to the columns with these names; all others have their default values.
  case listed([String])
}

/// The insertion of the rows of a query into a table.
struct TableInsertion {
  let table: WarehouseTable
  /// For each column of the table, the SQL of its value, in terms of the query `q`.
  let values: [String]
  let relation: Relation
  /// The condition for the rows to be replaced, if it is not all of them; in the SQL of the engine.
  var replaced: String?

  /// Finds the values of all columns.
  /// - Parameter constants: the values of columns that the query does not have, as `PARTITION (day = 1)` gives them.
  /// - Throws: `AnalysisError` with all mistakes.
  init(
    _ relation: Relation, into table: WarehouseTable, _ correspondence: ColumnCorrespondence,
    constants: [String: TypedConstant] = [:], defaults: (String) throws -> TypedConstant
  ) throws {
    self.table = table
    self.relation = relation
    var faults: [AnalysisFault] = []
    let targets = table.columns.indices.filter { constants[table.columns[$0].field.name.lowercased()] == nil }
    let sources = Self.sources(relation, table, targets, correspondence, &faults)
    var values: [String] = []
    for (index, column) in table.columns.enumerated() {
      let value: TypedConstant
      if let constant = constants[column.field.name.lowercased()] {
        value = constant
      } else if let attribute = sources[index] {
        value = TypedConstant(sql: "q.\(quoted(attribute.key))", type: attribute.type)
      } else if let text = column.defaultText {
        value = try defaults(text)
      } else {
        if !column.field.nullable, faults.isEmpty {
          faults.append(
            AnalysisFault(
              "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA",
              "There is no value for the column '\(column.field.name)' of the table \(table.name), which is NOT NULL."))
        }
        value = TypedConstant(sql: "NULL", type: .null)
      }
      if !StoreAssignment.isAllowed(value.type, in: column.field.type) {
        faults.append(StoreAssignment.fault(value.type, in: column.field, of: table.name))
        continue
      }
      values.append(Cast.sql(value.sql, from: value.type, to: column.field.type))
    }
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
    self.values = values
  }

  /// The column of the query for each column of the table that has one, by its position.
  private static func sources(
    _ relation: Relation, _ table: WarehouseTable, _ targets: [Int], _ correspondence: ColumnCorrespondence,
    _ faults: inout [AnalysisFault]
  ) -> [Int: Attribute] {
    let names = targets.map { table.columns[$0].field.name }
    switch correspondence {
    case .position:
      guard relation.columns.count == targets.count else {
        faults.append(arity(relation, table, names))
        return [:]
      }
      return Dictionary(uniqueKeysWithValues: Swift.zip(targets, relation.columns))
    case .listed(let wanted):
      var found: [Int] = []
      for name in wanted {
        guard let index = table.index(of: name), targets.contains(index) else {
          faults.append(.unknownColumn(name, names))
          continue
        }
        if found.contains(index) {
          faults.append(AnalysisFault("COLUMN_ALREADY_EXISTS", "The column '\(name)' is listed twice."))
        }
        found.append(index)
      }
      guard faults.isEmpty else { return [:] }
      guard relation.columns.count == found.count else {
        faults.append(arity(relation, table, wanted))
        return [:]
      }
      return Dictionary(uniqueKeysWithValues: Swift.zip(found, relation.columns))
    case .name(let isComplete):
      var result: [Int: Attribute] = [:]
      for attribute in relation.columns {
        guard let index = targets.first(where: { table.columns[$0].field.name.isSameName(as: attribute.name) }) else {
          faults.append(
            AnalysisFault(
              "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS",
              "The table \(table.name) has no column '\(attribute.name)'. Its columns are \(listed(names))."))
          continue
        }
        if result.updateValue(attribute, forKey: index) != nil {
          faults.append(
            AnalysisFault("COLUMN_ALREADY_EXISTS", "There are two columns '\(attribute.name)'. Rename one of them."))
        }
      }
      for index in targets where isComplete && result[index] == nil && table.columns[index].defaultText == nil {
        faults.append(
          AnalysisFault(
            "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA",
            "There is no data for the column '\(table.columns[index].field.name)' of the table \(table.name)."))
      }
      return result
    }
  }

  private static func arity(_ relation: Relation, _ table: WarehouseTable, _ names: [String]) -> AnalysisFault {
    let kind = relation.columns.count < names.count ? "NOT_ENOUGH" : "TOO_MANY"
    return AnalysisFault(
      "INSERT_COLUMN_ARITY_MISMATCH.\(kind)_DATA_COLUMNS",
      "The data has \(relation.columns.count) columns, but \(names.count) columns of the table \(table.name) are to be "
        + "written: \(listed(names)).")
  }

  /// The query of the rows, with the columns of the table.
  private var query: String {
    let list = Swift.zip(values, table.columns).map { "\($0) AS \(quoted($1.field.name))" }.joined(separator: ", ")
    return "SELECT \(list) FROM (\(relation.sql.text)) q"
  }

  private var columnList: String { table.columns.map { quoted($0.field.name) }.joined(separator: ", ") }

  /// Inserts the rows; returns their number.
  @discardableResult
  func append(_ connection: DuckConnection) throws -> Int {
    try changed(connection, "INSERT INTO \(table.name.sql) (\(columnList)) \(query)")
  }

  /// Inserts the rows in place of others; returns the number of those that are new or gone.
  @discardableResult
  func overwrite(_ connection: DuckConnection) throws -> Int {
    let condition = replaced.map { " WHERE \($0)" } ?? ""
    let deletion = "DELETE FROM \(table.name.sql)\(condition)"
    guard relation.reads(table.name) else {
      return try changed(connection, deletion) + append(connection)
    }
    // The query reads rows that are deleted.
    let stage = "\"temp\".martlet_overwritten"
    try changed(connection, "CREATE TEMP TABLE martlet_overwritten AS \(query)")
    let count =
      try changed(connection, deletion)
      + changed(connection, "INSERT INTO \(table.name.sql) (\(columnList)) SELECT * FROM \(stage)")
    try connection.execute("DROP TABLE \(stage)")
    return count
  }

  /// Replaces the rows that have the same values in the key columns, and inserts the others; returns their number.
  ///
  /// - Throws: `AnalysisError` if two rows of the query have the same key.
  @discardableResult
  func update(keys: [String], _ connection: DuckConnection) throws -> Int {
    var faults: [AnalysisFault] = []
    let indices = keys.compactMap { key -> Int? in
      let index = table.index(of: key)
      if index == nil { faults.append(.unknownColumn(key, table.schema.names)) }
      return index
    }
    if keys.isEmpty {
      faults.append(AnalysisFault("INVALID_PARAMETER_VALUE", "An update needs at least one column as the key."))
    }
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
    let stage = "\"temp\".martlet_updated"
    let count = try changed(connection, "CREATE TEMP TABLE martlet_updated AS \(query)")
    if count > 0 {
      let keyList = indices.map { quoted(table.columns[$0].field.name) }.joined(separator: ", ")
      let isTwice = try connection.query(
        "SELECT count(*) FROM (SELECT 1 FROM \(stage) GROUP BY \(keyList) HAVING count(*) > 1)"
      ).scalar()?.number
      guard isTwice == 0 else {
        throw AnalysisError(faults: [
          AnalysisFault(
            "MERGE_CARDINALITY_VIOLATION",
            "The data has several rows with the same \(listed(keys)). Combine them first, for example with reduceByKey."
          )
        ])
      }
      let others = table.columns.indices.filter { !indices.contains($0) }.map { quoted(table.columns[$0].field.name) }
      let match = indices.map { index in
        let name = quoted(table.columns[index].field.name)
        return "t.\(name) IS NOT DISTINCT FROM s.\(name)"
      }.joined(separator: " AND ")
      let setting = others.map { "\($0) = s.\($0)" }.joined(separator: ", ")
      let inserted = table.columns.map { "s.\(quoted($0.field.name))" }.joined(separator: ", ")
      try changed(
        connection,
        """
        MERGE INTO \(table.name.sql) AS t USING \(stage) s ON \(match)\
        \(others.isEmpty ? "" : " WHEN MATCHED THEN UPDATE SET \(setting)") \
        WHEN NOT MATCHED THEN INSERT (\(columnList)) VALUES (\(inserted))
        """)
    }
    try connection.execute("DROP TABLE \(stage)")
    return count
  }

  @discardableResult
  private func changed(_ connection: DuckConnection, _ sql: String) throws -> Int {
    do {
      let result = try connection.query(sql)
      defer { result.close() }
      // Statements that change rows return one row with their number.
      let rows = try result.rows()
      return max(result.rowsChanged, Int(rows.first?.first?.number ?? 0))
    } catch { throw Self.worded(error) }
  }

  /// The error of a value that a column cannot have, with Spark's name.
  static func worded(_ error: any Error) -> any Error {
    guard let own = error as? MartletError else { return error }
    let message = EngineMessage.worded(own.message)
    if own.duck?.kind == .constraint, message.contains("NOT NULL") {
      return own.worded("[NOT_NULL_ASSERT_VIOLATION] A column that is NOT NULL would be NULL. \(own.message)")
    }
    for kind in ["[CAST_OVERFLOW]", "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION]"] where message.hasPrefix(kind) {
      return own.worded("[CAST_OVERFLOW_IN_TABLE_INSERT]" + message.dropFirst(kind.count))
    }
    return error
  }
}

/// A value that is the same for all rows.
struct TypedConstant: Sendable {
  /// The SQL of the engine.
  var sql: String
  var type: DataType
}

extension Relation {
  /// A Boolean value that indicates whether the query reads a table of the warehouse.
  func reads(_ table: TableName) -> Bool { locals.contains { $0.tableVersion?.name == table } }
}
