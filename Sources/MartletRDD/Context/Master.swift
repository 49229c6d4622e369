import MartletCore

/// The place where a program runs: `local[N]`, N threads of this process.
public struct Master: Sendable, Equatable {
  /// The number of threads for receivers and tasks together.
  public let threads: Int

  /// Parses `local` (one thread), `local[N]` or `local[*]` (one thread for each processor of this process: those that
  /// it is bound to, up to the limit of its container, rounded up).
  ///
  /// - Throws: `MartletError` with the accepted values.
  public init(_ text: String) throws {
    let accepted =
      "Use 'local' for one thread, 'local[N]' for N threads (N from 1 to 4096), or 'local[*]' for one thread per processor."
    if text == "local" {
      threads = 1
    } else if text == "local[*]" {
      threads = MachineLimits.current.processors
    } else if text.hasPrefix("local["), text.hasSuffix("]"), let count = Int(text.dropFirst(6).dropLast()) {
      guard count >= 1 else {
        throw MartletError(.invalidConfiguration, "The master '\(text)' has no thread to run on. \(accepted)")
      }
      guard count <= 4096 else {
        throw MartletError(.invalidConfiguration, "The master '\(text)' has too many threads. \(accepted)")
      }
      threads = count
    } else {
      throw MartletError(.invalidConfiguration, "The master '\(text)' is not known. \(accepted)")
    }
  }
}
