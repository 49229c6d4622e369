public import MartletCore
public import MartletRDD
public import MartletStreaming

// One function, for elements of one column, tuples of two to six, structures, and rows.

/// The table of an RDD, as the only element of another RDD.
private struct FrameSource: PartitionedSource {
  let frame: @Sendable () throws -> DataFrame

  func partitions() throws -> [DataFrame] { [try frame()] }
  func makeReader(_ frame: DataFrame) -> Reader { Reader(frame: frame) }

  struct Reader: PartitionReader {
    let frame: DataFrame

    func read(into writer: inout ElementWriter<DataFrame>) -> Bool {
      writer.append(frame)
      return false
    }
  }
}

extension DStream {
  @usableFromInline
  func save(
    asTable table: String, _ mode: TableSink.Mode, _ stream: String?, _ site: OperatorSite,
    _ frame: @escaping @Sendable (RDD<Element>) throws -> DataFrame
  ) {
    do {
      let sink = try TableSink(SparkSession(context.sparkContext), table, mode, stream, site)
      perBatch(site) { rdd, _ in rdd.context.rdd(from: FrameSource { try frame(rdd) }, site) }
        .write(to: sink, place: sink.place, site, located: site.failure(_:))
    } catch { context.graph.fail(error) }
  }
}

extension DStream where Element: ColumnValue {
  /// Writes every batch to a table with one column, which is named `value` unless another name is given. See
  /// `saveAsTable` for tuples.
  @inlinable @inline(__always)
  public func saveAsTable(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }
}

extension DStream where Element: Codable {
  /// Writes every batch to a table whose columns are the properties. See `saveAsTable` for tuples.
  @_disfavoredOverload
  public func saveAsTable(
    _ table: String, mode: TableSink.Mode = .append, stream: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.propertyTable(site) }
  }
}

extension DStream where Element == Row {
  /// Writes every batch to a table with these columns. See `saveAsTable` for tuples.
  public func saveAsTable(
    _ table: String, schema: StructType, mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.rowTable(schema, site) }
  }
}

extension DStream {
  /// Writes every batch to a table of the warehouse, which outlives the program.
  ///
  /// ```swift
  /// counts.saveAsTable("counts", "word", "total", mode: .update(keys: ["word"]))
  /// ```
  /// The columns are built as by `toDF`. A batch is one transaction: readers of the table, in this program, see all of its
  /// rows or none. The table is created with the first batch if it does not exist; if it does, columns correspond by name,
  /// and one that is missing, or of a type that the column cannot take, fails the batch.
  ///
  /// Guarantee: exactly once, with a checkpoint: the transaction also stores the name of the stream and the batch time, so
  /// that a batch that runs again is not written twice. A table that is dropped while batches run is created again by the
  /// next one.
  ///
  /// - Parameters:
  ///   - table: the name of the table, which may have a database before it.
  ///   - names: the names of the columns.
  ///   - mode: what a batch does to the rows in the table.
  ///   - stream: the name under which the table remembers the batches; that of the program if this is `nil`. It must be
  ///     the same after a restart. `start()` refuses two streams that write to one table under the same name.
  @inlinable @inline(__always)
  public func saveAsTable<A: ColumnValue, B: ColumnValue>(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) where Element == (A, B) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }

  /// `saveAsTable` for tuples of three elements.
  @inlinable @inline(__always)
  public func saveAsTable<A: ColumnValue, B: ColumnValue, C: ColumnValue>(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) where Element == (A, B, C) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }

  /// `saveAsTable` for tuples of four elements.
  @inlinable @inline(__always)
  public func saveAsTable<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue>(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) where Element == (A, B, C, D) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }

  /// `saveAsTable` for tuples of five elements.
  @inlinable @inline(__always)
  public func saveAsTable<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue>(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) where Element == (A, B, C, D, E) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }

  /// `saveAsTable` for tuples of six elements.
  @inlinable @inline(__always)
  public func saveAsTable<
    A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, E: ColumnValue, F: ColumnValue
  >(
    _ table: String, _ names: String..., mode: TableSink.Mode = .append, stream: String? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) where Element == (A, B, C, D, E, F) {
    let site = OperatorSite("saveAsTable", file, line)
    save(asTable: table, mode, stream, site) { try $0.columns(names, site) }
  }
}
