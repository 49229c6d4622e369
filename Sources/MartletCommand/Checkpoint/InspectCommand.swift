#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletInspection

  struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Shows the contents of a checkpoint.",
      discussion: """
        Works while a program runs on the checkpoint, and on damaged checkpoints: it reports the damage, shows what \
        can be read, and exits with status 2.
        """)

    @Argument(help: "The folder of the checkpoint.") var directory: String
    @Option(name: .customLong("operator"), help: "Show the keys and states of this stateful operator: its id or name.")
    var operatorName: String?
    @Option(help: "Show only this key: a text, or JSON if the key is not a text.") var key: String?
    @Option(help: "The maximum number of keys to show.") var limit = 20
    @Flag(help: "Print one JSON document; docs/recovery.md lists its fields.") var json = false

    func validate() throws {
      if key != nil && operatorName == nil { throw ValidationError("--key needs --operator.") }
      if limit < 0 { throw ValidationError("--limit is \(limit); it must be at least 0.") }
    }

    func run() throws {
      do {
        let reader = try CheckpointReader(withoutTrailingSlashes(localPath(directory)))
        let report = try reader.report()
        if let operatorName {
          let (entries, total) = try reader.states(of: operatorName, key: key, limit: limit)
          if json {
            print(statesJSON(operatorName, report, entries, total: total))
          } else {
            for problem in report.problems { complain("DAMAGED: \(problem)") }
            print(statesText(entries, total: total))
          }
        } else {
          if json { print(report.json) } else { print(report.text) }
        }
        if !report.problems.isEmpty { throw ExitCode(2) }
      } catch let error as MartletError {
        complain(error.message)
        throw ExitCode(2)
      }
    }
  }
#endif
