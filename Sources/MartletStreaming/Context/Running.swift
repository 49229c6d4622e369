#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore
import Synchronization

extension StreamingContext {
  /// Starts the context and runs it until it is stopped: by `stop()`, by SIGTERM or SIGINT, by the end of `duration`,
  /// or by cancelling the task. Signals, time and cancelling stop it gracefully: everything that has been received is
  /// processed. A second signal ends the process at once.
  ///
  /// ```swift
  /// let report = try await ssc.run()
  /// print("Processed \(report).")
  /// ```
  /// - Parameters:
  ///   - duration: how long to run; forever if none is given.
  ///   - stopOnSignals: whether to take SIGTERM and SIGINT as a wish to stop.
  /// - Returns: what has been processed.
  /// - Throws: what `start()` and `awaitTermination()` throw.
  @discardableResult
  public func run(for duration: Duration? = nil, stopOnSignals: Bool = true) async throws -> StreamingReport {
    let signals = stopOnSignals ? StopSignals { [self] in requestStop(gracefully: true) } : nil
    defer { signals?.restore() }
    try start()
    try await withTaskCancellationHandler {
      if let duration {
        if try await awaitTerminationOrTimeout(duration) { return }
        requestStop(gracefully: true)
      }
      try await awaitTermination()
    } onCancel: {
      requestStop(gracefully: true)
    }
    return progress
  }
}

/// Turns SIGTERM and SIGINT into calls of a closure, for as long as this object is not restored.
private final class StopSignals: Sendable {
  private let previous: [(signal: Int32, action: SignalAction)]
  private let writeEnd: Int32

  private struct SignalAction: @unchecked Sendable {
    // Sendable: a value, never changed; its pointer is that of a handler, a function.
    var value: sigaction
  }

  init(_ onSignal: @escaping @Sendable () -> Void) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      _ = Glibc.pipe(&ends)
    #elseif canImport(Musl)
      _ = Musl.pipe(&ends)
    #else
      _ = Darwin.pipe(&ends)
    #endif
    writeEnd = ends[1]
    signalPipe.store(ends[1], ordering: .releasing)
    previous = [SIGTERM, SIGINT].map { number in
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = handleStopSignal
      #else
        action.__sigaction_handler.sa_handler = handleStopSignal
      #endif
      // The second signal has its usual effect.
      action.sa_flags = Int32(truncatingIfNeeded: Int(SA_RESETHAND) | Int(SA_RESTART))
      var old = sigaction()
      sigaction(number, &action, &old)
      return (number, SignalAction(value: old))
    }
    let readEnd = ends[0]
    _ = WorkerThread(name: "martlet-signals") {
      var byte: UInt8 = 0
      while true {
        let got = read(readEnd, &byte, 1)
        if got < 0 && errno == EINTR { continue }
        guard got == 1 && byte == 1 else { break }
        onSignal()
      }
      // Only now: a write to a pipe that nobody reads ends the process.
      close(readEnd)
    }
  }

  /// Gives the signals back their former meaning.
  func restore() {
    signalPipe.store(-1, ordering: .releasing)
    for (number, action) in previous {
      var action = action.value
      sigaction(number, &action, nil)
    }
    var byte: UInt8 = 0
    _ = write(writeEnd, &byte, 1)
    close(writeEnd)
  }
}

/// The end of the pipe that the signal handler writes to; -1 if there is none.
private let signalPipe = Atomic<Int32>(-1)

/// Does only what a signal handler may do.
private func handleStopSignal(_ number: Int32) {
  let before = errno
  let descriptor = signalPipe.load(ordering: .acquiring)
  var byte: UInt8 = 1
  if descriptor >= 0 { _ = write(descriptor, &byte, 1) }
  errno = before
}
