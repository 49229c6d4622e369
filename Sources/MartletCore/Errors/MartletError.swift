/// What went wrong in Martlet itself or in how it was asked, and what to do about it.
public struct MartletError: Error, Sendable, CustomStringConvertible {
  /// The kind of error, for programs that want to react to it.
  ///
  /// Later versions may add kinds: a `switch` over them needs a `default`.
  public struct Code: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    /// The name of the kind, as `invalidArgument`.
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// A setting that cannot be: a master such as `local[0]`, a batch interval of zero.
    public static let invalidConfiguration = Code(rawValue: "invalidConfiguration")
    /// An argument that an operation cannot work with.
    public static let invalidArgument = Code(rawValue: "invalidArgument")
    /// A call in the wrong state: an operation after `start()`, a second active context.
    public static let invalidState = Code(rawValue: "invalidState")
    /// An action inside a task's closure.
    public static let nestedAction = Code(rawValue: "nestedAction")
    /// An empty collection where an element was asked for.
    public static let emptyCollection = Code(rawValue: "emptyCollection")
    /// A file, folder or socket that cannot be read or written.
    public static let inputOutput = Code(rawValue: "inputOutput")
    /// Data that cannot be read back as what it should be.
    public static let corruptData = Code(rawValue: "corruptData")
    /// The job was stopped before its end.
    public static let cancelled = Code(rawValue: "cancelled")
    /// The system has no more threads to give.
    public static let resourcesExhausted = Code(rawValue: "resourcesExhausted")
  }

  /// The kind of error.
  public let code: Code
  /// What happened, where, and what to do about it.
  public let message: String
  /// The error that led to this one, if there was one. `message` says what it was.
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
  /// The same error in other words.
  package func worded(_ message: String) -> MartletError { MartletError(code, message, underlying: underlying) }

  /// The failure of a system call, in words: `what` and the system's own message.
  package static func system(_ what: String, errno code: Int32) -> MartletError {
    MartletError(.inputOutput, "\(what): \(String(cString: strerror(code))) (errno \(code))")
  }
}

/// The result of `body`; a `MartletError` that it throws is told with `what` before it.
package func explaining<Result>(_ what: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as MartletError {
    throw error.worded("\(what()): \(error.message)")
  }
}
