internal import MartletCore
internal import MartletDuckDB

/// A file that was written to a hidden folder.
struct WrittenFile {
  /// The folder of its partition within the hidden folder, such as `year=2024`; empty if there are no partitions.
  var folder: String
  var name: String

  /// The path within the hidden folder.
  var path: String { folder.isEmpty ? name : "\(folder)/\(name)" }
}

/// The files of one write.
struct WrittenFiles {
  private let hidden: String
  private let unique: String
  private let encoding: FileEncoding
  private let columns: WrittenColumns

  init(_ hidden: String, _ unique: String, _ encoding: FileEncoding, _ columns: WrittenColumns) {
    self.hidden = hidden
    self.unique = unique
    self.encoding = encoding
    self.columns = columns
  }

  func write(_ request: WriteRequest) throws -> [WrittenFile] {
    let query = request.relation.sql.text
    let engine = request.session.state.engine
    switch encoding.writer {
    case .engine(let options):
      guard let folder = columns.folder else { return [try copy(query, options, engine)] }
      return try copyPartitions(query, folder, options, engine)
    case .swift(let create): return try writeRows(query, create, engine)
    }
  }

  private func name(_ number: Int) -> String {
    let digits = String(number)
    return "part-\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits)-\(unique)-c000\(encoding.ending)"
  }

  /// The query of the values of the files, with another one after them.
  private func select(_ query: String, _ other: (sql: String, name: String)? = nil) -> String {
    func list(_ values: [(sql: String, name: String)]) -> String {
      values.map { "\($0.sql) AS \(quoted($0.name))" }.joined(separator: ", ")
    }
    let last = other.map { [$0] } ?? []
    guard !encoding.prepared.isEmpty else { return "SELECT \(list(encoding.values + last)) FROM (\(query)) t" }
    let inner = "SELECT \(list(encoding.prepared + last)) FROM (\(query)) t"
    let outer = last.map { ("u.\(quoted($0.name))", $0.name) }
    return "SELECT \(list(encoding.values + outer)) FROM (\(inner)) u"
  }

  // MARK: The engine writes

  private func copy(_ query: String, _ options: String, _ engine: SQLEngine) throws -> WrittenFile {
    let file = WrittenFile(folder: "", name: name(0))
    let sql = "COPY (\(select(query))) TO \(quotedText("\(hidden)/\(file.name)")) (\(options))"
    try engine.withConnection { try $0.execute(sql) }
    return file
  }

  /// The engine writes a folder for each number of a partition; then the folders get their names.
  private func copyPartitions(
    _ query: String, _ folder: String, _ options: String, _ engine: SQLEngine
  ) throws -> [WrittenFile] {
    let numbers = FolderNumbers()
    defer { numbers.close() }
    let raw = "\(hidden)/_engine"
    // No value has a column of this name.
    let key = uniqueName("martlet_folder", (encoding.prepared + encoding.values).map(\.name))
    let sql =
      "COPY (\(select(query, ("martlet_folder_number(\(numbers.id)::BIGINT, \(folder))", key)))) TO "
      + "\(quotedText(raw)) (\(options), PARTITION_BY (\(quoted(key))), FILENAME_PATTERN 'part-{uuid}')"
    try engine.withConnection { try $0.execute(sql) }
    var files: [WrittenFile] = []
    guard try Folder.nameIsTaken(raw) else { return [] }
    for (number, folder) in numbers.folders.enumerated() {
      let source = "\(raw)/\(key)=\(number)"
      try Folder.create("\(hidden)/\(folder)")
      for (index, found) in try Folder.names(source).enumerated() {
        let file = WrittenFile(folder: folder, name: name(index))
        try Folder.rename("\(source)/\(found)", to: "\(hidden)/\(file.path)")
        files.append(file)
      }
    }
    try Folder.remove(raw)
    return files
  }

  private func uniqueName(_ name: String, _ names: [String]) -> String {
    var name = name
    while names.contains(where: { $0.isSameName(as: name) }) { name += "_" }
    return name
  }

  // MARK: Swift writes

  /// One file for each folder; the rows are sorted by folder, so that one file is open at a time.
  private func writeRows(
    _ query: String, _ create: (String) throws -> any RowFile, _ engine: SQLEngine
  ) throws -> [WrittenFile] {
    let width = encoding.values.count
    let key = uniqueName("martlet_folder", (encoding.prepared + encoding.values).map(\.name))
    let sql = columns.folder.map { "\(select(query, ($0, key))) ORDER BY \(quoted(key))" }
    var files: [WrittenFile] = []
    var open: (any RowFile)?
    func begin(_ folder: String) throws -> any RowFile {
      try open?.finish()
      if !folder.isEmpty { try Folder.create("\(hidden)/\(folder)") }
      let file = WrittenFile(folder: folder, name: name(0))
      files.append(file)
      let new = try create("\(hidden)/\(file.path)")
      open = new
      return new
    }
    let connection = try engine.borrow()
    defer { engine.giveBack(connection) }
    let result = try connection.query(sql ?? select(query))
    defer { result.close() }
    if sql == nil { _ = try begin("") }
    while let chunk = try result.nextChunk() {
      var start = 0
      while start < chunk.count {
        var end = chunk.count
        if sql != nil {
          let folder = chunk[width].string(start)
          end = start + 1
          while end < chunk.count, chunk[width].string(end) == folder { end += 1 }
          if files.last?.folder != folder { _ = try begin(folder) }
        }
        try open?.write(chunk, start..<end)
        start = end
      }
    }
    try open?.finish()
    return files
  }
}
