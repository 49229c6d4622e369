#if CommandLineTool
  import MartletSQL

  /// A statement of a script, or a command of the shell.
  enum ScriptItem: Hashable {
    case statement(String)
    /// A line that begins with a period, where no statement has begun.
    case command(String)
  }

  /// The statements and commands of a text that is read in pieces: each is there as soon as it has been read.
  struct ScriptReader {
    /// Reads the next bytes; empty at the end.
    private let read: (_ isInsideStatement: Bool) throws -> [UInt8]
    private var splitter = StatementSplitter()
    /// The lines that are read and not divided yet.
    private var rest: [UInt8] = []
    private var position = 0
    private var hasEnded = false

    init(read: @escaping (_ isInsideStatement: Bool) throws -> [UInt8]) { self.read = read }

    /// The reader of a whole text.
    init(_ text: String) {
      var bytes = Array(text.utf8)
      read = { _ in
        defer { bytes = [] }
        return bytes
      }
    }

    /// The next statement or command; `nil` at the end.
    mutating func next() throws -> ScriptItem? {
      while true {
        if let statement = splitter.next() { return .statement(statement) }
        if let line = try nextLine() {
          if !splitter.isInsideStatement, let command = Self.command(line) {
            // Lines are counted for errors.
            splitter.append([10])
            return .command(command)
          }
          splitter.append(line)
        } else {
          let last = splitter.finish()
          splitter = StatementSplitter()
          return last.map { .statement($0) }
        }
      }
    }

    /// The command in a line, if there is one.
    static func command(_ line: some Sequence<UInt8>) -> String? {
      let text = String(decoding: Array(line), as: UTF8.self)
      guard text.first(where: { !$0.isWhitespace }) == "." else { return nil }
      var command = Substring(text).drop { $0.isWhitespace }
      while command.last?.isWhitespace == true || command.last == ";" { command.removeLast() }
      return String(command)
    }

    /// The next line with its line feed, which the last one may lack; `nil` at the end.
    private mutating func nextLine() throws -> ArraySlice<UInt8>? {
      var searched = position
      while true {
        if let end = rest[searched...].firstIndex(of: 10) {
          defer { position = end + 1 }
          return rest[position...end]
        }
        if hasEnded {
          defer { position = rest.count }
          return position < rest.count ? rest[position...] : nil
        }
        rest.removeFirst(position)
        searched = rest.count
        position = 0
        let more = try read(splitter.isInsideStatement || !rest.isEmpty)
        hasEnded = more.isEmpty
        rest += more
      }
    }
  }
#endif
