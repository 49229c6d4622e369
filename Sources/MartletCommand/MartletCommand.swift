#if CommandLineTool
  import ArgumentParser
  import MartletCore

  @main
  struct MartletCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "martlet", abstract: "Looks after programs that are built with Martlet.",
      subcommands: [CheckpointCommand.self])

    static func main() {
      // Before a file is opened, which would get the number of a descriptor that is closed.
      StandardDescriptors.prepare()
      main(nil)
    }
  }

  struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "checkpoint", abstract: "Looks into checkpoints, and changes nothing in them.",
      subcommands: [InspectCommand.self, CheckCommand.self])
  }
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
      print("martlet is built with a trait of its package: swift run --traits CommandLineTool martlet")
      exit(64)
    }
  }
#endif
