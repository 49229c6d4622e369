#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Synchronization

/// The only context that is active in this process.
enum ActiveContext {
  private static let active = Mutex<StreamingContext?>(nil)

  static var current: StreamingContext? { active.withLock { $0 } }

  static func take(_ context: StreamingContext) throws {
    try active.withLock { active in
      guard active == nil || active === context else {
        throw MartletError(
          .invalidState,
          """
          Another streaming context is active in this process, and only one can be active at a time. Stop it first, \
          or set up all streams in one context.
          """)
      }
      active = context
    }
  }

  static func leave(_ context: StreamingContext) { active.withLock { if $0 === context { $0 = nil } } }
}

/// Removes a file; returns `false` if it does not exist.
func removeFile(_ path: String) -> Bool { unlink(path) == 0 }

/// Runs `body`, which may block, on a thread of its own, and waits for it without blocking.
///
/// - Throws: the error of `body`; `MartletError` if the system cannot create a thread.
func runOnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    do {
      _ = try WorkerThread(starting: "martlet-wait") { continuation.resume(with: Swift.Result { try body() }) }
    } catch {
      continuation.resume(throwing: error)
    }
  }
}
