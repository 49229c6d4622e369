// The same functions for one column, and for tuples of two to six elements.

public import MartletCore
public import MartletRDD
public import MartletStreaming

// MARK: One column

extension RDD {
  @inlinable @inline(__always)
  func columns(_ names: [String], _ site: OperatorSite) throws -> DataFrame
  where Element: ColumnValue {
    try columns(
      names, [ColumnForm(Element.self)],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0 }
        base.deinitialize(count: count)
      }, site)
  }

  /// The elements as a table with one column, which is named `value` unless another name is given.
  ///
  /// The column is built by a job that this call runs, in parallel by partition. It lives as long as a frame, view or
  /// running query needs it.
  @inlinable @inline(__always)
  public func toDF(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element: ColumnValue {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element: ColumnValue {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// Calls the closure with every batch as a table with one column.
  @inlinable @inline(__always)
  public func foreachDataFrame(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element: ColumnValue {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element: ColumnValue {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The rows of a query of every batch, which is a table `batch` with one column.
  @inlinable @inline(__always)
  public func transformSQL(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element: ColumnValue {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}

// MARK: Two columns

extension RDD {
  @inlinable @inline(__always)
  func columns<A: ColumnValue, B: ColumnValue>(_ names: [String], _ site: OperatorSite) throws -> DataFrame
  where Element == (A, B) {
    try columns(
      names, [ColumnForm(A.self), ColumnForm(B.self)],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0.0 }
        append(base, count, to: &columns[1]) { $0.1 }
        base.deinitialize(count: count)
      }, site)
  }

  /// The elements as a table. Without names, the columns are `_1`, `_2` and so on.
  ///
  /// ```swift
  /// tags.foreachRDD { rdd in
  ///   let counts = try rdd.toDF("tag", "count")
  ///   try counts.createOrReplaceTempView("counts")
  /// }
  /// ```
  /// The columns are built by a job that this call runs, in parallel by partition: there are no row objects, and the
  /// bytes of long texts are not copied. They live as long as a frame, view or running query needs them. Columns of
  /// optionals are nullable.
  /// - Throws: `MartletError` if the number of names is wrong; the errors of the job.
  @inlinable @inline(__always)
  public func toDF<A: ColumnValue, B: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element == (A, B) {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync<A: ColumnValue, B: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element == (A, B) {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// Calls the closure with every batch as a table: `foreachRDD` with `toDF`.
  ///
  /// ```swift
  /// counts.foreachDataFrame("tag", "count") { df, time in
  ///   try df.createOrReplaceTempView("counts")
  /// }
  /// ```
  /// A view that the closure replaces is seen by other tasks as a whole: the batch before, or this one. They find it in
  /// `SparkSession(ssc.sparkContext)`, the session of the context.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The rows of a query of every batch, which is a table `batch`: a stream again, for windows, state and output.
  ///
  /// ```swift
  /// let counts = tags.transformSQL("SELECT tag, count(*) AS n FROM batch GROUP BY tag", "tag", "user")
  /// ```
  /// Only this query sees `batch`. It can join views of the session of the context; those of tables that do not change
  /// are read once if their frames are cached. The query runs when an output operation, or a window, needs the rows.
  /// A fault of the query fails the batch.
  @inlinable @inline(__always)
  public func transformSQL<A: ColumnValue, B: ColumnValue>(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element == (A, B) {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}

// MARK: Three columns

extension RDD {
  @inlinable @inline(__always)
  func columns<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ names: [String], _ site: OperatorSite
  ) throws -> DataFrame
  where Element == (A, B, C) {
    try columns(
      names, [ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self)],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0.0 }
        append(base, count, to: &columns[1]) { $0.1 }
        append(base, count, to: &columns[2]) { $0.2 }
        base.deinitialize(count: count)
      }, site)
  }

  /// `toDF` for tuples of three elements.
  @inlinable @inline(__always)
  public func toDF<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element == (A, B, C) {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element == (A, B, C) {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// `foreachDataFrame` for tuples of three elements.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// `transformSQL` for tuples of three elements.
  @inlinable @inline(__always)
  public func transformSQL<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element == (A, B, C) {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}

// MARK: Four columns

extension RDD {
  @inlinable @inline(__always)
  func columns<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ names: [String], _ site: OperatorSite
  ) throws -> DataFrame
  where Element == (A, B, C, D) {
    try columns(
      names, [ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self), ColumnForm(D.self)],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0.0 }
        append(base, count, to: &columns[1]) { $0.1 }
        append(base, count, to: &columns[2]) { $0.2 }
        append(base, count, to: &columns[3]) { $0.3 }
        base.deinitialize(count: count)
      }, site)
  }

  /// `toDF` for tuples of four elements.
  @inlinable @inline(__always)
  public func toDF<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element == (A, B, C, D) {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element == (A, B, C, D) {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// `foreachDataFrame` for tuples of four elements.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// `transformSQL` for tuples of four elements.
  @inlinable @inline(__always)
  public func transformSQL<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element == (A, B, C, D) {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}

// MARK: Five columns

extension RDD {
  @inlinable @inline(__always)
  func columns<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ names: [String], _ site: OperatorSite
  ) throws -> DataFrame
  where Element == (A, B, C, D, E) {
    try columns(
      names, [ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self), ColumnForm(D.self), ColumnForm(E.self)],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0.0 }
        append(base, count, to: &columns[1]) { $0.1 }
        append(base, count, to: &columns[2]) { $0.2 }
        append(base, count, to: &columns[3]) { $0.3 }
        append(base, count, to: &columns[4]) { $0.4 }
        base.deinitialize(count: count)
      }, site)
  }

  /// `toDF` for tuples of five elements.
  @inlinable @inline(__always)
  public func toDF<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element == (A, B, C, D, E) {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element == (A, B, C, D, E) {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// `foreachDataFrame` for tuples of five elements.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D, E) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D, E) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// `transformSQL` for tuples of five elements.
  @inlinable @inline(__always)
  public func transformSQL<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element == (A, B, C, D, E) {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}

// MARK: Six columns

extension RDD {
  @inlinable @inline(__always)
  func columns<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue>(
    _ names: [String], _ site: OperatorSite
  ) throws -> DataFrame
  where Element == (A, B, C, D, E, F) {
    try columns(
      names,
      [
        ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self), ColumnForm(D.self), ColumnForm(E.self),
        ColumnForm(F.self),
      ],
      { base, count, columns in
        append(base, count, to: &columns[0]) { $0.0 }
        append(base, count, to: &columns[1]) { $0.1 }
        append(base, count, to: &columns[2]) { $0.2 }
        append(base, count, to: &columns[3]) { $0.3 }
        append(base, count, to: &columns[4]) { $0.4 }
        append(base, count, to: &columns[5]) { $0.5 }
        base.deinitialize(count: count)
      }, site)
  }

  /// `toDF` for tuples of six elements.
  @inlinable @inline(__always)
  public func toDF<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame where Element == (A, B, C, D, E, F) {
    try columns(names, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  @inlinable @inline(__always)
  public func toDFAsync<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue>(
    _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame where Element == (A, B, C, D, E, F) {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.columns(names, site) }, file: file, line: line)
  }
}

extension DStream {
  /// `foreachDataFrame` for tuples of six elements.
  @inlinable @inline(__always)
  public func foreachDataFrame<
    A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue
  >(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D, E, F) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// The same as `foreachDataFrame`, with an async closure: the batch ends when it returns.
  @inlinable @inline(__always)
  public func foreachDataFrame<
    A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue
  >(
    _ names: String..., body: @escaping @Sendable (DataFrame, Time) async throws -> Void, file: StaticString = #fileID,
    line: UInt = #line
  ) where Element == (A, B, C, D, E, F) {
    let site = OperatorSite("foreachDataFrame", file, line)
    eachFrame(site, { try $0.columns(names, site) }, body)
  }

  /// `transformSQL` for tuples of six elements.
  @inlinable @inline(__always)
  public func transformSQL<
    A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue
  >(
    _ query: String, _ names: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DStream<Row> where Element == (A, B, C, D, E, F) {
    let site = OperatorSite("transformSQL", file, line)
    return queried(query, site) { try $0.columns(names, site) }
  }
}
