internal import MartletCore
internal import MartletStreaming

/// The statistical functions of a frame: `df.stat.corr("height", "weight")`.
public struct DataFrameStatFunctions: Sendable {
  let frame: DataFrame

  /// The number of rows for each pair of values of two columns. The values of the second one become columns.
  ///
  /// The first column of the result is called after both, as in `city_product`.
  public func crosstab(
    _ col1: String, _ col2: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    func text(_ name: String) -> Expression {
      .call("coalesce", .cast(Column(name).expression, .string), .literal(.string("null")))
    }
    return frame.frame("stat.crosstab", file, line) { plan in
      .fillNulls(
        .integer(0), columns: [],
        .aggregate(
          Aggregate(
            .pivot(text(col2), values: nil), grouping: [.alias(text(col1), ["\(col1)_\(col2)"])],
            aggregates: [count("*").expression], plan)))
    }
  }

  /// Pearson's coefficient of the correlation of two columns; NaN if they do not vary.
  public func corr(
    _ col1: String, _ col2: String, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Double {
    try number(MartletSQL.corr(col1, col2), OperatorSite("stat.corr", file, line))
  }

  /// Pearson's coefficient of the correlation of two columns; NaN if they do not vary.
  public func corr(
    _ col1: String, _ col2: String, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Double {
    let site = OperatorSite("stat.corr", file, line)
    return try await frame.session.running(site) { try number(MartletSQL.corr(col1, col2), site) }
  }

  /// The covariance of two columns, as samples of a larger population.
  public func cov(
    _ col1: String, _ col2: String, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Double {
    try number(covar_samp(col1, col2), OperatorSite("stat.cov", file, line))
  }

  /// The covariance of two columns, as samples of a larger population.
  public func cov(
    _ col1: String, _ col2: String, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> Double {
    let site = OperatorSite("stat.cov", file, line)
    return try await frame.session.running(site) { try number(covar_samp(col1, col2), site) }
  }

  /// The values of a column below which these parts of the rows lie: `df.stat.approxQuantile("age", [0.25, 0.5], 0.01)`.
  ///
  /// Each is a value of the column; `NULL` and NaN do not count. There are none if the column has no values. The engine
  /// computes them exactly, whatever error is allowed.
  public func approxQuantile(
    _ col: String, _ probabilities: [Double], _ relativeError: Double, file: StaticString = #fileID,
    line: UInt = #line
  ) throws -> [Double] {
    try quantiles(col, probabilities, relativeError, OperatorSite("stat.approxQuantile", file, line))
  }

  /// The values of a column below which these parts of the rows lie.
  public func approxQuantile(
    _ col: String, _ probabilities: [Double], _ relativeError: Double, file: StaticString = #fileID,
    line: UInt = #line
  ) async throws -> [Double] {
    let site = OperatorSite("stat.approxQuantile", file, line)
    return try await frame.session.running(site) { try quantiles(col, probabilities, relativeError, site) }
  }

  private func number(_ column: Column, _ site: OperatorSite) throws -> Double {
    let value: Double? = try firstRow([column], site).get(0)
    return value ?? .nan
  }

  private func quantiles(
    _ column: String, _ probabilities: [Double], _ relativeError: Double, _ site: OperatorSite
  ) throws -> [Double] {
    guard relativeError >= 0, probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw MartletError(
        .invalidArgument,
        "\(site): the probabilities are \(probabilities) and the error is \(relativeError); probabilities must be from 0 to 1, and the error must not be negative"
      )
    }
    let number = Column(column).cast(.double)
    let value = when(!isnan(number), number)
    let row = try firstRow(probabilities.map { percentile_approx(value, $0) }, site)
    return try probabilities.indices.compactMap { try row.get($0) }
  }

  private func firstRow(_ aggregates: [Column], _ site: OperatorSite) throws -> Row {
    let plan = Plan.aggregate(Aggregate(grouping: [], aggregates: aggregates.map(\.expression), frame.input))
    let batches = try frame.session.rows(of: plan, site)
    while let batch = try batches.next() { if let row = batch.first { return row } }
    throw MartletError(.emptyCollection, "\(site): the engine returned no row")
  }
}

extension DataFrame {
  /// The statistical functions.
  public var stat: DataFrameStatFunctions { DataFrameStatFunctions(frame: self) }
}
