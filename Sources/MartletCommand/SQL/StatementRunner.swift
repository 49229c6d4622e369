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

  /// Runs statements in one session and writes their results to standard output.
  final class StatementRunner {
    let spark: SparkSession
    var format: ResultFormat
    /// Whether to show how long each statement took.
    var showsTime = false
    /// True after `.quit`.
    private(set) var hasQuit = false
    private let watch: StatementWatch?
    private var number: UInt = 0
    /// The number of files that are being read by `.read`, one from within the other.
    private var depth = 0

    init(_ spark: SparkSession, format: ResultFormat, watch: StatementWatch?) {
      self.spark = spark
      self.format = format
      self.watch = watch
    }

    /// Runs all statements and commands of a script.
    /// - Throws: the error of the first one that fails.
    func run(_ script: ScriptReader) throws {
      var script = script
      while !hasQuit, let item = try script.next() { try run(item) }
    }

    func run(_ item: ScriptItem) throws {
      switch item {
      case .statement(let statement): try run(statement: statement)
      case .command(let line): try run(ShellCommand(line))
      }
    }

    // MARK: Statements

    private func run(statement: String) throws {
      number += 1
      let start = MonotonicTime.now
      let rows = try watch.map { watch in try watch.run { try writeResult(statement) } } ?? writeResult(statement)
      guard showsTime else { return }
      let seconds = Double(MonotonicTime.now.nanoseconds - start.nanoseconds) / 1e9
      let fetched = rows.map { ", fetched \($0) \($0 == 1 ? "row" : "rows")" } ?? ""
      complain("Time taken: \((seconds * 1000).rounded() / 1000) seconds\(fetched)")
    }

    /// Writes the rows of a statement; returns their number, or `nil` for a statement that has no columns.
    private func writeResult(_ statement: String) throws -> Int? {
      let result = try spark.sql(statement, file: "statement", line: number)
      if format == .arrow { return try writeArrow(result) }
      let output = ResultOutput(width: Terminal.size().width, write: write)
      let rows = try result.toLocalIterator(file: "statement", line: number)
      guard !rows.schema.fields.isEmpty else { return nil }
      guard var writer = try format.writer(rows.schema, spark.valueText, output) else { return nil }
      var count = 0
      while let row = try rows.next() {
        try watch?.check()
        try writer.write(row)
        count += 1
      }
      try writer.finish()
      try output.flush()
      return count
    }

    /// Writes a result as a stream of Arrow; the number of its rows is not known.
    private func writeArrow(_ result: DataFrame) throws -> Int? {
      guard try !result.schema.fields.isEmpty else { return nil }
      guard isatty(STDOUT_FILENO) == 0 else {
        throw MartletError(
          .invalidArgument,
          "A stream of Arrow is not text. Redirect the output to a file or another program, or choose another format.")
      }
      watch?.hideProgress()
      do {
        try result.writeArrowStream(to: STDOUT_FILENO, file: "statement", line: number)
      } catch let error as MartletError {
        try watch?.check()
        var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        // The reader has gone.
        if poll(&output, 1, 0) > 0, output.revents & Int16(POLLERR) != 0 { throw ExitCode(128 + SIGPIPE) }
        throw error
      }
      return nil
    }

    /// Writes results. A reader that has gone, as in `| head`, ends the process as the signal of a broken pipe does.
    private func write(_ text: String) throws {
      watch?.hideProgress()
      guard !StandardDescriptors.write(text, to: STDOUT_FILENO) else { return }
      let code = errno
      if code == EPIPE { throw ExitCode(128 + SIGPIPE) }
      throw MartletError.system("Cannot write to standard output", errno: code)
    }

    // MARK: Commands

    private func run(_ command: ShellCommand) throws {
      switch command {
      case .help: try write(ShellCommand.helpText)
      case .quit: hasQuit = true
      case .mode(nil): try write("\(format.rawValue)\n")
      case .mode(let format?): self.format = format
      case .timing(nil): try write(showsTime ? "on\n" : "off\n")
      case .timing(let isOn?): showsTime = isOn
      case .tables:
        let names = spark.relationNames
        try write(names.isEmpty ? "no views\n" : names.map { withoutControls($0) + "\n" }.joined())
      case .schema(let name):
        guard let schema = spark.columns(ofView: name) else {
          throw MartletError(.invalidArgument, "There is no view '\(name)': .tables lists them.")
        }
        try write(withoutLineBreakingControls(schema.treeString))
      case .read(let path):
        guard depth < 16 else {
          throw MartletError(.invalidArgument, "'\(path)' is not read: the files that read each other are 16 deep.")
        }
        depth += 1
        defer { depth -= 1 }
        try run(ScriptReader(file: path))
      }
    }

    private func withoutLineBreakingControls(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { withoutControls(String($0)) }
        .joined(separator: "\n")
    }

    // MARK: Errors

    /// The message of an error, with the number of the statement, or the option, in place of a line of a program.
    static func message(of error: any Error, namesStatement: Bool = true) -> String {
      let text = (error as? MartletError)?.message ?? "\(error)"
      if (error as? MartletError)?.code == .cancelled { return "The statement was stopped." }
      let named = text.replacing(#/\w+ at statement:(\d+)(: )?/#) { match in
        namesStatement ? "statement \(match.output.1)\(match.output.2 ?? "")" : ""
      }
      return named.replacing(#/\w+ at --view:\d+/#, with: "--view")
    }
  }
#endif
