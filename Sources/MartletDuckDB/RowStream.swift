/// Rows that Swift produces while a statement reads them. Several threads read pieces of the rows at the same time.
///
/// A statement that must return rows in their order reads with one thread, piece by piece.
package protocol RowStream: Sendable {
  /// The columns, without decimals.
  var columns: [TableColumn] { get }
  /// Called when a statement begins to read the rows.
  /// - Throws: an error with which the statement fails.
  func open() throws -> any OpenRowStream
}

/// The rows of a `RowStream` for one statement.
package protocol OpenRowStream: Sendable {
  /// The number of pieces.
  var pieces: Int { get }
  /// The rows of a piece, which one thread reads.
  func reader(_ piece: Int) throws -> any RowReader
}

/// The rows of a piece.
package protocol RowReader: AnyObject {
  /// Writes the next rows; returns their number, which is at most `RowOutput.capacity`, and 0 only at the end.
  func next(_ output: RowOutput) throws -> Int
}

/// A stream of rows that statements can read while this object lives.
package final class StreamRegistration: Sendable {
  private let id: Int64
  private let streams: RegisteredStreams

  init(_ stream: any RowStream, in streams: RegisteredStreams) {
    self.streams = streams
    id = streams.add(stream)
  }

  deinit { streams.remove(id) }

  /// The rows in SQL, as in `SELECT * FROM martlet_stream(7)`.
  package var sql: String { "martlet_stream(\(id))" }
}

extension DuckDatabase {
  /// Makes a stream readable for all connections, until the result is released.
  package func register(_ stream: any RowStream) -> StreamRegistration { StreamRegistration(stream, in: streams) }
}
