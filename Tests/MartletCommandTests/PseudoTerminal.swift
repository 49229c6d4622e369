// Unsafe code. Invariant: the descriptor is closed once, after the thread that reads it has ended.

#if CommandLineTool && os(Linux)
  import Foundation
  import Synchronization
  import Testing

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #endif

  /// A program on a terminal of its own, which is `martlet` with some arguments, and what its user sees and types.
  final class PseudoTerminal: Sendable {
    private let controller: Int32
    private let process: pid_t
    private let output: Output
    private let reader = DispatchGroup()
    private let hasEnded = Mutex(false)

    /// What the program has written.
    private final class Output: Sendable {
      let seen: Mutex<(screen: VirtualTerminal, text: String)>
      /// True when nothing more is to be read.
      let isDone = Mutex(false)

      init(width: Int, height: Int) { seen = Mutex((VirtualTerminal(width: width, height: height), "")) }
    }

    /// - Parameter environment: additions to the environment of this process.
    init(_ arguments: [String], environment: [String: String], width: Int = 80, height: Int = 24) throws {
      output = Output(width: width, height: height)
      var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
      var ends: (controller: Int32, program: Int32) = (-1, -1)
      try #require(openpty(&ends.controller, &ends.program, nil, nil, &size) == 0)
      controller = ends.controller
      for end in [ends.controller, ends.program] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      let path = String(cString: try #require(ttyname(ends.program)))
      // Until the program has opened the terminal, which would otherwise have ended.
      defer { close(ends.program) }

      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawnattr_init(&attributes)
      defer {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
      }
      // The first terminal that the leader of a session opens is its own, whose keys send it signals. The threads that run
      // tests block signals, and would pass that on.
      var noSignals = sigset_t()
      sigemptyset(&noSignals)
      posix_spawnattr_setsigmask(&attributes, &noSignals)
      posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))
      posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
      let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      let program = programPath("martlet")
      var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
      var variables: [UnsafeMutablePointer<CChar>?] = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
      defer { for text in words + variables { free(text) } }
      var child: pid_t = 0
      try #require(posix_spawn(&child, program, &actions, &attributes, &words, &variables) == 0)
      process = child
      DispatchQueue(label: "pseudo-terminal").async(group: reader) { [controller, output] in
        Self.read(controller, output)
      }
    }

    deinit {
      if !hasEnded.withLock({ $0 }) {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
      }
      // Another process may have inherited the terminal, and keep it open.
      output.isDone.withLock { $0 = true }
      reader.wait()
      close(controller)
    }

    private static func read(_ controller: Int32, _ output: Output) {
      var bytes = [UInt8](repeating: 0, count: 4096)
      var rest: [UInt8] = []
      while true {
        var entry = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, 50) <= 0 {
          if output.isDone.withLock({ $0 }) { return }
          continue
        }
        let got = systemRead(controller, &bytes, bytes.count)
        if got < 0 && errno == EINTR { continue }
        // EIO: the program has ended.
        guard got > 0 else { return }
        rest += bytes.prefix(got)
        // A character may be divided between two reads.
        let whole = rest.lastIndex { $0 < 0x80 }.map { $0 + 1 } ?? 0
        let text = String(decoding: rest[..<whole], as: UTF8.self)
        rest.removeFirst(whole)
        output.seen.withLock { seen in
          seen.screen.write(text)
          seen.text += text
        }
      }
    }

    /// The lines of the screen.
    var lines: [String] { output.seen.withLock { $0.screen.lines } }
    /// Everything that the program has written.
    var text: String { output.seen.withLock { $0.text } }
    /// The sequences that a simple terminal would not understand.
    var unknownSequences: [String] { output.seen.withLock { $0.screen.unknown } }

    /// Sends keys.
    func type(_ keys: String) throws {
      var rest = Array(keys.utf8)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
        try #require(count > 0)
        rest = rest.dropFirst(count)
      }
    }

    func send(_ signal: Int32) { kill(process, signal) }

    /// Changes the size of the terminal, which the program is told by a signal.
    func resize(width: Int, height: Int) throws {
      var size = winsize(ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
      try #require(ioctl(controller, UInt(TIOCSWINSZ), &size) == 0)
    }

    /// True if the terminal passes on each key, and does not show it itself.
    var isRaw: Bool {
      var settings = termios()
      guard tcgetattr(controller, &settings) == 0 else { return false }
      return settings.c_lflag & tcflag_t(ICANON) == 0
    }

    /// Waits until the screen is as it should be.
    func wait(
      for what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: ([String]) throws -> Bool
    ) async throws {
      let deadline = ContinuousClock.now + .seconds(120)
      while try !condition(lines) {
        if ContinuousClock.now >= deadline {
          Issue.record("No \(what) on the screen:\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
          throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
      }
    }

    /// Waits until the last line of the screen is this one.
    func wait(forLast line: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
      try await wait(for: "last line '\(line)'", sourceLocation: sourceLocation) { $0.last == line }
    }

    /// Waits for the end of the program; returns its status, or 128 and the number of the signal that has ended it.
    func end(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int32 {
      let deadline = ContinuousClock.now + .seconds(120)
      var status: Int32 = 0
      while waitpid(process, &status, WNOHANG) == 0 {
        if ContinuousClock.now >= deadline {
          Issue.record("The program does not end:\n\(lines.joined(separator: "\n"))", sourceLocation: sourceLocation)
          throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(5))
      }
      hasEnded.withLock { $0 = true }
      let signal = status & 0x7f
      return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
  }

  private func systemRead(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, bytes, count)
    #else
      Musl.read(descriptor, bytes, count)
    #endif
  }
#endif
