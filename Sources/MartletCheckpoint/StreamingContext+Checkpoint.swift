import MartletCore
public import MartletStreaming

/// The way in which a context continues from its checkpoint.
public struct CheckpointOptions: Sendable {
  /// The treatment of batches whose time passed while the program was down.
  public enum MissedBatches: Sendable {
    /// They run afterwards, as in Spark: windows and time-outs see every batch time. If there are more than a million,
    /// `start()` throws, because a clock is probably wrong.
    case makeUp
    /// They are skipped; the first new batch gets everything that has arrived meanwhile.
    case skip
  }

  public var missedBatches: MissedBatches
  /// Takes over the checkpoint from a process that is running but hangs. That process is fenced off: nothing that it
  /// does later counts.
  public var takeOver: Bool
  /// The names, or ids, of stateful operators whose state may be dropped because they are no longer in the program, or
  /// have other types.
  public var forgettingState: Set<String>
  /// A Boolean value that indicates whether to continue without files that were assigned to a batch, must be read again
  /// after a restart, and are missing or changed. Their records are lost to the affected batches and windows; each file
  /// is logged.
  public var leavingOutMissingFiles: Bool

  public init(
    missedBatches: MissedBatches = .makeUp, takeOver: Bool = false, forgettingState: Set<String> = [],
    leavingOutMissingFiles: Bool = false
  ) {
    self.leavingOutMissingFiles = leavingOutMissingFiles
    self.missedBatches = missedBatches
    self.takeOver = takeOver
    self.forgettingState = forgettingState
  }
}

extension StreamingContext {
  /// Stores in `directory` the data needed to continue after a stop or a crash: the input of each batch, all state, and
  /// the progress of batches. If the folder already contains a checkpoint, `start()` continues from it.
  ///
  /// After a crash, a batch that had begun runs again with the same records and the same batch time; state is restored
  /// as of the last completed batch; windows are computed again from the records of their batches. The program may
  /// change: `docs/recovery.md` lists the accepted and refused changes.
  ///
  /// The folder must be on a local disk. One process at a time can use it.
  /// - Parameter directory: the folder, which is created if it is missing. A URI that begins with `file:` is read as
  ///   its path.
  public func checkpoint(
    _ directory: String, options: CheckpointOptions = CheckpointOptions(), file: StaticString = #fileID,
    line: UInt = #line
  ) {
    let site = OperatorSite("checkpoint", file, line)
    guard graph.mayChange(site) else { return }
    guard !directory.isEmpty else {
      return graph.fail(
        MartletError(
          .invalidConfiguration,
          "checkpoint(\"\") at \(site.callSite): the name of the folder is empty. Pass the path of a folder."))
    }
    do {
      let path = withoutTrailingSlashes(try site.localPath(directory))
      withCheckpointSettings { settings in
        var new = settings ?? CheckpointSettings(directory: path)
        new.directory = path
        new.options = options
        settings = new
      }
    } catch { graph.fail(error) }
  }

  /// For tests, after `checkpoint`: calls `onStep` for every step, and cuts the log when a segment has `segmentBytes`
  /// bytes.
  package func watchCheckpoint(segmentBytes: Int, _ onStep: @escaping @Sendable (BatchStep) -> Void) {
    withCheckpointSettings { settings in
      settings?.segmentBytes = segmentBytes
      settings?.onStep = onStep
    }
  }

  /// The context that `create` makes, with its checkpoint in `directory`: if there is one, it continues where that
  /// stopped.
  ///
  /// `create` sets up the streams in both cases, because a program is its own description; `start()` reads the contents
  /// of the checkpoint.
  /// ```swift
  /// let ssc = StreamingContext.getOrCreate("checkpoint") {
  ///   let ssc = StreamingContext(appName: "Totals", batchInterval: .seconds(1))
  ///   let words = ssc.textFileStream("in").flatMap { $0.split(separator: " ") }.map { ($0, 1) }
  ///   words.updateStateByKey { values, total in (total ?? 0) + values.reduce(0, +) }
  ///     .saveAsTextFiles("out/totals")
  ///   return ssc
  /// }
  /// ```
  /// - Parameters:
  ///   - options: the way in which the context continues; by default the options that the closure has passed to
  ///     `checkpoint`.
  ///   - createOnError: true if a checkpoint that is damaged, or that the program cannot continue from, is put aside,
  ///     and the program starts from nothing. The folder is renamed, and nothing in it is removed; the new name and the
  ///     reason are logged. Otherwise `start()` throws. A folder that cannot be read, or that another process uses, is
  ///     never put aside. All state is read twice at the start, to check that it can be read.
  /// - Throws: the error of `create`.
  public static func getOrCreate(
    _ directory: String, options: CheckpointOptions? = nil, createOnError: Bool = false, file: StaticString = #fileID,
    line: UInt = #line, _ create: () throws -> StreamingContext
  ) rethrows -> StreamingContext {
    let context = try create()
    // `checkpoint` refuses invalid paths.
    if let known = context.checkpointDirectory, let path = try? localPath(directory),
      FilePath(normalizedPath(known)) != FilePath(normalizedPath(path))
    {
      context.graph.fail(
        MartletError(
          .invalidConfiguration,
          "getOrCreate(\"\(directory)\"): the closure has set another folder for the checkpoint, '\(known)'. Use the same folder."
        ))
    }
    let set = context.withCheckpointSettings { $0?.options }
    context.checkpoint(directory, options: options ?? set ?? CheckpointOptions(), file: file, line: line)
    context.withCheckpointSettings { $0?.createsOnError = createOnError }
    return context
  }

  /// The active context, or the result of `getOrCreate` if there is none.
  public static func getActiveOrCreate(
    _ directory: String, options: CheckpointOptions? = nil, createOnError: Bool = false,
    _ create: () throws -> StreamingContext
  ) rethrows -> StreamingContext {
    try getActive() ?? getOrCreate(directory, options: options, createOnError: createOnError, create)
  }
}
