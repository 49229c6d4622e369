public import MartletCore

/// The values of one row while they are collected.
@frozen public struct DatabaseRowWriter {
  @usableFromInline var batch: RowBatch

  init(width: Int) { batch = RowBatch(width: width) }

  /// Adds the value of the next column.
  @inlinable @inline(__always)
  public mutating func append(_ value: some DatabaseValueConvertible) { batch.append(value.databaseValue) }

  /// Adds the value of the next column of rows that have `width` columns.
  package mutating func append(_ value: DatabaseValue, width: Int) {
    if batch.width != width { batch = RowBatch(width: width) }
    batch.append(value)
  }
}

/// Some rows on their way to a database.
@usableFromInline
package struct RowBatch: Sendable {
  /// The number of columns.
  package let width: Int
  /// The values, row by row.
  @usableFromInline package internal(set) var values: [DatabaseValue] = []
  /// An estimate of the bytes of texts and binary data in the values.
  @usableFromInline var contentBytes = 0

  package init(width: Int) { self.width = width }

  /// The number of rows.
  package var count: Int { width == 0 ? 0 : values.count / width }
  /// An estimate of the bytes of memory that the rows occupy.
  package var memory: Int { values.count * MemoryLayout<DatabaseValue>.stride + contentBytes }

  @inlinable
  package mutating func append(_ value: DatabaseValue) {
    switch value {
    case .text(let text): contentBytes += text.utf8Count
    case .bytes(let bytes): contentBytes += bytes.count
    default: break
    }
    values.append(value)
  }

  /// The values of a row.
  package subscript(row: Int) -> ArraySlice<DatabaseValue> { values[row * width..<(row + 1) * width] }

  /// The first value that satisfies a condition, with its column and row.
  func first(where isWanted: (DatabaseValue) -> Bool) -> (value: DatabaseValue, column: Int, row: Int)? {
    guard let index = values.firstIndex(where: isWanted) else { return nil }
    return (values[index], index % width, index / width)
  }
}
