import MartletCore

/// A database of PostgreSQL, MariaDB, MySQL or SQLite, and how to connect to it.
///
/// ```swift
/// let shop = try Database("jdbc:postgresql://localhost:5432/shop", user: "martlet", password: secret)
/// let log = try Database("jdbc:sqlite:/var/lib/app/log.db")
/// ```
/// The URL has the form of Spark's, with or without `jdbc:`:
///
/// | database | URL |
/// |---|---|
/// | PostgreSQL | `jdbc:postgresql://host:port/database` |
/// | MariaDB, MySQL | `jdbc:mariadb://host:port/database`, `jdbc:mysql://host:port/database` |
/// | SQLite | `jdbc:sqlite:path` |
///
/// Options follow a `?`, as in `?sslmode=require&connect_timeout=5`. PostgreSQL's are those of libpq, and `currentSchema`;
/// `host` may be the folder of a socket. MariaDB has `localSocket`, `connectTimeout` in milliseconds, and `sslMode` or
/// `useSsl`; SQLite has `busy_timeout`, in milliseconds. `socketTimeout` is the time for which an answer is waited for, in
/// seconds for PostgreSQL and in milliseconds for MariaDB; 0 is no limit. `user` and `password` may be options, or be in the URL before the
/// host; text with special characters is percent-encoded there.
///
/// The client library of the database (libpq, libmariadb or libmysqlclient, libsqlite3) is loaded when the first connection
/// is made. A database is described without its password, in errors and everywhere else.
public struct Database: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  /// The systems that there are.
  package enum System: String, Sendable, Hashable {
    case postgres = "PostgreSQL"
    case mariaDB = "MariaDB"
    case sqlite = "SQLite"
  }

  package let system: System
  /// The name or address of the server; empty for the default, and for SQLite.
  let host: String
  let port: Int?
  /// The name of the database, or the path of the file.
  package let name: String
  let user: String?
  let password: String?
  /// The other options.
  let options: [String: String]

  /// Creates the description of a database. Nothing is connected yet.
  ///
  /// - Parameters:
  ///   - url: the address.
  ///   - user: the user, if it is not in the URL.
  ///   - password: the password, if it is not in the URL.
  /// - Throws: `MartletError(.invalidConfiguration)` if the URL has another form, or an option is not known.
  public init(_ url: String, user: String? = nil, password: String? = nil) throws {
    let parts = try DatabaseURL(url)
    system = parts.system
    host = parts.host
    port = parts.port
    name = parts.name
    var options = parts.options
    let optionUser = options.removeValue(forKey: "user")
    let optionPassword = options.removeValue(forKey: "password")
    self.user = user ?? optionUser ?? parts.user
    self.password = password ?? optionPassword ?? parts.password
    self.options = options
    if let known = Self.knownOptions[system], let other = options.keys.sorted().first(where: { !known.contains($0) }) {
      let near = nearest(to: other, in: known).map { "Did you mean \($0)?" } ?? "They are \(listed(known))."
      throw MartletError(.invalidConfiguration, "URLs of \(system.rawValue) have no option '\(other)'. \(near)")
    }
    for name in ["connectTimeout", "socketTimeout", "busy_timeout"] {
      if let text = options[name], number(name) == nil {
        throw MartletError(.invalidConfiguration, "The option \(name) is '\(text)'. It must be a number, 0 or above.")
      }
    }
    let texts = [host, name, self.user, self.password].compactMap(\.self) + options.keys + options.values
    if texts.contains(where: { $0.utf8.contains(0) }) {
      throw MartletError(.invalidConfiguration, "The URL of a database, or its user or password, has a NUL in it.")
    }
  }

  /// The options of the systems whose libraries do not check them.
  private static let knownOptions: [System: [String]] = [
    .mariaDB: ["localSocket", "connectTimeout", "socketTimeout", "sslMode", "useSsl"],
    .sqlite: ["busy_timeout"],
  ]

  /// The time for which the answer of a server is waited for, if the URL has the option `socketTimeout`: seconds for
  /// PostgreSQL, and milliseconds for MariaDB, as in their drivers.
  var answerTimeout: Duration? {
    guard let number = number("socketTimeout") else { return nil }
    // As in the drivers, 0 is no limit: 30 years are none.
    return number == 0 ? .seconds(1_000_000_000) : system == .postgres ? .seconds(number) : .milliseconds(number)
  }

  /// The number that an option of the URL has.
  func number(_ option: String) -> Int32? { options[option].flatMap { Int32($0) }.flatMap { $0 < 0 ? nil : $0 } }

  /// The address, without user, password and options.
  public var description: String {
    switch system {
    case .sqlite: "jdbc:sqlite:\(name)"
    case .postgres, .mariaDB:
      "jdbc:\(system == .postgres ? "postgresql" : "mariadb")://\(host.contains(":") ? "[\(host)]" : host)"
        + "\(port.map { ":\($0)" } ?? "")/\(name)"
    }
  }

  // The reflection that `dump` and `print` of enclosing values use would show the password.
  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

