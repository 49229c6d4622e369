#if CommandLineTool
  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// Facts about the terminal of the process.
  enum Terminal {
    /// A Boolean value that indicates whether entries can be edited: both standard input and standard output are a terminal,
    /// and not one without a cursor.
    static var canEdit: Bool {
      let kind = getenv("TERM").map { String(cString: $0) } ?? ""
      return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && kind != "dumb" && !kind.isEmpty
    }

    /// The columns and rows of the terminal of a descriptor; those of the variables `COLUMNS` and `LINES`, or 80 and 24, if it
    /// has none.
    static func size(_ descriptor: Int32 = STDOUT_FILENO) -> (width: Int, height: Int) {
      var size = winsize()
      func variable(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
      }
      guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
        return (variable("COLUMNS") ?? 80, variable("LINES") ?? 24)
      }
      return (Int(size.ws_col), max(2, Int(size.ws_row)))
    }
  }
#endif
