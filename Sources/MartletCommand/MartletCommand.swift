#if CommandLineTool
  import ArgumentParser
  import MartletCore

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  @main
  struct MartletCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "martlet", abstract: "Manages programs that are built with Martlet.",
      subcommands: [CheckpointCommand.self, SQLCommand.self])

    static func main() {
      // Before a file is opened, which would otherwise get the number of a closed descriptor.
      StandardDescriptors.prepare()
      main(nil)
    }
  }

  struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "checkpoint", abstract: "Inspects checkpoints without changing them.",
      subcommands: [InspectCommand.self, CheckCommand.self, CheckpointSQLCommand.self])
  }

  /// Writes a line to standard error.
  func complain(_ message: String) { _ = StandardDescriptors.write(message + "\n", to: STDERR_FILENO) }
#else
  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  @main
  struct MartletCommand {
    static func main() {
      print("The command martlet needs a trait of its package: swift run --traits CommandLineTool martlet")
      exit(64)
    }
  }
#endif
