import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A PostgreSQL server for one test, on a free port of the loopback device, with its data in a temporary folder.
final class PostgreSQLServer: Sendable {
  private let folder: String
  private let port: Int

  /// The folder of the server's programs; `nil` if PostgreSQL is not installed.
  private static let programs: String? = {
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
    let debian = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    return (debian + path).first { folder in
      ["initdb", "pg_ctl", "psql"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }
  }()

  /// True if there is a server to start. Where everything must be tested, a missing one is a failure.
  static var isInstalledOrRequired: Bool { programs != nil || ProcessInfo.processInfo.environment["CI"] != nil }

  init() throws {
    guard let programs = Self.programs else { throw Failure("PostgreSQL is not installed: `make test` installs it.") }
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-postgres-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    port = try Self.freePort()
    // PostgreSQL refuses to run as root.
    if getuid() == 0 { try Self.run(["chown", "postgres", folder]) }
    try Self.run(
      Self.unprivileged + ["\(programs)/initdb", "-D", "\(folder)/data", "-U", "martlet", "-A", "trust", "--no-sync"])
    let settings = "-p \(port) -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
    // The server must not inherit the open descriptors of this process: pipes, and the socket by which Foundation
    // notices that the program has ended.
    let closing = """
      for fd in $(ls /dev/fd); do [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done 2> /dev/null; exec "$@"
      """
    try Self.run(
      ["bash", "-c", closing, "bash"] + Self.unprivileged + [
        "\(programs)/pg_ctl", "-D", "\(folder)/data", "-l", "\(folder)/log", "-o", settings, "-w", "start",
      ])
  }

  deinit {
    if let programs = Self.programs {
      _ = try? Self.run(Self.unprivileged + ["\(programs)/pg_ctl", "-D", "\(folder)/data", "-m", "immediate", "stop"])
    }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private static var unprivileged: [String] { getuid() == 0 ? ["runuser", "-u", "postgres", "--"] : [] }

  /// Creates an empty database, and returns the way to connect to it.
  func database(_ name: String) throws -> Database {
    try Database(name: "postgres", port: port).query("CREATE DATABASE \(name)")
    return Database(name: name, port: port)
  }

  struct Database: Sendable {
    let name: String
    let port: Int

    /// The connection string for the client library.
    var connection: String { "host=127.0.0.1 port=\(port) user=martlet dbname=\(name)" }

    /// The rows that a statement returns, columns separated by bars.
    @discardableResult
    func query(_ statement: String) throws -> [String] {
      let psql = "\(PostgreSQLServer.programs ?? "")/psql"
      let text = try PostgreSQLServer.run(
        [psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement])
      return text.split(separator: "\n").map(String.init)
    }
  }

  /// Runs a program, and returns its standard output.
  @discardableResult
  private static func run(_ command: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = URL(fileURLWithPath: "/")
    // Files, since a server that has been started would keep a pipe open.
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-output-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: output.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: output) }
    let file = try FileHandle(forWritingTo: output)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = file
    process.standardError = file
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: output, encoding: .utf8)
    guard process.terminationStatus == 0 else { throw Failure("\(command.joined(separator: " ")): \(text)") }
    return text
  }

  private static func freePort() throws -> Int {
    #if canImport(Glibc)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else { throw Failure("There is no free port: errno \(errno).") }
    return Int(in_port_t(bigEndian: address.sin_port))
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
  }
}
