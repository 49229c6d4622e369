#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Synchronization

/// Returns the result of `body`. If it throws, the error is printed to standard error and the process ends with status
/// 1.
///
/// An error that ended a context may already have been logged. If the log goes to the terminal, as it does by default,
/// the message refers to it instead of repeating the error.
///
/// Swift reports an error that leaves a program's top level as a crash. To print only the message, write
///
/// ```swift
/// await exitOnError { try await ssc.run() }
/// ```
@discardableResult
public func exitOnError<Result>(
  isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
) async -> Result {
  do { return try await body() } catch { exit(printing: error) }
}

/// Returns the result of `body`. If it throws, the error is printed to standard error and the process ends with status
/// 1.
@discardableResult
public func exitOnError<Result>(_ body: () throws -> Result) -> Result {
  do { return try body() } catch { exit(printing: error) }
}

private func exit(printing error: any Error) -> Never {
  writeToStandardError(
    LoggedError.isLast(error)
      ? "The program ends with status 1 because of the logged error above.\n" : "\(error)\n")
  exit(1)
}

/// The error that a context has logged last to a standard stream, where readers of the program's messages have seen it.
enum LoggedError {
  private static let last = Mutex<String?>(nil)

  static func note(_ error: any Error) { last.withLock { $0 = "\(error)" } }

  static func isLast(_ error: any Error) -> Bool { last.withLock { $0 } == "\(error)" }
}
