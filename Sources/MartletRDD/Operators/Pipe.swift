public import MartletCore

/// The lines that a program writes for the elements of each partition.
private final class PipedRDD<Input: Sendable>: NarrowRDD<Input, Text>, @unchecked Sendable {
  private let command: [String]
  private let environment: [String: String]
  private let directory: String?

  init(
    _ parent: RDD<Input>, _ command: [String], _ environment: [String: String], _ directory: String?,
    _ site: OperatorSite
  ) {
    self.command = command
    self.environment = environment
    self.directory = directory
    super.init(parent, site)
  }

  override func compute(partition: Int) throws -> ChunkReader<Text> {
    PipeReader(try parent.reader(partition), command, environment, directory, context, site)
  }
}

/// Starts the program when the first line is requested.
private final class PipeReader<Input>: ChunkReader<Text> {
  private let start: () throws -> LineReader
  private let site: OperatorSite
  private var lines: LineReader?

  init(
    _ parent: ChunkReader<Input>, _ command: [String], _ environment: [String: String], _ directory: String?,
    _ context: MartletContext, _ site: OperatorSite
  ) {
    self.site = site
    start = {
      let process = try SystemProcess(command, environment: environment, directory: directory) {
        guard let chunk = try parent.next() else { return nil }
        var bytes: [UInt8] = []
        for i in 0..<chunk.count { appendLine((chunk.base + i).move(), to: &bytes) }
        return bytes
      }
      return LineReader(
        process, name: "the output of '\(command.joined(separator: " "))'",
        maximumLineLength: try context.settings.get().maximumLineLength)
    }
  }

  override func next() throws -> Chunk<Text>? {
    do {
      let lines = try self.lines ?? start()
      self.lines = lines
      return try lines.next()
    } catch { throw site.failure(ofClosure: error) }
  }
}

private func appendLine<Element>(_ element: Element, to bytes: inout [UInt8]) {
  bytes.append(contentsOf: "\(element)".utf8)
  bytes.append(UInt8(ascii: "\n"))
}

extension RDD {
  /// Starts a program for each partition, writes the elements to it, one per line, and returns the lines that it
  /// writes.
  ///
  /// ```swift
  /// let longest = try lines.pipe("awk '{ print length($0) }'").map { Int($0) ?? 0 }.max()
  /// ```
  /// The program need not read its input. If its exit status is not 0, the job fails, with the end of its output to
  /// standard error.
  /// - Parameters:
  ///   - command: the program and its arguments, separated by spaces. As in a shell, quotes and backslashes keep words
  ///     together; nothing is expanded, and pipes are not supported: pass these to `["sh", "-c", …]`.
  ///   - env: additional environment variables.
  ///   - workingDirectory: the working directory of the program; by default that of this process.
  public func pipe(
    _ command: String, env: [String: String] = [:], workingDirectory: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<Text> {
    let site = OperatorSite("pipe", file, line)
    guard let words = shellWords(command) else {
      return FailedRDD(
        context, site, site.refuses("the command has an unclosed quote, or ends in a backslash: \(command)"))
    }
    return piped(words, env, workingDirectory, site)
  }

  /// The same as `pipe(_:env:workingDirectory:)`, with the program and its arguments as separate strings.
  public func pipe(
    _ command: [String], env: [String: String] = [:], workingDirectory: String? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> RDD<Text> {
    piped(command, env, workingDirectory, OperatorSite("pipe", file, line))
  }

  private func piped(
    _ command: [String], _ environment: [String: String], _ directory: String?, _ site: OperatorSite
  ) -> RDD<Text> {
    guard !command.isEmpty else { return FailedRDD(context, site, site.refuses("the command is empty.")) }
    return PipedRDD(self, command, environment, directory, site)
  }
}
