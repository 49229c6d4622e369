/// JSON files: a row is an object in a line.
struct JSONFormat: FileFormat {
  let name = "json"

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation { try JSONFiles(scan, state).relation() }

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions(
      "JSON", options,
      [
        "compression", "codec", "encoding", "lineSep", "ignoreNullFields", "dateFormat", "timestampFormat",
        "timestampNTZFormat",
      ], isWritten: true)
    let ignoresNulls = try options.bool(
      "ignoreNullFields", state.setting("spark.sql.jsonGenerator.ignoreNullFields")?.lowercased() != "false")
    var patterns = try options.patterns(state)
    patterns["ignoreNullFields"] = "\(ignoresNulls)"
    let writer = FieldWriter(patterns, Analyzer(state))
    let fields = columns.map { column -> String in
      let key = quotedText(EngineFunctions.jsonText(column.name) + ":")
      let value = writer.json(column.sql, column.type)
      return ignoresNulls ? "\(key) || \(value)" : "\(key) || coalesce(\(value), 'null')"
    }
    let line = "'{' || concat_ws(',', \(fields.isEmpty ? "NULL" : fields.joined(separator: ", "))) || '}'"
    return try WrittenLines(options, ".json").encoding(line, header: nil)
  }
}

extension FileOptions {
  /// The patterns for dates and times of a writer, by the names of their options.
  /// - Throws: `AnalysisError` for a pattern that is wrong.
  func patterns(_ state: SessionState) throws -> [String: String] {
    var patterns: [String: String] = [:]
    for key in ["dateFormat", "timestampFormat", "timestampNTZFormat"] {
      guard let pattern = self[key] else { continue }
      if case .failure(let problem) = DatePattern.printed(pattern, "x", Analyzer(state)) {
        throw Self.fault("The option \(key): \(problem.message)")
      }
      patterns[key] = pattern
    }
    return patterns
  }
}
