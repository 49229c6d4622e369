#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Martlet

/// PostgreSQL's client library, libpq. It is loaded at run time, so that this package can be built without it; in your
/// own program, use a package for PostgreSQL.
struct PostgreSQL: Sendable {
  fileprivate typealias Connection = OpaquePointer
  fileprivate typealias Result = OpaquePointer

  fileprivate let open: @convention(c) (UnsafePointer<CChar>) -> Connection?
  fileprivate let status: @convention(c) (Connection?) -> Int32
  fileprivate let message: @convention(c) (Connection?) -> UnsafePointer<CChar>?
  fileprivate let close: @convention(c) (Connection?) -> Void
  fileprivate let run:
    @convention(c) (
      Connection?, UnsafePointer<CChar>, Int32, UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?,
      UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32
    ) -> Result?
  fileprivate let resultStatus: @convention(c) (Result?) -> Int32
  fileprivate let rows: @convention(c) (Result?) -> UnsafePointer<CChar>?
  fileprivate let clear: @convention(c) (Result?) -> Void

  /// Loads the library.
  init() throws {
    let names = ["libpq.so.5", "libpq.5.dylib", "/opt/homebrew/opt/libpq/lib/libpq.5.dylib"]
    guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first else {
      throw MartletError(
        .inputOutput, "PostgreSQL's client library libpq is not on this system. Install it (Debian and Ubuntu: libpq5)."
      )
    }
    func function<Function>(_ name: String) throws -> Function {
      guard let address = dlsym(library, name) else {
        throw MartletError(.inputOutput, "PostgreSQL's client library has no function \(name).")
      }
      // The types above are those of libpq-fe.h.
      return unsafeBitCast(address, to: Function.self)
    }
    open = try function("PQconnectdb")
    status = try function("PQstatus")
    message = try function("PQerrorMessage")
    close = try function("PQfinish")
    run = try function("PQexecParams")
    resultStatus = try function("PQresultStatus")
    rows = try function("PQcmdTuples")
    clear = try function("PQclear")
  }

  /// Connects to a database.
  ///
  /// - Parameter parameters: the connection parameters, such as `host=localhost dbname=test`.
  func connect(_ parameters: String) throws -> Database {
    let connection = open(parameters)
    let database = Database(postgres: self, connection: connection)
    guard status(connection) == 0 else { throw database.failure("Cannot connect to PostgreSQL") }
    return database
  }

  /// A connection. It is closed when the last reference to it goes away: uncommitted changes are rolled back.
  final class Database {
    fileprivate let postgres: PostgreSQL
    fileprivate let connection: Connection?

    fileprivate init(postgres: PostgreSQL, connection: Connection?) {
      self.postgres = postgres
      self.connection = connection
    }

    deinit { postgres.close(connection) }

    /// Runs one statement, with `values` for its parameters `$1`, `$2` ….
    ///
    /// - Returns: the number of rows that the statement has changed.
    /// - Throws: `MartletError` if it fails, or if a value contains a NUL: PostgreSQL's text cannot hold one, and the
    ///   value would end there.
    @discardableResult
    func execute(_ statement: String, _ values: String...) throws -> Int {
      if let value = values.first(where: { $0.utf8.contains(0) }) {
        throw MartletError(
          .invalidArgument,
          """
          \(value.debugDescription) has a NUL in it, which PostgreSQL's text cannot hold. Leave such values out, or write \
          them in another form, before they come to the database.
          """)
      }
      let texts = values.map { strdup($0) }
      defer { for text in texts { free(text) } }
      let result = postgres.run(
        connection, statement, Int32(values.count), nil, texts.map { UnsafePointer($0) }, nil, nil, 0)
      defer { postgres.clear(result) }
      // PGRES_COMMAND_OK and PGRES_TUPLES_OK.
      guard (1...2).contains(postgres.resultStatus(result)) else { throw failure("'\(statement)' has failed") }
      return postgres.rows(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    fileprivate func failure(_ what: String) -> MartletError {
      let reason = postgres.message(connection).map { String(cString: $0) } ?? "no connection"
      return MartletError(.inputOutput, "\(what): \(reason)")
    }
  }
}
