import ArgumentParser

@main struct MartletBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "martlet-bench",
    abstract: "Measures Martlet, one thing at a time. Prints lines of key=value pairs whose keys end in the unit.",
    subcommands: [
      WordsCommand.self, ElementsCommand.self, KeysCommand.self, IdleCommand.self, SocketCommand.self,
      LatencyCommand.self, SoakCommand.self, WindowsCommand.self, StateCommand.self, CheckpointCommand.self,
      RestartCommand.self,
    ])
}
