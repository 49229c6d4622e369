package import MartletCore

/// An error of a database: the `underlying` error of the `MartletError` that a failed statement throws.
public struct DatabaseError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of error.
  ///
  /// Later versions may add kinds: a `switch` over them needs a `default`.
  public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The name of the kind, such as `missingTable`.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// No server answers at the address, or it accepts no connections now.
    public static let unreachable = Kind(rawValue: "unreachable")
    /// A connection that broke while it was used.
    public static let connectionLost = Kind(rawValue: "connectionLost")
    /// A wrong user name or password.
    public static let authentication = Kind(rawValue: "authentication")
    /// An operation that the user may not do.
    public static let permission = Kind(rawValue: "permission")
    /// A database that the server does not have.
    public static let missingDatabase = Kind(rawValue: "missingDatabase")
    /// A table that the database does not have.
    public static let missingTable = Kind(rawValue: "missingTable")
    /// A column that the table does not have.
    public static let missingColumn = Kind(rawValue: "missingColumn")
    /// A value that the column cannot hold.
    public static let data = Kind(rawValue: "data")
    /// A value that a constraint of the table forbids, such as a key that is there already.
    public static let constraint = Kind(rawValue: "constraint")
    /// A conflict with another transaction, such as a deadlock. The same transaction can succeed when it runs again.
    public static let conflict = Kind(rawValue: "conflict")
    /// No space on the disk of the database.
    public static let full = Kind(rawValue: "full")
    /// Any other error.
    public static let other = Kind(rawValue: "other")
  }

  /// The kind of error.
  public let kind: Kind
  /// The database's code: the SQLSTATE of PostgreSQL, and the number of an error of MariaDB and SQLite; empty if it has
  /// none.
  public let code: String
  /// The message of the database.
  public let message: String
  /// The column that the database names, if any.
  public let column: String?

  package init(_ kind: Kind, code: String = "", _ message: String, column: String? = nil) {
    self.kind = kind
    self.code = code
    self.message = message
    self.column = column
  }

  public var description: String { code.isEmpty ? message : "\(message) (\(code))" }

  /// True if the same transaction may succeed on another connection.
  package var isConnectionLoss: Bool { kind == .connectionLost || kind == .unreachable }
  /// True if the same transaction may succeed when it runs again.
  var isTransient: Bool { isConnectionLoss || kind == .conflict }

  /// The kind of Martlet's error.
  var martletCode: MartletError.Code {
    switch kind {
    case .data, .constraint, .missingTable, .missingColumn: .invalidArgument
    case .authentication, .permission, .missingDatabase: .invalidConfiguration
    default: .inputOutput
    }
  }

  /// The advice for the kind.
  private var advice: String {
    switch kind {
    case .unreachable: "Check the address, and that the server runs and accepts connections from here."
    case .connectionLost: "The server has ended or the network is broken: look into the log of the server."
    case .authentication: "Check the user and the password."
    case .permission: "Grant the user the right, or connect as another one."
    case .missingDatabase: "Check the name of the database in the URL, or create it."
    case .missingTable: "Create the table, or correct its name."
    case .missingColumn: "Add the column to the table, or correct its name."
    case .data: "Change the type of the column, or convert the value before it is written."
    case .constraint:
      "Leave such rows out, or, if the key is there already and its row is to be replaced, write in the mode upsert."
    case .conflict: "Other transactions hold the same rows: keep them short, and write from fewer partitions at a time."
    case .full: "Make space on the disk of the database."
    default: ""
    }
  }

  /// The error with what failed, and what to do.
  package func located(_ what: String) -> MartletError {
    let end = message.last.map { ".!?".contains($0) } == true || message.isEmpty ? "" : "."
    let code = code.isEmpty ? "" : " [\(code)]"
    return MartletError(
      martletCode, "\(what):\(code) \(message)\(end)\(advice.isEmpty ? "" : " \(advice)")", underlying: self)
  }
}
