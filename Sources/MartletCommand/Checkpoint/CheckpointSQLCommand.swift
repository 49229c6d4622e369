#if CommandLineTool
  import ArgumentParser
  import MartletSQL

  struct CheckpointSQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "sql", abstract: "Runs SQL over the contents of a checkpoint.",
      discussion: """
        The tables are checkpoint, inputs, batches, operators, state and segments; docs/recovery.md has their columns. \
        Without -c and -f, statements are read from standard input; on a terminal, the command is a shell. Damage is \
        reported, and the command exits with status 2 in the end.
        """)

    @Argument(help: "The folder of the checkpoint.") var directory: String
    @OptionGroup var options: SQLOptions

    func run() throws {
      var isDamaged = false
      try SQLProgram(options).run { spark in
        let tables = try CheckpointTables(directory)
        isDamaged = !tables.problems.isEmpty
        try tables.register(in: spark)
      }
      if isDamaged { throw ExitCode(2) }
    }
  }
#endif
