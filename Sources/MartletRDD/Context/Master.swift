import MartletCore

/// Where a program runs: `local[N]`, N threads of this process.
public struct Master: Sendable, Equatable {
  /// Threads for receivers and tasks together.
  public let threads: Int

  /// Reads `local` (one thread), `local[N]` or `local[*]` (as many as there are processors for this process: those
  /// that it is bound to, and of a container's limit every part counts as a whole one).
  ///
  /// - Throws: `MartletError` that says what is accepted.
  public init(_ text: String) throws {
    let accepted =
      "Use 'local' for one thread, 'local[N]' for N threads (N from 1 to 4096), or 'local[*]' for one per processor."
    if text == "local" {
      threads = 1
    } else if text == "local[*]" {
      threads = MachineLimits.current.processors
    } else if text.hasPrefix("local["), text.hasSuffix("]"), let count = Int(text.dropFirst(6).dropLast()) {
      guard count >= 1 else {
        throw MartletError(.invalidConfiguration, "The master '\(text)' has no thread to run on. \(accepted)")
      }
      guard count <= 4096 else {
        throw MartletError(.invalidConfiguration, "The master '\(text)' asks for too many threads. \(accepted)")
      }
      threads = count
    } else {
      throw MartletError(.invalidConfiguration, "The master '\(text)' is not known. \(accepted)")
    }
  }
}
