/// Some rows of a table, by columns.
package struct ColumnarBatch {
  /// One for each column; `nil` for one that was not asked for.
  package var columns: [ColumnarArray?]
  /// The number of rows.
  package var count: Int

  package init(_ columns: [ColumnarArray?], count: Int) {
    self.columns = columns
    self.count = count
  }
}

/// Bytes that are not what their format says.
package struct ColumnarDamage: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// The receiver of the bytes of a file.
package protocol ColumnarOutput: AnyObject {
  /// Appends bytes, which are valid during the call.
  func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// The limit of rows or elements that take no bytes, as of a column of nulls: their number is not bounded by the size
/// of the file.
package let largestCountWithoutBytes = 1 << 24
