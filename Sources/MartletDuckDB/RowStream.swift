import Synchronization

/// Rows that Swift produces while a statement reads them. Several threads read pieces of the rows at the same time.
///
/// It is a `VectorSource` for readers that write row by row. A statement that must return rows in their order reads with
/// one thread, piece by piece.
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

extension DuckDatabase {
  /// Makes a stream readable for all connections, until the result is released.
  package func register(_ stream: any RowStream) -> SourceRegistration { register(StreamSource(stream)) }
}

/// A stream of rows as a source.
private final class StreamSource: VectorSource {
  private let stream: any RowStream
  let columns: [DuckField]

  init(_ stream: any RowStream) {
    self.stream = stream
    columns = stream.columns.map { DuckField($0.name, $0.type.duckType) }
  }

  func scan(_ wanted: [Int?]) throws -> any VectorScan {
    StreamScan(try stream.open(), wanted.compactMap(\.self), columns: columns.count)
  }
}

/// One reading of a stream.
private final class StreamScan: VectorScan {
  let stream: any OpenRowStream
  /// For each column, its position in the outputs; `nil` if its values are not used.
  let positions: [Int?]
  /// The number of pieces that have been given out.
  let next = Atomic<Int>(0)

  init(_ stream: any OpenRowStream, _ wanted: [Int], columns: Int) {
    self.stream = stream
    var positions: [Int?] = Array(repeating: nil, count: columns)
    for (position, column) in wanted.enumerated() { positions[column] = position }
    self.positions = positions
  }

  var threads: Int { stream.pieces }

  func makeReader() -> any VectorReader { StreamReader(self) }
}

/// The pieces that one thread reads.
private final class StreamReader: VectorReader {
  private let scan: StreamScan
  private var reader: (any RowReader)?

  init(_ scan: StreamScan) { self.scan = scan }

  /// Writes the next rows of this piece, or of the next ones that no other thread has.
  func read(into outputs: [VectorOutput]) throws -> Int {
    let output = RowOutput(scan.positions.map { $0.map { outputs[$0] } })
    while true {
      if reader == nil {
        let piece = scan.next.add(1, ordering: .relaxed).oldValue
        guard piece < scan.stream.pieces else { return 0 }
        reader = try scan.stream.reader(piece)
      }
      let count = try reader?.next(output) ?? 0
      if count > 0 { return count }
      reader = nil
    }
  }
}
