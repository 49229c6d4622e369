#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sql", abstract: "Runs statements of SQL, or a shell for them.",
      discussion: """
        The statements are those of Spark SQL; docs/sql.md has the differences. Semicolons separate them. They run in \
        order, in one session, and the first one that fails ends the command with status 2. Without -c and -f, they are \
        read from standard input; on a terminal, the command is a shell.
        """)

    @OptionGroup var options: SQLOptions
    @Option(
      help: ArgumentHelp(
        "Make the contents of a checkpoint the tables NAME_state, NAME_operators and so on. May be repeated.",
        valueName: "name=folder"))
    var checkpoint: [String] = []

    func validate() throws {
      for checkpoint in checkpoint { _ = try CheckpointTables.parts(of: checkpoint) }
    }

    func run() throws {
      var isDamaged = false
      try SQLProgram(options).run { spark in
        for checkpoint in checkpoint {
          let (name, folder) = try CheckpointTables.parts(of: checkpoint)
          let tables = try CheckpointTables(folder)
          isDamaged = isDamaged || !tables.problems.isEmpty
          try tables.register(in: spark, prefix: "\(name)_")
        }
      }
      if isDamaged { throw ExitCode(2) }
    }
  }
#endif
