internal import MartletCore
internal import MartletDuckDB

extension SessionState {
  /// The columns of files, and the SQL that reads them.
  func relation(_ files: FileScan) throws -> Relation {
    try DataSources.named(files.format).relation(files, self)
  }

  /// Whether the columns of folders have the types that fit their values, or are texts.
  var infersPartitionTypes: Bool {
    setting("spark.sql.sources.partitionColumnTypeInference.enabled")?.lowercased() != "false"
  }

  /// The columns of a folder without files, whose schema is given.
  func nothing(_ scan: FileScan, _ list: FileList) throws -> Relation {
    var output = FileColumns(list, scan.schema, self)
    guard let schema = scan.format == "text" ? StructType([StructField("value", .string)]) : scan.schema else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNABLE_TO_INFER_SCHEMA",
          "There are no files in \(listed(scan.paths.map(quotedPath))), so the columns are unknown. Give a schema.")
      ])
    }
    for field in schema.fields { output.append(field, "CAST(NULL AS \(field.type.engineName))") }
    return output.relation(" WHERE false")
  }

  /// Asks the engine about files.
  func reading<Result>(_ scan: FileScan, _ body: (DuckConnection) throws -> Result) throws -> Result {
    do { return try engine.withConnection(body) } catch let error as MartletError {
      throw AnalysisError(faults: [
        AnalysisFault(
          "FAILED_READ_FILE",
          "Cannot read \(listed(scan.paths.map(quotedPath), limit: 3)): \(EngineMessage.worded(error.message))")
      ])
    }
  }
}
