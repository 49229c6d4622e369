internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB

extension SessionState {
  /// The columns of files that Swift decodes, and the SQL that reads them.
  func relation<Files: ColumnarFiles>(_ scan: FileScan, _ list: FileList, _ files: Files) throws -> Relation {
    var output = FileColumns(list, scan.schema, self)
    let found = files.fields
    let wanted =
      output.withoutPartitions(scan.schema)
      ?? StructType(
        found.filter { field in !list.partitions.contains { $0.name.isSameName(as: field.name) } }.map {
          StructField($0)
        })
    let source = ColumnarSource(files, list)
    for field in wanted.fields {
      guard let index = found.firstIndex(where: { $0.name.isSameName(as: field.name) }) else {
        output.append(field, "CAST(NULL AS \(field.type.engineName))")
        continue
      }
      try found[index].requireNames()
      let type = DataType(found[index].type)
      guard type == field.type || ParquetFormat.widens(type, to: field.type) else {
        throw AnalysisError(faults: [
          AnalysisFault(
            "FAILED_READ_FILE.COLUMN_DATA_TYPE_MISMATCH",
            "The column '\(field.name)' is of type \(type) in the files, but \(field.type) in the schema. Read it as \(type), and cast it."
          )
        ])
      }
      output.append(field, "CAST(\(source.sql(index)) AS \(field.type.engineName))")
    }
    let registration = engine.database.register(source)
    // Without it, the engine could not find the source.
    output.owners.append(registration)
    return output.relation(source.from(registration, list))
  }

  /// Looks at files before a query runs.
  func opening<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as MartletError {
      throw AnalysisError(faults: [AnalysisFault("FAILED_READ_FILE", error.message)])
    }
  }
}
