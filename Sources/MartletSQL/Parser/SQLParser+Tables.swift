// CREATE and INSERT.

extension SQLParser {
  mutating func create() throws -> Statement? {
    index += 1
    let replaces = skip(.or, .replace)
    let isGlobal = skip(.global)
    let isTemporary = skip(.temporary) || skip(.temp)
    if skip(.view) {
      return .createView(
        try createView(isGlobal ? .globalTemporary : isTemporary ? .temporary : .persistent, replaces: replaces))
    }
    guard !isGlobal, !isTemporary else { return nil }
    if isNext(.database) || isNext(.schema) || isNext(.namespace), !replaces {
      index += 1
      let ifNotExists = try self.ifNotExists()
      let name = try qualifiedName("a database")
      while true {
        if skip(.comment) { _ = try string() } else if skip(.location) { _ = try string() } else { break }
      }
      return .createDatabase(name, ifNotExists: ifNotExists)
    }
    _ = skip(.external)
    guard skip(.table) else { return nil }
    return try createTable(replaces: replaces)
  }

  private mutating func ifNotExists() throws -> Bool {
    guard isNext(.if), token(after: 1).keyword == .not || token(after: 1).kind == .sign(.exclamation) else {
      return false
    }
    index += 2
    try require(.exists)
    return true
  }

  private mutating func createView(_ scope: CreateView.Scope, replaces: Bool) throws -> CreateView {
    let ifNotExists = try self.ifNotExists()
    let name = try qualifiedName("a view")
    var columns: [ColumnDefinition?] = []
    var names: [String] = []
    if isNext(.leftParenthesis) {
      columns = try parenthesized { parser in
        try parser.list { parser in
          // Columns with types belong to a view of files, with `USING`.
          switch parser.token(after: 1).kind {
          case .sign(.comma), .sign(.rightParenthesis), .word(.comment?):
            names.append(try parser.name("the name of a column"))
            if parser.skip(.comment) { _ = try parser.string("a comment") }
            return nil
          default: return try parser.column()
          }
        }
      }
    }
    let schema = columns.compactMap { $0 }
    guard schema.isEmpty || names.isEmpty else { throw error("either all columns have types, or none has") }
    if scope != .persistent, isNext(.using) {
      let start = index
      let scan = try viewOfFiles(schema)
      return CreateView(
        name: name, scope: scope, replaces: replaces, plan: .files(scan), text: text(from: start))
    }
    guard schema.isEmpty else { throw unexpected("USING, since the columns have types") }
    while !isNext(.as) {
      if skip(.comment) {
        _ = try string("a comment")
      } else if skip(.tblproperties) {
        _ = try properties()
      } else {
        throw unexpected("AS and a query")
      }
    }
    index += 1
    let start = index
    let plan = try query()
    return CreateView(
      name: name, columns: names, scope: scope, replaces: replaces, ifNotExists: ifNotExists, plan: plan,
      text: text(from: start))
  }

  /// The text from the token at a position to the last one that was read.
  private func text(from start: Int) -> String {
    guard index > start else { return "" }
    return String(decoding: source[Int(tokens[start].start)..<Int(tokens[index - 1].end)], as: UTF8.self)
  }

  /// `USING csv OPTIONS (path 'people.csv', header 'true')`
  private mutating func viewOfFiles(_ columns: [ColumnDefinition]) throws -> FileScan {
    index += 1
    let format = try qualifiedName("a format").joined(separator: ".")
    var options = skip(.options) ? try properties() : [:]
    let path = options.removeValue(forKey: "path")
    return FileScan(
      format: format.lowercased(), paths: path.map { [$0] } ?? [],
      schema: columns.isEmpty ? nil : StructType(columns.map(\.field)), options: options)
  }

  private mutating func createTable(replaces: Bool) throws -> Statement? {
    var table = CreateTable(name: [], ifNotExists: try ifNotExists(), replaces: replaces)
    table.name = try qualifiedName("a table")
    if isNext(.like) { return nil }
    if isNext(.leftParenthesis), !beginsQuery(at: index + 1) {
      table.columns = try parenthesized { try $0.list { try $0.tableColumn() } }
    }
    while try tableClause(&table) {}
    if skip(.as) || isQueryNext || isNext(.leftParenthesis) {
      guard table.columns.isEmpty else { throw error("CREATE TABLE AS SELECT takes its columns from the query") }
      table.plan = try query()
    }
    return .createTable(table)
  }

