internal import MartletCore

extension SparkSession {
  /// A frame with these rows.
  ///
  /// ```swift
  /// let people = try spark.createDataFrame([Row("Ada", 36), Row("Emi", nil)], schema: StructType(ddl: "name STRING, age INT"))
  /// ```
  /// - Throws: `MartletError` if a row has another number of values, or a value of another type.
  public func createDataFrame(
    _ rows: [Row], schema: StructType, file: StaticString = #fileID, line: UInt = #line
  ) throws -> DataFrame {
    let site = OperatorSite("createDataFrame", file, line)
    return DataFrame(self, try localPlan(rows, schema, site), site)
  }
}
