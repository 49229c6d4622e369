// Unsafe code. Invariant: the saved settings and actions are allocated once, and are written only while `rawTerminal` is -1,
// by the one thread that reads the terminal; handlers read them only after they have found another value.

#if CommandLineTool
  import MartletCore
  import Synchronization

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The mode in which a terminal passes on each key as it is. The usual mode is restored by `leave`, and before a signal ends
  /// the process, also that of a crash.
  enum RawMode {
    /// Signals that end the process.
    private static let signals = [SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE]

    /// Enters the mode, with marks around text that is pasted.
    /// - Throws: `MartletError` if the terminal is gone.
    static func enter(_ terminal: Int32) throws {
      guard rawTerminal.load(ordering: .acquiring) < 0 else { return }
      guard tcgetattr(terminal, savedSettings) == 0 else {
        throw MartletError.system("Cannot read the settings of the terminal", errno: errno)
      }
      for signal in signals {
        sigaction(signal, nil, savedActions + Int(signal))
        if !SignalActions.isIgnored(savedActions[Int(signal)]) { SignalActions.install(signal, restoreAndRaise) }
      }
      rawTerminal.store(terminal, ordering: .releasing)
      try apply(terminal)
      _ = StandardDescriptors.write("\u{1B}[?2004h", to: STDOUT_FILENO)
    }

    /// Enters the mode again, after another process has changed it.
    static func apply(_ terminal: Int32) throws {
      var settings = savedSettings.pointee
      cfmakeraw(&settings)
      // Line feeds of other writers still begin a line.
      settings.c_oflag |= tcflag_t(OPOST)
      guard tcsetattr(terminal, TCSANOW, &settings) == 0 else {
        throw MartletError.system("Cannot change the settings of the terminal", errno: errno)
      }
    }

    static func leave() {
      let terminal = rawTerminal.exchange(-1, ordering: .acquiringAndReleasing)
      guard terminal >= 0 else { return }
      tcsetattr(terminal, TCSANOW, savedSettings)
      for signal in signals { sigaction(signal, savedActions + Int(signal), nil) }
      _ = StandardDescriptors.write("\u{1B}[?2004l", to: STDOUT_FILENO)
    }
  }

  /// The terminal that is in raw mode; -1 if there is none.
  private let rawTerminal = Atomic<Int32>(-1)

  nonisolated(unsafe) private let savedSettings: UnsafeMutablePointer<termios> = {
    let settings = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    settings.initialize(to: termios())
    return settings
  }()

  /// The actions of signals before the mode was entered, by their numbers.
  nonisolated(unsafe) private let savedActions: UnsafeMutablePointer<sigaction> = {
    let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
    actions.initialize(repeating: sigaction(), count: 65)
    return actions
  }()

  /// Does only what a signal handler may do. The signal is raised again when it returns, and has its usual effect.
  private func restoreAndRaise(_ number: Int32) {
    let before = errno
    let terminal = rawTerminal.exchange(-1, ordering: .acquiringAndReleasing)
    if terminal >= 0 { tcsetattr(terminal, TCSANOW, savedSettings) }
    sigaction(number, savedActions + Int(number), nil)
    raise(number)
    errno = before
  }
#endif
