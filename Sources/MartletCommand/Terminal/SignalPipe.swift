// Unsafe code. Invariant: the table of descriptors is allocated once and never freed. A pipe's descriptors stay open as long
// as the process runs, so that a signal handler never writes to another file.

#if CommandLineTool
  import MartletCore

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Signals as bytes that a thread can read, or wait for together with other input. There is one for the process and each
  /// of its purposes.
  struct SignalPipe: Sendable {
    /// The end to wait for and to read.
    let readEnd: Int32
    private let writeEnd: Int32

    /// - Throws: `MartletError` if the process has no descriptors left.
    init() throws {
      var ends: [Int32] = [-1, -1]
      #if canImport(Glibc)
        let status = Glibc.pipe(&ends)
      #elseif canImport(Musl)
        let status = Musl.pipe(&ends)
      #else
        let status = Darwin.pipe(&ends)
      #endif
      guard status == 0 else { throw MartletError.system("Cannot create a pipe for signals", errno: errno) }
      (readEnd, writeEnd) = (ends[0], ends[1])
      for end in ends {
        _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        _ = fcntl(end, F_SETFL, O_NONBLOCK)
      }
    }

    /// Turns a signal into its number in the pipe, for the rest of the process. A signal that is ignored stays ignored.
    func take(_ signal: Int32) {
      var action = sigaction()
      sigaction(signal, nil, &action)
      if SignalActions.isIgnored(action) { return }
      signalWriteEnds[Int(signal)] = writeEnd
      SignalActions.install(signal, writeSignal)
    }

    /// Writes a byte that is no number of a signal.
    func send(_ byte: UInt8) {
      var byte = byte
      _ = write(writeEnd, &byte, 1)
    }

    /// The bytes that are there.
    func drain() -> [UInt8] {
      var all: [UInt8] = []
      var bytes = [UInt8](repeating: 0, count: 64)
      while true {
        let got = read(readEnd, &bytes, bytes.count)
        guard got > 0 else { return all }
        all += bytes.prefix(got)
      }
    }
  }

  /// The pipes of signals, by their numbers.
  nonisolated(unsafe) private let signalWriteEnds: UnsafeMutablePointer<Int32> = {
    let ends = UnsafeMutablePointer<Int32>.allocate(capacity: 65)
    ends.initialize(repeating: -1, count: 65)
    return ends
  }()

  /// Does only what a signal handler may do.
  private func writeSignal(_ number: Int32) {
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(signalWriteEnds[Int(number)], &byte, 1)
    errno = before
  }

  /// The parts of `sigaction` that differ between systems.
  enum SignalActions {
    static func isIgnored(_ action: sigaction) -> Bool {
      #if canImport(Darwin)
        let handler = action.__sigaction_u.__sa_handler
      #else
        let handler = action.__sigaction_handler.sa_handler
      #endif
      // Addresses of functions cannot be compared in another way.
      return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    static func install(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = handler
      #else
        action.__sigaction_handler.sa_handler = handler
      #endif
      action.sa_flags = Int32(truncatingIfNeeded: Int(SA_RESTART))
      sigaction(signal, &action, nil)
    }
  }
#endif
