#if CommandLineTool
  import MartletCore

  /// Text that goes to standard output in large pieces.
  final class ResultOutput {
    /// The columns of the terminal, for drawings.
    let width: Int
    private let write: (String) throws -> Void
    private var buffer = ""

    /// - Parameter write: writes a text, all of it.
    init(width: Int, write: @escaping (String) throws -> Void) {
      self.width = width
      self.write = write
    }

    func append(_ text: String) throws {
      buffer += text
      if buffer.utf8.count > 1 << 16 { try flush() }
    }

    func flush() throws {
      guard !buffer.isEmpty else { return }
      defer { buffer.removeAll(keepingCapacity: true) }
      try write(buffer)
    }
  }
#endif
