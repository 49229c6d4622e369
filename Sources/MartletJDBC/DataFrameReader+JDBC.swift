internal import MartletCore
public import MartletSQL

extension DataFrameReader {
  /// A table of a database as a frame.
  ///
  /// ```swift
  /// let words = spark.read.jdbc("jdbc:postgresql://localhost/shop", "word_counts", ["user": "ann", "password": secret])
  /// ```
  /// The columns are looked up when the frame is analyzed. The rows are read each time that an action needs them, some
  /// thousand at a time. Only the columns that a query needs are read; conditions are not passed on, so give the option
  /// `query` in place of a table if the database should choose rows.
  /// - Parameters:
  ///   - url: the address of the database, in the form of ``Database``.
  ///   - table: the table, or a query in parentheses with a name after it.
  ///   - properties: the user, the password, and the options of the format `jdbc`.
  public func jdbc(
    _ url: String, _ table: String, _ properties: [String: String] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    options(properties).option("url", url).option("dbtable", table).format("jdbc").load(file: file, line: line)
  }

  /// A table of a database, which several connections read at the same time.
  ///
  /// - Parameters:
  ///   - url: the address of the database.
  ///   - table: the table, or a query in parentheses with a name after it.
  ///   - column: a column of numbers, dates or timestamps that divides the rows. All rows are read, also those beyond the
  ///     bounds.
  ///   - lowerBound: the value at which the second part begins, about.
  ///   - upperBound: the value at which the last part ends, about.
  ///   - numPartitions: the number of parts.
  ///   - properties: the user, the password, and the options of the format `jdbc`.
  public func jdbc(
    _ url: String, _ table: String, column: String, lowerBound: Int, upperBound: Int, numPartitions: Int,
    _ properties: [String: String] = [:], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    option("partitionColumn", column).option("lowerBound", lowerBound).option("upperBound", upperBound)
      .option("numPartitions", numPartitions).jdbc(url, table, properties, file: file, line: line)
  }
}