  private mutating func tableColumn() throws -> ColumnDefinition {
    var column = try column()
    while skip(.default) {
      let start = index
      column.defaultValue = try expression()
      column.defaultText = text(from: start)
      if skip(.comment) { column.comment = try string("a comment") }
      if skip(.not) {
        try require(.null)
        column.field.nullable = false
      }
    }
    return column
  }

  /// Reads a clause of `CREATE TABLE`, if one is next.
  private mutating func tableClause(_ table: inout CreateTable) throws -> Bool {
    if skip(.using) {
      table.format = try qualifiedName("a format").joined(separator: ".").lowercased()
    } else if skip(.stored, .as) {
      table.format = try name("a format").lowercased()
    } else if skip(.options) {
      table.options.merge(try properties()) { $1 }
    } else if skip(.tblproperties) {
      table.properties.merge(try properties(lowercased: false)) { $1 }
    } else if skip(.location) {
      table.location = try string("a path")
    } else if skip(.comment) {
      table.comment = try string("a comment")
    } else if skip(.partitioned, .by) {
      try parenthesized { parser in
        _ = try parser.list { parser in
          if parser.token(after: 1).kind == .sign(.leftParenthesis) {
            throw parser.error("partitions by functions are not supported")
          }
          let after = parser.token(after: 1).kind
          if after == .sign(.comma) || after == .sign(.rightParenthesis) {
            table.partitionColumns.append(try parser.name("a column"))
          } else {
            let column = try parser.column()
            table.columns.append(column)
            table.partitionColumns.append(column.field.name)
          }
        }
      }
    } else {
      return false
    }
    return true
  }

  /// `(header = true, 'sep' ';')`: names and values.
  mutating func properties(lowercased: Bool = true) throws -> [String: String] {
    var properties: [String: String] = [:]
    _ = try parenthesized { parser in
      try parser.list { parser in
        let key =
          parser.next.kind == .string
          ? try parser.string() : try parser.qualifiedName("the name of an option").joined(separator: ".")
        let hasSign = parser.skip(.equal)
        properties[lowercased ? key.lowercased() : key] = try parser.propertyValue(isRequired: hasSign)
      }
    }
    return properties
  }

  private mutating func propertyValue(isRequired: Bool) throws -> String {
    switch next.kind {
    case .string, .sign(.question), .sign(.colon): return try string()
    case .number: return text(of: advance())
    case .sign(.minus) where token(after: 1).kind == .number:
      index += 1
      return "-" + text(of: advance())
    case .word(.true?), .word(.false?): return text(of: advance()).lowercased()
    default:
      if isRequired { throw unexpected("a value") }
      return ""
    }
  }

  // MARK: INSERT

  mutating func insert() throws -> Statement {
    index += 1
    let overwrites = skip(.overwrite)
    if !overwrites { guard skip(.into) else { throw unexpected("INTO or OVERWRITE") } }
    if isNext(.directory) || areNext(.local, .directory) { throw error("INSERT into a folder is not supported") }
    if isNext(.table), !isStatementEnd(1) { index += 1 }
    var insert = Insert(table: try qualifiedName("a table"), overwrites: overwrites, plan: .oneRow)
    if skip(.partition) {
      insert.partition = try parenthesized { parser in
        try parser.list { parser in
          let column = try parser.name("a column")
          return PartitionValue(column: column, value: parser.skip(.equal) ? try parser.value() : nil)
        }
      }
    }
    if try ifNotExists() { throw error("IF NOT EXISTS of a partition is not supported") }
    if isNext(.replace), token(after: 1).keyword == .where { throw error("REPLACE WHERE is not supported") }
    if skip(.by, .name) {
      insert.byName = true
    } else if isNext(.leftParenthesis), !beginsQuery(at: index + 1), token(after: 1).kind != .sign(.leftParenthesis) {
      insert.columns = try names()
    }
    insert.plan = try query()
    return .insert(insert)
  }
}
