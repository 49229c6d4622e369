import Foundation

/// A MariaDB server on a free port of the loopback device.
package final class MariaDBServer: Sendable {
  private let server: ServerProcess

  /// The folder of the server; `nil` if MariaDB is not installed.
  private static let programs = folder(of: ["mariadbd"], in: ["/usr/sbin", "/opt/homebrew/bin"])
  private static let tools = folder(of: ["mariadb-install-db", "mariadb"], in: ["/usr/bin", "/opt/homebrew/bin"])

  /// True if there is a server to start. Where everything must be tested, a missing one is a failure.
  package static var isInstalledOrRequired: Bool {
    programs != nil && tools != nil || ProcessInfo.processInfo.environment["CI"] != nil
  }

  /// The server that the tests of this process share.
  package static let shared = Result { try MariaDBServer() }

  /// The password of the user `martlet`.
  package static let password = "geh#im/2"

  package init() throws {
    guard let tools = Self.tools, Self.programs != nil else {
      throw ServerFailure("MariaDB is not installed: `make test` installs it.")
    }
    server = try ServerProcess("mariadb", user: "mysql")
    try """
    CREATE USER IF NOT EXISTS 'martlet'@'127.0.0.1' IDENTIFIED BY '\(Self.password)';
    GRANT ALL ON *.* TO 'martlet'@'127.0.0.1';
    """.write(toFile: "\(server.folder)/init.sql", atomically: false, encoding: .utf8)
    try server.run([
      "\(tools)/mariadb-install-db", "--no-defaults", "--datadir=\(server.folder)/data",
      "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M",
      "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0",
    ])
    try start()
  }

  private func start() throws {
    let log = server.log
    try server.start(
      [
        "\(Self.programs ?? "")/mariadbd", "--no-defaults", "--datadir=\(server.folder)/data", "--port=\(server.port)",
        "--bind-address=127.0.0.1", "--socket=\(server.folder)/socket", "--skip-name-resolve",
        "--init-file=\(server.folder)/init.sql", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=64M",
        "--max-allowed-packet=16M", "--innodb-lock-wait-timeout=20", "--character-set-server=latin1",
      ], ending: "KILL"
    ) {
      ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").contains("ready for connections")
    }
  }

  /// Kills the server in the middle of its work, and starts it again.
  package func crash() throws {
    server.end()
    try start()
  }

  /// Creates an empty database, and returns the way to connect to it.
  package func database(_ name: String) throws -> Database {
    try Database(name: "mysql", port: server.port).query("CREATE DATABASE \(name)")
    return Database(name: name, port: server.port)
  }

  package struct Database: Sendable {
    package let name: String
    package let port: Int

    package var url: String { "jdbc:mariadb://127.0.0.1:\(port)/\(name)?user=martlet&sslMode=disable" }

    /// The rows that a statement returns, columns separated by bars.
    @discardableResult
    package func query(_ statement: String) throws -> [String] {
      let text = try runCommand([
        "\(MariaDBServer.tools ?? "")/mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", "\(port)", "-u", "martlet",
        "--password=\(MariaDBServer.password)", "--default-character-set=utf8mb4", "-N", "-B", "-e", statement, name,
      ])
      return text.split(separator: "\n").map { $0.replacingOccurrences(of: "\t", with: "|") }
    }
  }
}
