public import MartletCore
internal import MartletDuckDB
public import MartletRDD

extension RDD where Element == Text {
  /// Lines of JSON objects as a table with these columns.
  ///
  /// ```swift
  /// let bids = try lines.toJSONDataFrame("auction BIGINT, price DOUBLE, channel STRING")
  /// try bids.groupBy("channel").agg(max("price")).show()
  /// ```
  /// The columns are filled by a job that this call runs, in parallel by partition: the lines are read once, and not
  /// stored. Fields are found by their names, in upper and lower case as they are written; fields without a column are
  /// skipped, and a column whose field is missing is `NULL`. Values are converted as `spark.read.json` converts them. Blank
  /// lines are ignored.
  ///
  /// The options are those of `spark.read.json` by their names in Spark. A line that is no JSON object, or has a value that
  /// is not of the type of its column, is malformed. With the `mode` `PERMISSIVE`, which is used if there is none, the
  /// columns that cannot be read are `NULL`, and the line itself is in the column `_corrupt_record` (or the one that
  /// `columnNameOfCorruptRecord` names) if the schema has it. With `DROPMALFORMED` the line is left out, and with `FAILFAST`
  /// it fails the call. `dateFormat`, `timestampFormat` and `timestampNTZFormat` are patterns.
  /// - Throws: `MartletError` for an unknown option, and for a malformed line with the mode `FAILFAST`; the errors of the job.
  public func toJSONDataFrame(
    _ schema: StructType, options: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    try jsonTable(.success(schema), options, OperatorSite("toJSONDataFrame", file, line))
  }

  /// Lines of JSON objects as a table whose columns are given as DDL: `name STRING, age INT`.
  public func toJSONDataFrame(
    _ ddl: String, options: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    try jsonTable(Result { try StructType(ddl: ddl) }, options, OperatorSite("toJSONDataFrame", file, line))
  }

  /// Lines of JSON objects as a table whose columns are inferred from all of them, by a job of its own.
  ///
  /// The columns are in the order of their names. Integers are of type `bigint`, other numbers `double`, and a field whose
  /// values have different types `string`. If there are malformed lines, the mode `PERMISSIVE` adds the column
  /// `_corrupt_record`. With the option `primitivesAsString`, numbers and truth values are strings. In a stream, batches with
  /// different fields have different columns: a schema is better there.
  public func toJSONDataFrame(
    options: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    try jsonTable(nil, options, OperatorSite("toJSONDataFrame", file, line))
  }

  /// `toJSONDataFrame(_:options:)`, for async code: see `async(_:)`.
  public func toJSONDataFrameAsync(
    _ schema: StructType, options: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame {
    let site = OperatorSite("toJSONDataFrame", file, line)
    return try await async({ try $0.jsonTable(.success(schema), options, site) }, file: file, line: line)
  }

  /// `toJSONDataFrame(_:options:)`, for async code: see `async(_:)`.
  public func toJSONDataFrameAsync(
    _ ddl: String, options: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame {
    let site = OperatorSite("toJSONDataFrame", file, line)
    return try await async(
      { rdd in try rdd.jsonTable(Result { try StructType(ddl: ddl) }, options, site) }, file: file, line: line)
  }

  func jsonTable(
    _ schema: Result<StructType, any Error>?, _ values: [String: String], _ site: OperatorSite
  ) throws -> DataFrame {
    let spark = try SparkSession(context)
    let form: JSONLineForm
    do {
      let options = try JSONLineForm.options(values)
      form = try JSONLineForm(try schema?.get() ?? inferred(options, spark, site), options, spark)
    } catch let error as AnalysisError {
      throw MartletError(.analysis, site.adding(to: error.faults), underlying: error)
    } catch {
      throw site.failure(ofSource: error)
    }
    guard form.schema.isFlat else {
      return try mapPartitions { lines in
        var reader = JSONLineReader(form)
        var rows: [Row] = []
        for line in lines { if let row = try reader.row(line) { rows.append(row) } }
        return rows
      }.rowTable(form.schema, site)
    }
    return try table(form.schema, site) { reader, types in
      var columns = JSONColumns(form, types)
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        for i in 0..<chunk.count { try columns.append(chunk.base[i]) }
      }
      return columns.builders
    }
  }

  private func inferred(_ options: FileOptions, _ spark: SparkSession, _ site: OperatorSite) throws -> StructType {
    let mode = try options.mode
    let isText = try options.bool("primitivesAsString")
    let parts = try context.runJob(self, site, skipsNothing: true) { reader in
      var lines = InferredLines()
      let records = JSONRecordReader(JSONRecordDecoder())
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        for i in 0..<chunk.count { lines.add(chunk.base[i], records, primitivesAsString: isText) }
      }
      return lines
    }
    var all = InferredLines()
    for part in parts { all.merge(part) }
    let schema = all.schema(mode, corruptColumn: Records.columnName(options, spark.state))
    guard !schema.fields.isEmpty else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNABLE_TO_INFER_SCHEMA",
          "There is no JSON object with fields among the lines, so the columns are unknown. Give a schema.")
      ])
    }
    return schema
  }
}
