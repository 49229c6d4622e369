import MartletCore
import Synchronization

/// Rows that SQL reads while Swift computes them, such as those of files.
///
/// `DuckDatabase.register(_:)` makes a source readable. Each statement that reads it makes a scan, and each of DuckDB's
/// threads that takes part makes a reader of that scan.
package protocol VectorSource: AnyObject, Sendable {
  var columns: [DuckField] { get }

  /// Begins to read all rows once.
  /// - Parameter wanted: the columns whose values are used, in the order in which they are written; `nil` for one whose
  ///   values are not used.
  /// - Throws: an error whose description becomes that of the statement.
  func scan(_ wanted: [Int?]) throws -> any VectorScan
}

/// One reading of a source.
package protocol VectorScan: AnyObject, Sendable {
  /// The number of threads that can read at the same time.
  var threads: Int { get }

  /// A reader for one thread. Together, all readers return each row once.
  func makeReader() throws -> any VectorReader
}

/// The part of a scan that one thread reads.
package protocol VectorReader: AnyObject {
  /// Writes the next rows, at most `VectorOutput.capacity`, into one output for each of the wanted columns, and returns
  /// their number; 0 at the end.
  /// - Throws: an error whose description becomes that of the statement.
  func read(into outputs: [VectorOutput]) throws -> Int
}

/// The sources that the statements of one database can read as `martlet_source(id)`.
final class RegisteredSources: Sendable {
  private let sources = Mutex<[Int64: any VectorSource]>([:])
  /// Numbers are unique in the process, so that one of another database is recognized as unknown.
  private static let last = Atomic<Int64>(0)

  func add(_ source: any VectorSource) -> Int64 {
    let id = Self.last.add(1, ordering: .relaxed).newValue
    sources.withLock { $0[id] = source }
    return id
  }

  func remove(_ id: Int64) {
    // Destroyed after the lock has been released.
    let source = sources.withLock { $0.removeValue(forKey: id) }
    withExtendedLifetime(source) {}
  }

  subscript(id: Int64) -> (any VectorSource)? { sources.withLock { $0[id] } }
}

/// A source that statements can read while this object lives.
///
/// When it is released, statements that already read the source finish; later ones fail with an error that says so.
package final class SourceRegistration: Sendable {
  private let id: Int64
  private let sources: RegisteredSources

  init(_ source: any VectorSource, in sources: RegisteredSources) {
    self.sources = sources
    id = sources.add(source)
  }

  deinit { sources.remove(id) }

  /// The source in SQL, as in `SELECT * FROM martlet_source(7)`.
  package var sql: String { "\(RegisteredSources.functionName)(\(id))" }
}

extension DuckDatabase {
  /// Makes a source readable for all connections, until the result is released.
  package func register(_ source: any VectorSource) -> SourceRegistration {
    SourceRegistration(source, in: sources)
  }
}
