internal import MartletDuckDB

/// The definition of a table in the warehouse.
struct WarehouseTable: Sendable {
  /// A column of the table.
  struct Column: Sendable {
    var field: StructField
    var comment: String?
    /// The expression in SQL for rows that are inserted without the column.
    var defaultText: String?
    var isPartition = false

    init(_ field: StructField, comment: String? = nil, defaultText: String? = nil, isPartition: Bool = false) {
      self.field = field
      self.comment = comment
      self.defaultText = defaultText
      self.isPartition = isPartition
    }
  }

  var name: TableName
  var columns: [Column]
  var comment: String?

  var schema: StructType { StructType(columns.map(\.field)) }

  /// The position of a column; `nil` if there is none of this name.
  func index(of name: String) -> Int? { columns.firstIndex { $0.field.name.isSameName(as: name) } }

  /// The query that reads the table.
  ///
  /// Each column is converted to its type, so that a table that was replaced after the query was resolved gives values of
  /// the resolved types, or an error.
  func relation(_ marker: LocalTable, withRowID: Bool = false) -> Relation {
    var keys = ColumnKeys()
    var attributes: [Attribute] = []
    var list: [String] = []
    if withRowID {
      attributes.append(Attribute(Self.rowID, .long, nullable: false, key: keys.key(for: Self.rowID)))
      list.append("rowid AS \(quoted(Self.rowID))")
    }
    for column in columns {
      let (field, key) = (column.field, keys.key(for: column.field.name))
      list.append("CAST(\(quoted(field.name)) AS \(field.type.engineName)) AS \(quoted(key))")
      attributes.append(
        Attribute(field.name, field.type, nullable: field.nullable, qualifier: name.qualifier, key: key))
    }
    return Relation(
      sql: "SELECT \(list.joined(separator: ", ")) FROM \(name.sql)", columns: attributes, locals: [marker])
  }

  /// The name of the column with the engine's number of a row.
  static let rowID = "martlet_rowid"
}

extension WarehouseTable {
  /// Reads the definition of a table; `nil` if there is none.
  init?(_ name: TableName, _ connection: DuckConnection) throws {
    let place: [DuckValue] = [.string(Warehouse.catalog), .string(name.database), .string(name.name)]
    let found = try connection.query(
      """
      SELECT comment FROM duckdb_tables()
      WHERE database_name = ? AND lower(schema_name) = ? AND lower(table_name) = ?
      """, place
    ).rows()
    guard let row = found.first else { return nil }
    let stored = try connection.query(
      """
      SELECT c.column_name, c.is_nullable, c.comment, m.type, m.default_text, coalesce(m.is_partition, false)
      FROM duckdb_columns() c LEFT JOIN \(Warehouse.columnsTable) m
      ON m.database_name = lower(c.schema_name) AND m.table_name = lower(c.table_name) AND m.column_name = c.column_name
      WHERE c.database_name = ? AND lower(c.schema_name) = ? AND lower(c.table_name) = ? ORDER BY c.column_index
      """, place
    ).rows()
    let types = try connection.describe("SELECT * FROM \(name.sql)").map { DataType($0.type) }
    guard types.count == stored.count else { return nil }
    self.name = name
    comment = row[0].text
    columns = Swift.zip(stored, types).map { row, type in
      // A type that another program has changed since is the one that the engine knows.
      let declared = row[3].text.flatMap { try? DataType(ddl: $0) }
      let known = declared.flatMap { $0.engineForm == type ? $0 : nil }
      return Column(
        StructField(row[0].text ?? "", known ?? type, nullable: row[1] == .bool(true)), comment: row[2].text,
        defaultText: row[4].text, isPartition: row[5] == .bool(true))
    }
  }
}

extension DuckValue {
  /// The text, if the value is one.
  var text: String? { if case .string(let text) = self { text } else { nil } }

  /// The number, if the value is a whole number of 64 bits.
  var number: Int64? { if case .int64(let number) = self { number } else { nil } }
}

extension DataType {
  /// The type that the engine remembers: it has one type for both kinds of timestamps, and one for all intervals.
  var engineForm: DataType {
    switch self {
    case .null: .integer
    case .timestamp: .timestampNTZ
    case .dayTimeInterval, .yearMonthInterval: .interval
    case .array(let element): .array(element.engineForm)
    case .map(let key, let value): .map(key: key.engineForm, value: value.engineForm)
    case .struct(let type): .struct(StructType(type.fields.map { StructField($0.name, $0.type.engineForm) }))
    default: self
    }
  }

  /// The type in the notation of DDL, with all names in backticks, so that it can be read again.
  var ddl: String {
    switch self {
    case .array(let element): "array<\(element.ddl)>"
    case .map(let key, let value): "map<\(key.ddl),\(value.ddl)>"
    case .struct(let type):
      "struct<"
        + type.fields.map { field in
          "`\(field.name.replacing("`", with: "``"))`: \(field.type.ddl)\(field.nullable ? "" : " NOT NULL")"
        }.joined(separator: ", ") + ">"
    default: description
    }
  }
}
