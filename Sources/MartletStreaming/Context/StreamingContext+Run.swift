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
  /// Starts the context and runs it until it is stopped: by `stop()`, by SIGTERM, SIGINT or SIGHUP, by the end of
  /// `duration`, or by canceling the task. Signals, the duration and cancellation stop it gracefully: everything that
  /// has arrived is processed. A second signal, half a second after the first or later, ends the process at once. A
  /// signal that is ignored when `run` is called, such as SIGHUP under `nohup`, stays ignored.
  ///
  /// It can be called once: a second call throws, even while the first one runs. `awaitTermination` waits for the end
  /// of a running context.
  ///
  /// ```swift
  /// let report = try await ssc.run()
  /// print("Processed \(report).")
  /// ```
  /// - Parameters:
  ///   - duration: the time to run; forever by default.
  ///   - stopOnSignals: true if SIGTERM, SIGINT and SIGHUP stop the context.
  /// - Returns: a report of the processed batches and records.
  /// - Throws: the errors of `start()` and `awaitTermination()`, such as `IncompleteStop` if the graceful stop ran out
  ///   of time and has lost records. With a checkpoint nothing is lost: `unfinished` of the report describes the work
  ///   that the next start will continue with.
  @discardableResult
  public func run(
    for duration: Duration? = nil, stopOnSignals: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) async throws -> StreamingReport {
    let site = OperatorSite("run", file, line)
    try lifecycle.refuseSecondRun(site)
    let signals = stopOnSignals ? try StopSignals { [self] in endRun() } : nil
    defer { signals?.restore() }
    let isFirst = try lifecycle.beginRun(site)
    do { try start() } catch {
      // A `run` that was asked to end before it began has ended.
      if isFirst && lifecycle.isRunEnded && lifecycle.failure == nil { return progress }
      throw error
    }
    try await withTaskCancellationHandler {
      if let duration {
        stopThread.withLock { $0 }?.add(at: MonotonicTime.now + duration) { [self] in endRun() }
      }
      // In a separate task, which is not canceled, because the stop takes its time.
      try await Task { [self] in try await awaitTermination() }.value
    } onCancel: {
      endRun()
    }
    return progress
  }

  /// Makes `run` return when everything that has been received is processed, even if it has not begun yet.
  package func endRun() {
    lifecycle.noteRunEnded()
    requestStop(gracefully: true)
  }
}

/// Turns SIGTERM, SIGINT and SIGHUP into calls of a closure, until `restore` is called. Ignored signals stay ignored:
/// the parent process wants this, such as `nohup`, or a shell for background jobs.
///
/// Half a second after the first signal they have their usual effect again. Until then several signals count as one:
/// `timeout` and many terminals signal a process and its group, and send two at once.
///
/// If there are several of these objects, the last one that is not restored is notified: one whose `run` is refused,
/// because another context is active, returns the signals to the one that runs.
private final class StopSignals: Sendable {
  private let writeEnd: Int32
  /// True if this object no longer changes the signals' actions.
  private let isRestored = Mutex(false)

  /// - Throws: `MartletError` if the system has no threads or descriptors left.
  init(_ onSignal: @escaping @Sendable () -> Void) throws {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let status = Glibc.pipe(&ends)
    #elseif canImport(Musl)
      let status = Musl.pipe(&ends)
    #else
      let status = Darwin.pipe(&ends)
    #endif
    // Otherwise signals would be caught without anything being notified.
    guard status == 0 else { throw MartletError.system("Cannot create a pipe for signals", errno: errno) }
    writeEnd = ends[1]
    do { try start(reading: ends[0], onSignal) } catch {
      for end in ends { close(end) }
      throw error
    }
    takenSignals.withLock { taken in
      taken.writeEnds.append(writeEnd)
      signalPipe.store(writeEnd, ordering: .releasing)
      guard taken.writeEnds.count == 1 else { return }
      taken.previous = stopSignals.compactMap { number in Self.take(number).map { (number, $0) } }
    }
  }

  /// Installs the handler for a signal; returns the previous action, or `nil` if the signal is ignored and stays so.
  private static func take(_ number: Int32) -> SignalAction? {
    var old = sigaction()
    sigaction(number, nil, &old)
    #if canImport(Darwin)
      let handler = old.__sigaction_u.__sa_handler
    #else
      let handler = old.__sigaction_handler.sa_handler
    #endif
    // Addresses of functions cannot be compared in another way.
    if unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { return nil }
    var action = sigaction()
    #if canImport(Darwin)
      action.__sigaction_u.__sa_handler = handleStopSignal
    #else
      action.__sigaction_handler.sa_handler = handleStopSignal
    #endif
    action.sa_flags = Int32(truncatingIfNeeded: Int(SA_RESTART))
    sigaction(number, &action, nil)
    return SignalAction(value: old)
  }

  /// Starts the thread that calls `onSignal`.
  private func start(reading readEnd: Int32, _ onSignal: @escaping @Sendable () -> Void) throws {
    _ = try WorkerThread(starting: "martlet-signals") { [self] in
      var isFirst = true
      while true {
        var byte: UInt8 = 0
        let got = read(readEnd, &byte, 1)
        if got < 0 && errno == EINTR { continue }
        guard got == 1 && byte == 1 else { break }
        onSignal()
        guard isFirst else { continue }
        isFirst = false
        var end = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        let deadline = MonotonicTime.now + .milliseconds(500)
        // Only the end of this object ends the wait early; further signals are read in the meantime.
        while true {
          let left = (deadline.nanoseconds - MonotonicTime.now.nanoseconds) / 1_000_000
          guard left > 0, poll(&end, 1, Int32(left)) > 0 else { break }
          if read(readEnd, &byte, 1) == 1 && byte == 0 {
            close(readEnd)
            return
          }
        }
        giveUsualEffect()
      }
      // Only now, because a write to a pipe without a reader ends the process.
      close(readEnd)
    }
  }

  /// Makes the next signal end the process.
  private func giveUsualEffect() {
    isRestored.withLock { isRestored in
      if isRestored { return }
      takenSignals.withLock { taken in for (number, _) in taken.previous { signal(number, SIG_DFL) } }
    }
  }

  /// Restores the previous actions of the signals.
  func restore() {
    isRestored.withLock { $0 = true }
    takenSignals.withLock { taken in
      taken.writeEnds.removeAll { $0 == writeEnd }
      signalPipe.store(taken.writeEnds.last ?? -1, ordering: .releasing)
      guard taken.writeEnds.isEmpty else { return }
      for (number, action) in taken.previous {
        var action = action.value
        sigaction(number, &action, nil)
      }
      taken.previous = []
    }
    var byte: UInt8 = 0
    _ = write(writeEnd, &byte, 1)
    close(writeEnd)
  }
}

private let stopSignals = [SIGTERM, SIGINT, SIGHUP]

private struct SignalAction: @unchecked Sendable {
  // Sendable: an immutable value; its pointer is that of a handler, a function.
  var value: sigaction
}

/// The pipes of all objects that handle signals, of which the last is notified, and the actions of the signals before
/// the first.
private let takenSignals = Mutex<(writeEnds: [Int32], previous: [(signal: Int32, action: SignalAction)])>(([], []))

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
