#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sql", abstract: "Runs statements of SQL.",
      discussion: """
        The statements are those of Spark SQL; docs/sql.md has the differences. Semicolons separate them. They run in \
        order, in one session, and the first one that fails ends the command with status 2.
        """)

    @Option(name: .short, help: ArgumentHelp("Run these statements. May be repeated.", valueName: "statements"))
    var commands: [String] = []
    @Option(name: .short, help: ArgumentHelp("Run the statements in this file, before those of -c.", valueName: "file"))
    var file: String?
    @Option(help: "The form of the results: table, csv, or json for one object in each line.")
    var format = ResultFormat.table
    @Option(
      help: ArgumentHelp(
        "Give a CSV file, whose first line names the columns, a name in SQL. May be repeated.",
        valueName: "name=path.csv"))
    var view: [String] = []
    @Option(help: "The threads to run on: local[N], or local[*] for one per processor.") var master = "local[*]"

    func validate() throws {
      if commands.isEmpty && file == nil {
        throw ValidationError("Give the statements with -c, or a file of statements with -f.")
      }
      for view in view where view.split(separator: "=", maxSplits: 1).count != 2 {
        throw ValidationError("--view is \(view); it must be a name and a path, such as people=people.csv.")
      }
    }

    func run() throws {
      do {
        let text = try file.map { try [contents($0)] } ?? []
        let statements = try (text + commands).flatMap { try SparkSession.statements(of: $0) }
        let spark = try SparkSession.builder.master(master).appName("martlet sql").getOrCreate()
        defer { spark.stop() }
        for view in view {
          let parts = view.split(separator: "=", maxSplits: 1)
          try spark.read.option("header", true).option("inferSchema", true).csv(
            String(parts[1]), file: "--view", line: 1
          )
          .createOrReplaceTempView(String(parts[0]), file: "--view", line: 1)
        }
        for (index, statement) in statements.enumerated() {
          let line = UInt(index + 1)
          let result = try spark.sql(statement, file: "statement", line: line)
          if try !result.columns.isEmpty { try format.write(result, statement: line) }
        }
      } catch {
        complain(message(of: error))
        throw ExitCode(2)
      }
    }

    private func contents(_ path: String) throws -> String {
      let buffer = try SystemFile.read(localPath(path)).readAll()
      // A pipe has no size, and would be taken for an empty file.
      if buffer.bytes.isEmpty {
        throw MartletError(
          .invalidArgument, "\(path) is empty, or not a regular file. It must be a file with statements.")
      }
      return withExtendedLifetime(buffer) { String(decoding: buffer.bytes, as: UTF8.self) }
    }

    /// The message of an error, with the number of the statement, or the option, in place of a line of a program.
    private func message(of error: any Error) -> String {
      let text = (error as? MartletError)?.message ?? "\(error)"
      return text.replacing(#/\w+ at statement:(\d+)/#) { "statement \($0.output.1)" }
        .replacing(#/\w+ at --view:\d+/#, with: "--view")
    }
  }
#endif
