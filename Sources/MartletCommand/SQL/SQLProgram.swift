#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  #if canImport(Glibc)
    import Glibc
  #elseif canImport(Musl)
    import Musl
  #elseif canImport(Darwin)
    import Darwin
  #endif

  /// A run of the command that takes SQL: from its options, or from standard input.
  struct SQLProgram {
    private let options: SQLOptions

    init(_ options: SQLOptions) { self.options = options }

    /// Runs the statements of the options; without any, those of standard input, or a shell if that is a terminal.
    ///
    /// - Parameter prepare: registers further views.
    /// - Throws: `ExitCode(2)` after a statement has failed, and its message is on standard error.
    func run(_ prepare: (SparkSession) throws -> Void = { _ in }) throws {
      let readsInput = options.commands.isEmpty && options.file == nil
      let isInteractive = readsInput && isatty(STDIN_FILENO) == 1
      do {
        // A file that cannot be read is an error before anything runs.
        let file = try options.file.map(script)
        let spark = try SparkSession.builder.master(options.master).appName("martlet sql").getOrCreate()
        // Removes files of queries that needed more than the memory.
        defer { spark.stop() }
        for view in options.view { try ViewFile(argument: view).register(in: spark) }
        try prepare(spark)
        let showsProgress = isatty(STDERR_FILENO) == 1
        let watch =
          isInteractive || showsProgress
          ? try StatementWatch(spark, stopsOnInterrupt: isInteractive, showsProgress: showsProgress) : nil
        defer { watch?.stop() }
        let runner = StatementRunner(spark, format: options.format, watch: watch)
        if isInteractive {
          try Shell(runner).run()
        } else if readsInput {
          try runner.run(ScriptReader(descriptor: STDIN_FILENO))
        } else {
          if let file { try runner.run(file) }
          for text in options.commands { try runner.run(ScriptReader(text)) }
        }
      } catch let code as ExitCode {
        throw code
      } catch {
        complain(StatementRunner.message(of: error))
        throw ExitCode(2)
      }
    }

    private func script(_ path: String) throws -> ScriptReader {
      path == "-" ? ScriptReader(descriptor: STDIN_FILENO) : try ScriptReader(file: path)
    }
  }

  extension ScriptReader {
    /// The reader of a descriptor.
    init(descriptor: Int32, before: @escaping (_ isInsideStatement: Bool) -> Void = { _ in }) {
      self.init { isInsideStatement in
        before(isInsideStatement)
        while true {
          if let bytes = try readAvailable(descriptor) { return bytes }
        }
      }
    }

    /// The reader of a file, which may also be a pipe.
    /// - Throws: `MartletError` if it cannot be read.
    init(file path: String) throws {
      let file = try InputFile(localPath(path))
      self.init { _ in try file.read() }
    }
  }

  /// A file that is read from its beginning to its end.
  private final class InputFile {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
      self.path = path
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw MartletError.system("Cannot open '\(path)'", errno: errno) }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        close(descriptor)
        throw MartletError(.invalidArgument, "'\(path)' is a folder. Name a file with statements.")
      }
    }

    deinit { close(descriptor) }

    func read() throws -> [UInt8] {
      while true {
        if let bytes = try explaining("'\(path)'", { try readAvailable(descriptor) }) { return bytes }
      }
    }
  }
#endif
