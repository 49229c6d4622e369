import MartletCore

/// Some rows of a table: columns of the same length.
package struct ColumnPiece: Sendable {
  package let columns: [ColumnData]
  /// The number of rows.
  package let count: Int

  /// - Parameter columns: at least one.
  /// - Throws: `MartletError(.invalidArgument)` if the columns have different lengths, or a value could not be stored, such
  ///   as a string of 4 GiB or more.
  package init(_ columns: [ColumnData]) throws {
    guard let count = columns.first?.count else {
      throw MartletError(.invalidArgument, "A table has at least one column.")
    }
    guard columns.allSatisfy({ $0.count == count }) else {
      throw MartletError(
        .invalidArgument,
        "The columns of a table have the same number of values, not \(columns.map(\.count)).")
    }
    if let refusal = columns.lazy.compactMap(\.refusal).first { throw MartletError(.invalidArgument, refusal) }
    self.columns = columns
    self.count = count
  }
}

/// A table in Swift's memory, which statements can read where they are registered. It never changes.
package final class ColumnTable: Sendable {
  package let columns: [TableColumn]
  /// The rows, in pieces that were built separately, for example one for each partition.
  package let pieces: [ColumnPiece]
  /// The number of rows.
  package let count: Int
  /// For each piece, the number of chunks in it and those before it.
  let chunkEnds: [Int]

  /// The number of rows that DuckDB reads at once.
  static let rowsPerChunk = 2048

  /// - Throws: `MartletError(.invalidArgument)` if there is no column, two have the same name, a decimal has more than 38
  ///   digits, or a piece has other columns.
  package init(_ columns: [TableColumn], _ pieces: [ColumnPiece]) throws {
    guard !columns.isEmpty else { throw MartletError(.invalidArgument, "A table has at least one column.") }
    var names: Set<String> = []
    for column in columns {
      guard names.insert(column.name.lowercased()).inserted else {
        throw MartletError(
          .invalidArgument,
          "Two columns of a table have the name '\(column.name)': SQL does not distinguish upper and lower case.")
      }
      guard !column.name.isEmpty, !column.name.utf8.contains(0) else {
        throw MartletError(.invalidArgument, "The name of a column is empty, or contains a zero byte.")
      }
      if case .decimal(let width, let scale) = column.type, !(1...38).contains(width) || scale > width {
        throw MartletError(
          .invalidArgument,
          "The column '\(column.name)' cannot be DECIMAL(\(width), \(scale)): it has 1 to 38 digits, and no more decimal "
            + "places than that.")
      }
    }
    for piece in pieces {
      guard piece.columns.map(\.type) == columns.map(\.type) else {
        throw MartletError(
          .invalidArgument,
          "A piece of the table has columns of the types \(piece.columns.map(\.type)), not \(columns.map(\.type)).")
      }
    }
    self.columns = columns
    self.pieces = pieces.filter { $0.count > 0 }
    count = self.pieces.reduce(0) { $0 + $1.count }
    var chunks = 0
    chunkEnds = self.pieces.map { piece in
      chunks += (piece.count + Self.rowsPerChunk - 1) / Self.rowsPerChunk
      return chunks
    }
  }

  /// The bytes of memory that the table occupies. A buffer that several columns share is counted for each.
  package var memory: Int { pieces.reduce(0) { $0 + $1.columns.reduce(0) { $0 + $1.memory } } }
}
