#if CommandLineTool
  import MartletCore
  import MartletSQL
  import Synchronization

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// A thread that watches the running statement: it shows the progress of long ones, and stops them on Ctrl-C.
  final class StatementWatch: Sendable {
    private struct Running {
      var start: MonotonicTime
      var isShown = false
      /// True if results are being written, among which progress would be in the way.
      var isSilent = false
    }

    private let session: SparkSession
    private let signals: SignalPipe
    private let showsProgress: Bool
    private let running = Mutex<Running?>(nil)
    private let isInterrupted = Atomic<Bool>(false)
    private let thread = Mutex<WorkerThread?>(nil)

    /// Bytes in the pipe, apart from the numbers of signals.
    private enum Message {
      static let change: UInt8 = 200
      static let end: UInt8 = 201
    }

    /// - Parameters:
    ///   - stopsOnInterrupt: whether SIGINT stops the statement and not the process, from now on.
    ///   - showsProgress: whether standard error is a terminal that can show progress.
    /// - Throws: `MartletError` if the process has no threads or descriptors left.
    init(_ session: SparkSession, stopsOnInterrupt: Bool, showsProgress: Bool) throws {
      self.session = session
      self.showsProgress = showsProgress
      signals = try SignalPipe()
      if showsProgress { session.trackProgress() }
      if stopsOnInterrupt { signals.take(SIGINT) }
      let thread = try WorkerThread(starting: "martlet-watch") { [self] in while wait() {} }
      self.thread.withLock { $0 = thread }
    }

    /// Ends the thread.
    func stop() {
      signals.send(Message.end)
      _ = thread.withLock { $0 }?.join(before: .now + .seconds(10))
    }

    /// Runs a statement, which Ctrl-C stops.
    func run<Result>(_ statement: () throws -> Result) throws -> Result {
      isInterrupted.store(false, ordering: .relaxed)
      running.withLock { $0 = Running(start: .now) }
      signals.send(Message.change)
      defer {
        hideProgress()
        running.withLock { $0 = nil }
      }
      return try statement()
    }

    /// Throws if Ctrl-C was pressed since the statement began.
    func check() throws {
      if isInterrupted.load(ordering: .relaxed) { throw MartletError(.cancelled, "The statement was stopped.") }
    }

    /// Removes the progress from the screen, for results that follow.
    func hideProgress() {
      running.withLock { running in
        if running?.isShown == true { writeProgress("\r\u{1B}[K") }
        running?.isShown = false
        running?.isSilent = true
      }
    }

    // MARK: The thread

    /// Waits for a change, and looks at the statement; returns `false` at the end.
    private func wait() -> Bool {
      let isRunning = running.withLock { $0 != nil }
      var entry = pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, isRunning ? 100 : -1) > 0 {
        let messages = signals.drain()
        if messages.contains(Message.end) { return false }
        if messages.contains(UInt8(SIGINT)), running.withLock({ $0 != nil }) {
          isInterrupted.store(true, ordering: .relaxed)
        }
      }
      running.withLock { running in
        guard let statement = running else { return }
        // Again and again: a statement may be between two queries.
        if isInterrupted.load(ordering: .relaxed) { session.interruptQueries() }
        let elapsed = Double(MonotonicTime.now.nanoseconds - statement.start.nanoseconds) / 1e9
        guard showsProgress, !statement.isSilent, elapsed >= 1 else { return }
        running?.isShown = true
        writeProgress("\r" + Self.line(session.queryProgress, seconds: elapsed) + "\u{1B}[K")
      }
      return true
    }

    private func writeProgress(_ text: String) { _ = StandardDescriptors.write(text, to: STDERR_FILENO) }

    /// The line that shows progress, such as ` 42 % ████████▍            3.1 s`.
    static func line(_ progress: Double?, seconds: Double) -> String {
      let time = "\(Int(seconds)).\(Int(seconds * 10) % 10) s"
      guard let progress, progress > 0 else { return "running, \(time)" }
      let percent = "\(Int(progress * 100))"
      let width = 20
      let bar = BarScale(lowest: 0, highest: 1, width: width).bar(progress)
      return String(repeating: " ", count: max(0, 3 - percent.count)) + "\(percent) % \(bar)"
        + String(repeating: " ", count: width - bar.count) + " \(time)"
    }
  }
#endif
