/// The rules by which values are stored in a column of another type: those of Spark's `spark.sql.storeAssignmentPolicy` with
/// its default, `ANSI`.
enum StoreAssignment {
  /// A Boolean value that indicates whether values of a type may be stored in a column of another.
  static func isAllowed(_ type: DataType, in wanted: DataType) -> Bool {
    if type == wanted || type == .null { return true }
    switch (type, wanted) {
    case (.array(let a), .array(let b)): return isAllowed(a, in: b)
    case (.map(let k1, let v1), .map(let k2, let v2)): return isAllowed(k1, in: k2) && isAllowed(v1, in: v2)
    case (.struct(let a), .struct(let b)):
      return a.fields.count == b.fields.count
        && Swift.zip(a.fields, b.fields).allSatisfy { isAllowed($0.type, in: $1.type) }
    case (_, .string): return type.isAtomic
    case (.dayTimeInterval, .dayTimeInterval), (.yearMonthInterval, .yearMonthInterval): return true
    default: return type.isNumeric && wanted.isNumeric || type.isDateOrTime && wanted.isDateOrTime
    }
  }

  /// The mistake of storing a value of a type in a column.
  static func fault(_ type: DataType, in column: StructField, of table: TableName) -> AnalysisFault {
    AnalysisFault(
      "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST",
      "The column '\(column.name)' of the table \(table) has the type \(column.type), and cannot take values of type "
        + "\(type). Convert them: CAST(… AS \(column.type)).")
  }
}