/// The parts of the URL of a database.
struct DatabaseURL {
  var system = Database.System.sqlite
  var host = ""
  var port: Int?
  var name = ""
  var user: String?
  var password: String?
  var options: [String: String] = [:]

  init(_ url: String) throws {
    var rest = Substring(url)
    if rest.lowercased().hasPrefix("jdbc:") { rest = rest.dropFirst(5) }
    guard let colon = rest.firstIndex(of: ":") else { throw Self.fault("It does not begin with the name of a system.") }
    let scheme = rest[..<colon].lowercased()
    rest = rest[rest.index(after: colon)...]
    // The path of a file may contain any character, so that only the last `?` begins the options.
    if let mark = scheme == "sqlite" ? rest.lastIndex(of: "?") : rest.firstIndex(of: "?") {
      try readOptions(rest[rest.index(after: mark)...])
      rest = rest[..<mark]
    }
    switch scheme {
    case "sqlite":
      guard !rest.isEmpty else { throw Self.fault("The path of SQLite's file is missing.") }
      name = String(rest)
      return
    case "postgresql", "postgres": system = .postgres
    case "mariadb", "mysql": system = .mariaDB
    default:
      throw Self.fault(
        "'\(scheme)' is not one of the systems that there are: postgresql, mariadb, mysql and sqlite.")
    }
    // The driver of PostgreSQL also takes the name of the database alone.
    guard rest.hasPrefix("//") else {
      name = try Self.decoded(rest)
      return
    }
    rest = rest.dropFirst(2)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var authority = rest[..<slash]
    name = try Self.decoded(rest[slash...].dropFirst())
    if let at = authority.lastIndex(of: "@") {
      let pair = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try Self.decoded(pair[0])
      if pair.count == 2 { password = try Self.decoded(pair[1]) }
      authority = authority[authority.index(after: at)...]
    }
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { throw Self.fault("The address has no closing bracket.") }
      host = String(authority[authority.index(after: authority.startIndex)..<end])
      try readPort(authority[authority.index(after: end)...])
    } else {
      let colon = authority.firstIndex(of: ":") ?? authority.endIndex
      host = try Self.decoded(authority[..<colon])
      try readPort(authority[colon...])
    }
  }

  private mutating func readPort(_ text: Substring) throws {
    guard !text.isEmpty else { return }
    guard text.first == ":", let number = Int(text.dropFirst()), (1...65_535).contains(number) else {
      throw Self.fault("The port is not a number from 1 to 65535.")
    }
    port = number
  }

  private mutating func readOptions(_ text: Substring) throws {
    for option in text.split(separator: "&") {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, !pair[0].isEmpty else {
        throw Self.fault("The options have the form name=value&name=value.")
      }
      options[try Self.decoded(pair[0])] = try Self.decoded(pair[1])
    }
  }

  /// A text whose percent-encoded bytes are decoded.
  private static func decoded(_ text: Substring) throws -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let code = UInt8(String(decoding: Array(rest.prefix(2)), as: UTF8.self), radix: 16), rest.count >= 2 else {
        throw fault("A % is not followed by two hexadecimal digits; write %25 for the character itself.")
      }
      rest = rest.dropFirst(2)
      bytes.append(code)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // The URL is not part of the message, because it may contain a password.
  private static func fault(_ reason: String) -> MartletError {
    MartletError(
      .invalidConfiguration,
      "The URL of a database cannot be read. \(reason) It has a form such as jdbc:postgresql://host:port/database, jdbc:mariadb://host:port/database or jdbc:sqlite:path."
    )
  }
}
