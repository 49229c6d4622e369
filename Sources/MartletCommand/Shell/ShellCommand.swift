#if CommandLineTool
  import MartletCore

  /// A command of the shell itself, such as `.mode csv`.
  enum ShellCommand: Hashable {
    case help, quit, tables
    case mode(ResultFormat?)
    case timing(Bool?)
    case schema(String)
    case read(String)

    /// The names of commands, with their arguments and meanings.
    static let table: [(name: String, argument: String, meaning: String)] = [
      (".help", "", "shows this list"),
      (".mode", "[FORMAT]", "the form of results: \(ResultFormat.names)"),
      (".quit", "", "ends the shell, as Ctrl-D does"),
      (".read", "FILE", "runs the statements in a file"),
      (".schema", "NAME", "the columns of a view"),
      (".tables", "", "the views"),
      (".timing", "[on|off]", "whether to show how long each statement took"),
    ]

    /// Reads a line that begins with a period.
    /// - Throws: `MartletError` with the commands that exist, or the arguments that this one takes.
    init(_ line: String) throws {
      guard let words = shellWords(line), let name = words.first?.lowercased() else {
        throw MartletError(.invalidArgument, "A quote in '\(line)' is not closed.")
      }
      let arguments = Array(words.dropFirst())
      func one() throws -> String {
        guard arguments.count == 1 else { throw Self.usage(name) }
        return arguments[0]
      }
      func optional() throws -> String? { arguments.isEmpty ? nil : try one() }
      switch name {
      case ".help": self = .help
      case ".quit", ".exit": self = .quit
      case ".tables": self = .tables
      case ".schema": self = .schema(try one())
      case ".read": self = .read(try one())
      case ".mode":
        self = .mode(
          try optional().map { text in
            guard let format = ResultFormat(rawValue: text.lowercased()) else {
              throw MartletError(
                .invalidArgument, "There is no format '\(text)': the formats are \(ResultFormat.names).")
            }
            return format
          })
      case ".timing":
        switch try optional()?.lowercased() {
        case nil: self = .timing(nil)
        case "on": self = .timing(true)
        case "off": self = .timing(false)
        default: throw Self.usage(name)
        }
      default:
        let names = Self.table.map(\.name).joined(separator: ", ")
        throw MartletError(.invalidArgument, "There is no command '\(name)': the commands are \(names).")
      }
    }

    private static func usage(_ name: String) -> MartletError {
      let argument = table.first { $0.name == name }?.argument ?? ""
      return MartletError(.invalidArgument, "Write \(name) \(argument).")
    }

    static var helpText: String {
      let width = table.map { "\($0.name) \($0.argument)".count }.max() ?? 0
      let commands = table.map { command in
        let call = "\(command.name) \(command.argument)"
        return "\(call)\(String(repeating: " ", count: width - call.count))  \(command.meaning)\n"
      }
      return commands.joined() + """
        Statements end with a semicolon, and may have several lines. Tab completes keywords and names, the arrow keys \
        and Ctrl-R show earlier entries, and Ctrl-C stops a statement.

        """
    }
  }
#endif
