import MartletCore
import Synchronization

/// How a context goes on with its checkpoint.
public struct CheckpointOptions: Sendable {
  /// What becomes of the batches whose time came while the program was down.
  public enum MissedBatches: Sendable {
    /// They are made up for, as in Spark: windows and time-outs see every batch time. If there are more than a million,
    /// `start()` throws: a clock is wrong, most likely.
    case makeUp
    /// They are left out; the first new batch gets all that has come meanwhile.
    case skip
  }

  public var missedBatches: MissedBatches
  /// Takes the checkpoint away from a process that is alive but hangs. That process is fenced off: whatever it does
  /// later does not count.
  public var takeOver: Bool
  /// Names, or ids, of stateful operators whose state may be dropped because they are not in the program any more, or
  /// have other types.
  public var forgettingState: Set<String>
  /// Goes on without files that were given to a batch, must be read again after a restart, and are gone or changed.
  /// Their records are lost to the batches and windows concerned; each is logged.
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
  /// Keeps in `directory` what it takes to go on after a stop or a crash: what each batch is given, all state, and which
  /// batches are done. If the folder holds a checkpoint already, `start()` goes on with it.
  ///
  /// After a crash, a batch that had begun is run again with the same records and the same batch time; state is what it
  /// was after the last batch that was done; windows are computed again from the records of their batches. The program
  /// may change: see `docs/recovery.md` for what is accepted and what is refused.
  ///
  /// The folder must be on a disk of this machine. One process at a time can use it.
  /// - Parameter directory: made if it is missing. A URI that begins with `file:` is read as its path.
  public func checkpoint(
    _ directory: String, options: CheckpointOptions = CheckpointOptions(), file: StaticString = #fileID,
    line: UInt = #line
  ) {
    let site = OperatorSite("checkpoint", file, line)
    guard graph.mayChange(site) else { return }
    guard !directory.isEmpty else {
      return graph.fail(
        MartletError(.invalidConfiguration, "checkpoint(\"\") at \(site.callSite): the name of the folder is empty."))
    }
    do {
      let path = withoutTrailingSlashes(try site.localPath(directory))
      checkpointSettings.withLock { settings in
        var new = settings ?? CheckpointSettings(directory: path)
        new.directory = path
        new.options = options
        settings = new
      }
    } catch { graph.fail(error) }
  }

  /// For tests, after `checkpoint`: tells `onStep` of every step, and cuts the log when a segment has so many bytes.
  package func watchCheckpoint(segmentBytes: Int, _ onStep: @escaping @Sendable (BatchStep) -> Void) {
    checkpointSettings.withLock { settings in
      settings?.segmentBytes = segmentBytes
      settings?.onStep = onStep
    }
  }

  /// The folder of the context's checkpoint, if it has one.
  public var checkpointDirectory: String? { checkpointSettings.withLock { $0?.directory } }

  /// The context that `create` makes, with its checkpoint in `directory`: if there is one, it goes on where that stopped.
  ///
  /// `create` sets up the streams in both cases, since a program is its own description; what the checkpoint holds is
  /// read by `start()`.
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
  ///   - options: how the context goes on; if none are given, those that the closure has given to `checkpoint`.
  ///   - createOnError: whether a checkpoint that is damaged, or that the program cannot go on with, is put aside, and
  ///     the program starts from nothing. The folder is renamed, and nothing in it is removed; the log says the new
  ///     name and the reason. Otherwise `start()` throws. A folder that cannot be read, or that another process works
  ///     with, is never put aside. All state is read once more at a start, to see that it can be.
  /// - Throws: what `create` throws.
  public static func getOrCreate(
    _ directory: String, options: CheckpointOptions? = nil, createOnError: Bool = false, file: StaticString = #fileID,
    line: UInt = #line, _ create: () throws -> StreamingContext
  ) rethrows -> StreamingContext {
    let context = try create()
    // What is no path, `checkpoint` refuses.
    if let known = context.checkpointDirectory, let path = try? localPath(directory),
      FilePath(normalizedPath(known)) != FilePath(normalizedPath(path))
    {
      context.graph.fail(
        MartletError(
          .invalidConfiguration,
          "getOrCreate(\"\(directory)\"): the closure has set another folder for the checkpoint, '\(known)'."))
    }
    let set = context.checkpointSettings.withLock { $0?.options }
    context.checkpoint(directory, options: options ?? set ?? CheckpointOptions(), file: file, line: line)
    context.checkpointSettings.withLock { $0?.createsOnError = createOnError }
    return context
  }

  /// The active context; if there is none, what `getOrCreate` returns.
  public static func getActiveOrCreate(
    _ directory: String, options: CheckpointOptions? = nil, createOnError: Bool = false,
    _ create: () throws -> StreamingContext
  ) rethrows -> StreamingContext {
    try active ?? getOrCreate(directory, options: options, createOnError: createOnError, create)
  }
}
