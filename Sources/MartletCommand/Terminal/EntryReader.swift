#if CommandLineTool
  import MartletCore

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Reads entries from the terminal: bytes to a `KeyDecoder`, keys to a `LineEditor`, its drawings to the screen.
  struct EntryReader {
    enum Entry: Hashable {
      case text(String)
      /// Ctrl-C.
      case abandoned
      /// Ctrl-D, or the end of the terminal.
      case end
    }

    private let signals: SignalPipe
    private var screen: EditorScreen
    private var decoder = KeyDecoder()
    /// Keys that were typed before they could be taken.
    private var keys: [Key] = []

    /// - Throws: `MartletError` if the process has no descriptors left.
    init(prompt: String, continuation: String) throws {
      signals = try SignalPipe()
      screen = EditorScreen(prompt: prompt, continuation: continuation)
      // The terminal has another size, or its usual mode after the process was stopped.
      for signal in [SIGWINCH, SIGCONT] { signals.take(signal) }
    }

    /// Reads an entry. The terminal is in its usual mode before and after.
    mutating func read(_ editor: LineEditor) throws -> Entry {
      var editor = editor
      try RawMode.enter(STDIN_FILENO)
      defer { RawMode.leave() }
      screen.forget()
      draw(editor)
      while true {
        while keys.isEmpty {
          switch try wait() {
          case .input(let bytes):
            if bytes.isEmpty { return leave(.end) }
            keys = decoder.keys(of: bytes)
          case .silence: keys = decoder.flush().map { [$0] } ?? []
          case .signals(let numbers):
            if numbers.contains(UInt8(SIGCONT)) {
              try RawMode.apply(STDIN_FILENO)
              screen.forget()
            }
            draw(editor)
          }
        }
        // Keys that have arrived together are drawn together.
        var action = LineEditor.Action.redraw
        while action == .redraw, !keys.isEmpty { action = editor.press(keys.removeFirst()) }
        switch action {
        case .redraw: draw(editor)
        case .bell:
          draw(editor)
          show("\u{7}")
        case .submit(let text):
          _ = editor.press(.end)
          draw(editor)
          return leave(.text(text))
        case .interrupt:
          draw(editor)
          return leave(.abandoned)
        case .end: return leave(.end)
        case .clear:
          show(screen.clear())
          draw(editor)
        case .list(let names):
          draw(editor)
          show(screen.leave() + EditorScreen.columns(names, width: Terminal.size().width) + "\r\n")
          draw(editor)
        case .suspend:
          show(screen.leave())
          RawMode.leave()
          kill(getpid(), SIGTSTP)
          try RawMode.enter(STDIN_FILENO)
          draw(editor)
        }
      }
    }

    private mutating func draw(_ editor: LineEditor) {
      let size = Terminal.size()
      show(screen.draw(editor, width: size.width, height: size.height))
    }

    private mutating func leave(_ entry: Entry) -> Entry {
      show(screen.leave())
      return entry
    }

    private func show(_ text: String) { _ = StandardDescriptors.write(text, to: STDOUT_FILENO) }

    // MARK: Waiting

    private enum Event {
      /// Bytes; none at the end of the terminal.
      case input([UInt8])
      case signals([UInt8])
      /// Nothing has followed the beginning of a key.
      case silence
    }

    private func wait() throws -> Event {
      while true {
        var descriptors = [
          pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
          pollfd(fd: signals.readEnd, events: Int16(POLLIN), revents: 0),
        ]
        let ready = poll(&descriptors, 2, decoder.isWaiting ? 50 : -1)
        if ready == 0 { return .silence }
        if ready < 0 {
          if errno == EINTR { continue }
          throw MartletError.system("Cannot wait for the terminal", errno: errno)
        }
        if descriptors[1].revents != 0 { return .signals(signals.drain()) }
        if let bytes = try readAvailable(STDIN_FILENO) { return .input(bytes) }
      }
    }
  }

  /// Reads the bytes that a descriptor has, or waits for some; empty at its end, and `nil` if a signal has ended the call.
  func readAvailable(_ descriptor: Int32) throws -> [UInt8]? {
    let count = 1 << 16
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let got = read(descriptor, buffer.baseAddress, count)
      failure = got < 0 ? errno : 0
      filled = max(0, got)
    }
    switch failure {
    case 0: return bytes
    case EINTR, EAGAIN: return nil
    // The other end of a pseudo-terminal is closed.
    case EIO: return []
    default: throw MartletError.system("Cannot read standard input", errno: failure)
    }
  }
#endif
