#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// Returns the result of `body`. If it throws, the error is printed on standard error and the process ends with status 1.
///
/// Swift reports an error that leaves a program's top level as a crash. Programs that want the message alone write
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

/// Returns the result of `body`. If it throws, the error is printed on standard error and the process ends with status 1.
@discardableResult
public func exitOnError<Result>(_ body: () throws -> Result) -> Result {
  do { return try body() } catch { exit(printing: error) }
}

private func exit(printing error: any Error) -> Never {
  writeToStandardError("\(error)\n")
  exit(1)
}
