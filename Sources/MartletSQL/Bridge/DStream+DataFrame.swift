public import MartletCore
public import MartletRDD
public import MartletStreaming

extension DStream {
  @usableFromInline
  func eachFrame(
    _ site: OperatorSite, _ table: @escaping @Sendable (RDD<Element>) throws -> DataFrame,
    _ body: @escaping @Sendable (DataFrame, Time) throws -> Void
  ) {
    output(site) { rdd, time in try body(table(rdd), time) }
  }

  @usableFromInline
  func eachFrame(
    _ site: OperatorSite, _ table: @escaping @Sendable (RDD<Element>) throws -> DataFrame,
    _ body: @escaping @Sendable (DataFrame, Time) async throws -> Void
  ) {
    output(site) { rdd, time in
      let frame = try table(rdd)
      try runBlocking { try await body(frame, time) }
    }
  }

  @usableFromInline
  func queried(
    _ query: String, _ site: OperatorSite, _ table: @escaping @Sendable (RDD<Element>) throws -> DataFrame
  ) -> DStream<Row> {
    let plan = Result<Plan, any Error> {
      do { return try SQLParser.parseQuery(query) } catch {
        throw MartletError(.analysis, "\(site): [PARSE_SYNTAX_ERROR] \(error)", underlying: error)
      }
    }
    return perBatch(site) { rdd, _ in rdd.queried(plan, site, table) }
  }
}

extension DStream where Element: Codable {
  /// Calls the closure with every batch as a table whose columns are the properties: `foreachRDD` with `toDF()`.
  @_disfavoredOverload
  public func foreachDataFrame(
    _ body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.propertyTable(site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @_disfavoredOverload
  public func foreachDataFrame(
    _ body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.propertyTable(site) }, body)
  }

  /// The rows of a query of every batch, which is a table `batch` whose columns are the properties.
  @_disfavoredOverload
  public func transformSQL(
    _ query: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.propertyTable(site) }
  }
}
