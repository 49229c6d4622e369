/// What went wrong in Martlet itself or in how it was asked, and what to do about it.
public struct MartletError: Error, Sendable, CustomStringConvertible {
  /// The kind of error, for programs that want to react to it.
  public enum Code: String, Sendable {
    /// A setting that cannot be: a master such as `local[0]`, a batch interval of zero.
    case invalidConfiguration
    /// An argument that an operation cannot work with.
    case invalidArgument
    /// A call in the wrong state: an operation after `start()`, a second active context.
    case invalidState
    /// An action inside a task's closure.
    case nestedAction
    /// An empty collection where an element was asked for.
    case emptyCollection
    /// A file, folder or socket that cannot be read or written.
    case inputOutput
    /// Data that cannot be read back as what it should be.
    case corruptData
    /// The job was stopped before its end.
    case cancelled
    /// The system has no more threads to give.
    case resourcesExhausted
  }

  public let code: Code
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
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
  /// The failure of a system call, in words: `what` and the system's own message.
  package static func system(_ what: String, errno code: Int32) -> MartletError {
    MartletError(.inputOutput, "\(what): \(String(cString: strerror(code))) (errno \(code))")
  }
}

/// The result of `body`; a `MartletError` that it throws is told with `what` before it.
package func explaining<Result>(_ what: @autoclosure () -> String, _ body: () throws -> Result) throws -> Result {
  do { return try body() } catch let error as MartletError {
    throw MartletError(error.code, "\(what()): \(error.message)")
  }
}
