public import MartletCore
internal import MartletRDD
public import MartletStreaming

extension DStream where Element == Text {
  /// Calls the closure with the lines of every batch, which are JSON objects, as a table: `foreachRDD` with
  /// `toJSONDataFrame(_:options:)`.
  ///
  /// ```swift
  /// lines.foreachDataFrame(json: "auction BIGINT, price DOUBLE") { bids, time in
  ///   try bids.createOrReplaceTempView("bids")
  /// }
  /// ```
  /// - Parameters:
  ///   - json: the columns as DDL.
  ///   - options: those of `spark.read.json`, such as `["mode": "DROPMALFORMED"]`.
  public func foreachDataFrame(
    json ddl: String, options: [String: String] = [:], _ body: @escaping @Sendable (DataFrame, Time) throws -> Void,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, jsonTable(ddl, options, site), body)
  }

  /// The same as `foreachDataFrame(json:)`, with an async closure: the batch ends when it returns.
  public func foreachDataFrame(
    json ddl: String, options: [String: String] = [:],
    _ body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, jsonTable(ddl, options, site), body)
  }

  /// The rows of a query of every batch, whose lines are JSON objects: a table `batch` with the columns in `json`.
  ///
  /// ```swift
  /// let top = lines.transformSQL(
  ///   "SELECT channel, max(price) AS price FROM batch GROUP BY channel", json: "channel STRING, price DOUBLE")
  /// ```
  public func transformSQL(
    _ query: String, json ddl: String, options: [String: String] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) -> DStream<Row> {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site, jsonTable(ddl, options, site))
  }

  private func jsonTable(
    _ ddl: String, _ options: [String: String], _ site: OperatorSite
  ) -> @Sendable (RDD<Text>) throws -> DataFrame {
    let schema = Result { try StructType(ddl: ddl) }
    return { try $0.jsonTable(schema, options, site) }
  }
}
