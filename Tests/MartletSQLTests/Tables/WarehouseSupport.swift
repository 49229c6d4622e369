import MartletCore
import MartletRDD
import MartletSQL
import TestSupport

extension SparkSession {
  /// A session of a new context with two threads, and with a warehouse in a folder.
  static func forTest(warehouse folder: String) throws -> SparkSession {
    let spark = try SparkSession.forTest()
    spark.conf.set("spark.sql.warehouse.dir", folder)
    return spark
  }

  /// All rows of a statement.
  @discardableResult
  func rows(_ text: String, file: StaticString = #fileID, line: UInt = #line) throws -> [Row] {
    try sql(text, file: file, line: line).collect(file: file, line: line)
  }
}

/// Calls the closure with a session whose warehouse is in a new folder.
func withWarehouse<Result>(_ body: (SparkSession) throws -> Result) throws -> Result {
  try withWarehouse { spark, _ in try body(spark) }
}

/// Calls the closure with a session, and the new folder in which its warehouse is.
func withWarehouse<Result>(_ body: (SparkSession, String) throws -> Result) throws -> Result {
  try withTemporaryFolder { folder in
    let spark = try SparkSession.forTest(warehouse: "\(folder)/warehouse")
    defer { spark.stop() }
    return try body(spark, "\(folder)/warehouse")
  }
}
