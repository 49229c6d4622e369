#if CommandLineTool
  import ArgumentParser
  import MartletCore

  /// The options of the commands that run SQL.
  struct SQLOptions: ParsableArguments {
    @Option(name: .short, help: ArgumentHelp("Run these statements. May be repeated.", valueName: "statements"))
    var commands: [String] = []
    @Option(
      name: .short,
      help: ArgumentHelp(
        "Run the statements in this file, before those of -c; - is standard input.", valueName: "file"))
    var file: String?
    @Option(
      help:
        "The form of the results: table, csv, json for one object in each line, chart for bars, or arrow for a stream of Arrow."
    )
    var format = ResultFormat.table
    @Option(
      help: ArgumentHelp(
        "Give a file, or all files that a pattern names, a name in SQL. The last part of their names is the format: csv, "
          + "whose first line names the columns, json or parquet. May be repeated.", valueName: "name=path.csv"))
    var view: [String] = []
    @Option(help: "The threads to run on: local[N], or local[*] for one per processor.") var master = "local[*]"

    func validate() throws {
      for view in view { _ = try ViewFile(argument: view) }
    }
  }
#endif
