#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletInspection

  struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Tells whether a program will continue from a checkpoint.",
      discussion: """
        Runs the program up to StreamingContext.start(), which describes what it would do and ends the process: no \
        receiver is started, no file is read, nothing is written to the checkpoint or to outputs. Code of the \
        program before start() runs as usual.

        The exit status is 0 if the checkpoint is accepted, 1 if it is refused, and 2 if that is unknown.
        """)

    @Argument(help: "The folder of the checkpoint.") var directory: String
    @Option(help: "Seconds after which a program that has not called start() is ended.") var timeout = 60
    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.") var program: [String]

    func validate() throws {
      if program.isEmpty { throw ValidationError("Name the program after --, such as: -- .build/debug/MyProgram") }
      if timeout < 1 { throw ValidationError("--timeout is \(timeout); it must be at least 1.") }
    }

    func run() throws {
      let check: RestartCheck
      do {
        let reader = try CheckpointReader(withoutTrailingSlashes(localPath(directory)))
        let answer = try askProgram(program[0], Array(program.dropFirst()), timeout: .seconds(timeout))
        check = RestartCheck(answer, reader)
      } catch let error as MartletError {
        complain(error.message)
        throw ExitCode(2)
      }
      print(check.text)
      throw ExitCode(check.exitStatus)
    }
  }
#endif
