internal import MartletCore
internal import MartletDuckDB
public import MartletRDD

extension RDD where Element == Row {
  /// The rows as a table with these columns.
  ///
  /// ```swift
  /// let people = try rows.toDF(StructType(ddl: "name STRING, age INT"))
  /// ```
  /// The columns are built by a job that this call runs, in parallel by partition.
  /// - Throws: `MartletError` if a row has another number of values, or a value of another type.
  public func toDF(
    _ schema: StructType, file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    try rowTable(schema, OperatorSite("toDF", file, line))
  }

  /// `toDF(_:)`, for async code: see `async(_:)`.
  public func toDFAsync(
    _ schema: StructType, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> DataFrame {
    let site = OperatorSite("toDF", file, line)
    return try await async({ try $0.rowTable(schema, site) }, file: file, line: line)
  }

  func rowTable(_ schema: StructType, _ site: OperatorSite) throws -> DataFrame {
    guard schema.isFlat else {
      // Arrays, maps and structs are constants of the query.
      let spark = try SparkSession(context)
      return DataFrame(spark, try spark.localPlan(try collect(site), schema, site), site)
    }
    let fields = schema.fields
    return try table(schema, site) { reader, types in
      var builders = types.map { ColumnBuilder($0) }
      var index = 0
      try reader.forEachChunk { chunk in
        defer { chunk.discard() }
        for i in 0..<chunk.count {
          let row = chunk.base[i]
          guard row.size == fields.count else {
            throw MartletError(
              .invalidArgument,
              "row \(index) of a partition has \(row.size) values, but there are \(fields.count) columns: "
                + "\(listed(schema.names)).")
          }
          for column in builders.indices {
            try builders[column].append(row[column], fields[column], index)
          }
          index += 1
        }
      }
      return builders
    }
  }
}

extension StructType {
  /// True if columns in memory can have all of the types, and there is at least one.
  var isFlat: Bool { !fields.isEmpty && fields.allSatisfy { $0.type.columnType != nil } }
}

extension ColumnBuilder {
  /// Appends a value of a row.
  /// - Throws: `MartletError(.invalidArgument)` if it is not one of the column.
  mutating func append(_ value: Value, _ field: StructField, _ row: Int) throws {
    guard field.nullable || !value.isNull else {
      throw MartletError(
        .invalidArgument, "row \(row) of a partition has NULL in the column '\(field.name)', which is not nullable.")
    }
    guard append(value, field.type) else {
      throw MartletError(
        .invalidArgument,
        "row \(row) of a partition has \(value) in the column '\(field.name)', which is of type \(field.type).")
    }
  }
}
