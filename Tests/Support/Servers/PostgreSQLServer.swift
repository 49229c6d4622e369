import Foundation

/// A PostgreSQL server on a free port of the loopback device.
package final class PostgreSQLServer: Sendable {
  private let server: ServerProcess

  /// The folder of the server's programs; `nil` if PostgreSQL is not installed.
  private static let programs: String? = {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let debian = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
    return folder(of: ["initdb", "postgres", "pg_isready", "psql"], in: debian)
  }()

  /// True if there is a server to start. Where everything must be tested, a missing one is a failure.
  package static var isInstalledOrRequired: Bool {
    programs != nil || ProcessInfo.processInfo.environment["CI"] != nil
  }

  /// The server that the tests of this process share.
  package static let shared = Result { try PostgreSQLServer() }

  package init() throws {
    guard let programs = Self.programs else {
      throw ServerFailure("PostgreSQL is not installed: `make test` installs it.")
    }
    server = try ServerProcess("postgres", user: "postgres")
    try server.run([
      "\(programs)/initdb", "-D", "\(server.folder)/data", "-U", "martlet", "-A", "trust", "--no-sync",
      "--locale=C", "-E", "UTF8",
    ])
    // Users other than that of the tests need a password.
    try """
    host all martlet 127.0.0.1/32 trust
    host all all 127.0.0.1/32 scram-sha-256
    """.write(toFile: "\(server.folder)/data/pg_hba.conf", atomically: false, encoding: .utf8)
    try start()
  }

  private func start() throws {
    let programs = Self.programs ?? ""
    try server.start(
      [
        "\(programs)/postgres", "-D", "\(server.folder)/data", "-p", "\(server.port)", "-c",
        "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
      ], ending: "QUIT"
    ) {
      (try? runCommand(["\(programs)/pg_isready", "-q", "-h", "127.0.0.1", "-p", "\(server.port)", "-U", "martlet"]))
        != nil
    }
  }

  /// Ends the server in the middle of its work, as a crash does, and starts it again.
  package func crash() throws {
    server.end()
    try start()
  }

  /// Creates an empty database, and returns the way to connect to it.
  package func database(_ name: String) throws -> Database {
    try Database(name: "postgres", port: server.port).query("CREATE DATABASE \(name)")
    return Database(name: name, port: server.port)
  }

  package struct Database: Sendable {
    package let name: String
    package let port: Int

    /// The connection string for the client library.
    package var connection: String { "host=127.0.0.1 port=\(port) user=martlet dbname=\(name)" }
    package var url: String { "jdbc:postgresql://martlet@127.0.0.1:\(port)/\(name)" }

    /// The rows that a statement returns, columns separated by bars.
    @discardableResult
    package func query(_ statement: String) throws -> [String] {
      let psql = "\(PostgreSQLServer.programs ?? "")/psql"
      let text = try runCommand(
        [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement])
      return text.split(separator: "\n").map(String.init)
    }
  }
}
