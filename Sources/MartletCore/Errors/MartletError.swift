/// An error of Martlet itself, or in the use of its API, with advice on how to fix it.
public struct MartletError: Error, Sendable, CustomStringConvertible {
  /// The kind of error, for programs that handle specific errors.
  ///
  /// Later versions may add kinds: a `switch` over them needs a `default`.
  public struct Code: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The name of the kind, such as `invalidArgument`.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// An invalid setting: a master such as `local[0]`, a batch interval of zero.
    public static let invalidConfiguration = Code(rawValue: "invalidConfiguration")
    /// An argument that an operation cannot use.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// A call in the wrong state: an operation after `start()`, a second active context.
    public static let invalidState = Code(rawValue: "invalidState")
    /// An action inside the closure of a task.
    public static let nestedAction = Code(rawValue: "nestedAction")
    /// An empty collection where an element was required.
    public static let emptyCollection = Code(rawValue: "emptyCollection")
    /// A file, folder or socket that cannot be read or written.
    public static let inputOutput = Code(rawValue: "inputOutput")
    /// Data that cannot be decoded.
    public static let corruptData = Code(rawValue: "corruptData")
    /// A job that was stopped before its end.
    public static let cancelled = Code(rawValue: "cancelled")
    /// A mistake in a query, found before it runs: an unknown column, a wrong type.
    public static let analysis = Code(rawValue: "analysis")
    /// The system cannot create another thread.
    public static let resourcesExhausted = Code(rawValue: "resourcesExhausted")
  }

  /// The kind of error.
  public let code: Code
  /// A description of the error: what happened, where, and what to do.
  public let message: String
  /// The error that caused this one, if any. `message` includes its description.
  public let underlying: (any Error)?

  public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }

  public var description: String { message }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension MartletError {
  /// The same error with another message.
  package func worded(_ message: String) -> MartletError { MartletError(code, message, underlying: underlying) }

  /// The failure of a system call: `what`, followed by the system's message.
  package static func system(_ what: String, errno code: Int32) -> MartletError {
    MartletError(.inputOutput, "\(what): \(String(cString: strerror(code))) (errno \(code))")
  }
}

/// The result of `body`; if it throws a `MartletError`, `what` is put before its message.
package func explaining<Result>(_ what: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as MartletError {
    throw error.worded("\(what()): \(error.message)")
  }
}
