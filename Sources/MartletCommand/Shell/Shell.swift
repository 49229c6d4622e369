#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// The interactive shell: reads entries from the terminal until Ctrl-D or `.quit`, and runs their statements.
  struct Shell {
    private static let prompt = "martlet> "
    private static let continuation = "    ...> "

    private let runner: StatementRunner

    init(_ runner: StatementRunner) { self.runner = runner }

    /// Runs the shell. A statement that fails does not end it.
    func run() throws {
      if Terminal.canEdit { try edit() } else { try readLines() }
    }

    // MARK: With a line editor

    private func edit() throws {
      show("Martlet SQL. Statements end with a semicolon; .help lists the commands, and Ctrl-D ends the shell.\n")
      var history = History(path: History.standardPath())
      var problem = history.problem
      var reader = try EntryReader(prompt: Self.prompt, continuation: Self.continuation)
      let completion = completion
      while !runner.hasQuit {
        if let text = problem { complain(text) }
        problem = nil
        let editor = LineEditor(
          history: history.entries, isComplete: Self.isComplete, complete: completion.completion)
        switch try reader.read(editor) {
        case .end: return
        case .abandoned: break
        case .text(let entry):
          let known = history.problem
          history.append(entry)
          if known == nil { problem = history.problem }
          try runEntry(ScriptReader(entry))
        }
      }
    }

    /// Returns true if Enter ends an entry: after a semicolon, and in a command.
    static func isComplete(_ entry: String) -> Bool {
      ScriptReader.command(entry.utf8) != nil || StatementSplitter.isComplete(entry)
    }

    private var completion: SQLCompletion {
      let spark = runner.spark
      return SQLCompletion(
        views: { spark.relationNames }, columns: { spark.columns(ofView: $0)?.names ?? [] },
        functions: SparkSession.functionNames, keywords: SparkSession.keywords, paths: Self.paths)
    }

    /// The paths that begin with a text; folders end with a slash.
    private static func paths(_ prefix: String) -> [String] {
      let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
      guard let entries = try? Folder.entries(folder.isEmpty ? "." : folder) else { return [] }
      let isHidden = prefix.dropFirst(folder.count).hasPrefix(".")
      return entries.filter { $0.isUTF8 && $0.name.hasPrefix(".") == isHidden }
        .map { folder + $0.name + ($0.isFolder ? "/" : "") }
    }

    // MARK: Without one

    /// Reads lines as the terminal gives them.
    private func readLines() throws {
      let (prompt, continuation) = (Self.prompt, Self.continuation)
      var script = ScriptReader(descriptor: STDIN_FILENO) { isInsideStatement in
        _ = StandardDescriptors.write(isInsideStatement ? continuation : prompt, to: STDERR_FILENO)
      }
      while !runner.hasQuit, let item = try script.next() {
        try report { try runner.run(item) }
      }
    }

    // MARK: Entries

    /// Runs the statements of an entry until one fails.
    private func runEntry(_ script: ScriptReader) throws { try report { try runner.run(script) } }

    /// Shows an error. Only one of the terminal itself ends the shell.
    private func report(_ body: () throws -> Void) throws {
      do { try body() } catch let code as ExitCode {
        throw code
      } catch { complain(StatementRunner.message(of: error, namesStatement: false)) }
    }

    private func show(_ text: String) { _ = StandardDescriptors.write(text, to: STDOUT_FILENO) }
  }
#endif
