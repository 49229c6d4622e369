/// The columns of files, while they are collected.
struct FileColumns {
  private var keys = ColumnKeys()
  private var columns: [Attribute] = []
  private var items: [String] = []
  private let partitions: [StructField]
  private let timeZone: String
  private let state: SessionState
  private let files: [String]
  /// Objects that are needed while the SQL runs.
  var owners: [any Sendable] = []
  /// True if the columns of folders are `p0`, `p1`, …, and not columns with their names.
  var hasNumberedPartitions = false

  init(_ list: FileList, _ schema: StructType?, _ state: SessionState) {
    timeZone = state.timeZone
    self.state = state
    files = list.files
    partitions = list.partitions.map { partition in
      schema?.fields.first { $0.name.isSameName(as: partition.name) } ?? partition
    }
  }

  /// The columns that are in the files themselves.
  func withoutPartitions(_ schema: StructType?) -> StructType? {
    schema.map { schema in
      StructType(schema.fields.filter { field in !partitions.contains { $0.name.isSameName(as: field.name) } })
    }
  }

  mutating func append(_ field: StructField, _ sql: String) {
    // Files can lack any value.
    let attribute = Attribute(field.name, field.type, key: keys.key(for: field.name))
    columns.append(attribute)
    items.append("\(sql) AS \(quoted(attribute.key))")
  }

  /// Reads the rows from lines.
  mutating func take(_ source: LineSource) {
    hasNumberedPartitions = true
    if let owner = source.owner { owners.append(owner) }
  }

  /// The relation of the columns, with those of folders, and the text after the select list. The rows of files are `f`.
  mutating func relation(_ rest: String) -> Relation {
    let isEmpty = rest == " WHERE false"
    for (index, field) in partitions.enumerated()
    where !columns.contains(where: { $0.name.isSameName(as: field.name) }) {
      let name = hasNumberedPartitions ? "p\(index)" : quoted(field.name)
      let text = isEmpty ? "NULL" : "nullif(CAST(f.\(name) AS VARCHAR), '\(FileList.null)')"
      append(field, FieldText(timeZone: timeZone).lenient(text, field.type))
    }
    let source = LocalTable(
      files: files, schema: StructType(), sql: "", owner: owners, in: state.engine.database)
    return Relation(
      sql: "SELECT \(items.isEmpty ? "1" : items.joined(separator: ", "))\(rest)", columns: columns, locals: [source])
  }
}
