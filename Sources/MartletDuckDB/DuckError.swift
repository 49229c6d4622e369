package import MartletCore

/// An error of DuckDB: the `underlying` error of the `MartletError` that a failed statement throws.
package struct DuckError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of error.
  package let kind: Kind
  /// DuckDB's message, without the name of its kind.
  package let message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// DuckDB's message as it writes it, such as `Binder Error: Referenced column "a" not found`.
  package var description: String { kind == .other ? message : "\(kind.rawValue) Error: \(message)" }

  /// The kinds of DuckDB's errors, by the names with which its messages begin.
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    case outOfRange = "Out of Range"
    case conversion = "Conversion"
    case unknownType = "Unknown Type"
    case decimal = "Decimal"
    case mismatchType = "Mismatch Type"
    case divideByZero = "Divide by Zero"
    case objectSize = "Object Size"
    case invalidType = "Invalid type"
    case serialization = "Serialization"
    case transaction = "TransactionContext"
    case notImplemented = "Not implemented"
    case expression = "Expression"
    case catalog = "Catalog"
    case parser = "Parser"
    case planner = "Planner"
    case scheduler = "Scheduler"
    case executor = "Executor"
    case constraint = "Constraint"
    case index = "Index"
    case stat = "Stat"
    case connection = "Connection"
    case syntax = "Syntax"
    case settings = "Settings"
    case binder = "Binder"
    case network = "Network"
    case optimizer = "Optimizer"
    case nullPointer = "NullPointer"
    case io = "IO"
    case interrupt = "INTERRUPT"
    case fatal = "FATAL"
    case internalError = "INTERNAL"
    case invalidInput = "Invalid Input"
    case outOfMemory = "Out of Memory"
    case permission = "Permission"
    case parameterNotResolved = "Parameter Not Resolved"
    case parameterNotAllowed = "Parameter Not Allowed"
    case dependency = "Dependency"
    case http = "HTTP"
    case missingExtension = "Missing Extension"
    case autoload = "Extension Autoloading"
    case sequence = "Sequence"
    case invalidConfiguration = "Invalid Configuration"
    case dataCorruption = "Data Corruption"
    /// A message that begins with none of the names.
    case other = ""

    /// The kind of Martlet's error.
    var code: MartletError.Code {
      switch self {
      case .io, .network, .http: .inputOutput
      case .interrupt: .cancelled
      case .outOfMemory: .resourcesExhausted
      case .dataCorruption, .serialization: .corruptData
      case .settings, .invalidConfiguration, .missingExtension, .autoload: .invalidConfiguration
      case .transaction, .connection, .fatal: .invalidState
      default: .invalidArgument
      }
    }
  }

  /// Splits a message of DuckDB into its kind and the rest.
  package init(parsing text: String) {
    if let end = text.range(of: " Error: "), let kind = Kind(rawValue: String(text[..<end.lowerBound])) {
      self.init(kind, String(text[end.upperBound...]))
    } else {
      self.init(.other, text)
    }
  }
}

extension StringProtocol {
  /// The first place where the characters of `text` are found. For short prefixes; not fast.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      formIndex(after: &start)
    }
    return nil
  }
}

extension MartletError {
  /// The error for a message of DuckDB.
  init(duck text: String) {
    let error = DuckError(parsing: text)
    self.init(error.kind.code, error.description, underlying: error)
  }

  /// The error of DuckDB that caused this one, if any.
  package var duck: DuckError? { underlying as? DuckError }
}
