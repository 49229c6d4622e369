import ArgumentParser

@main struct SQLBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sql-bench",
    abstract: "Measures MartletSQL, one thing at a time. Prints lines of key=value pairs whose keys end in the unit.",
    subcommands: [
      BidsCommand.self, FrameCommand.self, BatchCommand.self, FunctionCommand.self, ViewsCommand.self,
    ])
}
