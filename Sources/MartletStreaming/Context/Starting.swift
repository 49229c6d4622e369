import Logging
import MartletCore
import MartletLog
import MartletRDD
import Synchronization

extension StreamingContext {
  /// Starts the receivers and the batches and returns at once. Starting a started context does nothing.
  ///
  /// - Throws: `MartletError` if something about the context or its streams cannot work; then it is stopped.
  public func start() throws {
    guard try lifecycle.beginStarting() else { return }
    defer { lifecycle.endStarting() }
    if countsAsActive { try ActiveContext.take(self) }
    do {
      try begin()
    } catch {
      if CheckpointQuestion.isAsked { CheckpointQuestion.answer(.cannotStart("\(error)")) }
      lifecycle.note(error)
      lifecycle.endStarting()
      shutDown(stopContext: false, gracefully: false)
      throw error
    }
  }

  private func begin() throws {
    let settings = try settingsOfFlawlessProgram()
    guard !sparkContext.isStopped else {
      throw MartletError(.invalidState, "The MartletContext of this streaming context has been stopped.")
    }
    try graph.refuseWhatCannotRun(threads: settings.master.threads)
    try graph.refuseLoops(now: clock.now)
    let logger = sparkContext.logger
    graph.seal { [weak self] error in
      // What a batch does wrong fails it, as in Spark. Elsewhere the call alone does nothing.
      if Self.isInsideBatch || BlockingCall.isInside { self?.fail(error) } else { logger.error("\(error)") }
    }
    // Before a process that works with the checkpoint is disturbed.
    let isKept = checkpointSettings.withLock { $0 != nil }
    for input in graph.inputs { try input.refuseWhatCannotStart(isKept: isKept) }
    if CheckpointQuestion.isAsked { CheckpointQuestion.answer(try checkpointAnswer()) }
    let stopThread = try StopThread()
    self.stopThread.withLock { $0 = stopThread }
    let checkpoint = try checkpointSettings.withLock { $0 }.map { try openCheckpoint($0) }
    runningCheckpoint.withLock { $0 = checkpoint }
    sparkContext.pool.reserve(graph.inputs.count { $0 is any ReceiverNode })
    let zeroTime = checkpoint?.startTime ?? clock.now.floor(batchInterval)
    graph.initialize(zeroTime: zeroTime)
    try checkpoint?.restore(logger)
    var resumeFrom = checkpoint?.resumeFrom ?? zeroTime
    if checkpointSettings.withLock({ $0?.options.missedBatches == .skip }) {
      let now = clock.now.floor(batchInterval, zeroTime)
      if now > resumeFrom {
        graph.skip(after: resumeFrom, through: now)
        resumeFrom = now
      }
    }
    let scheduler = BatchScheduler(
      graph, clock: clock, interval: batchInterval, zeroTime: zeroTime, resumeFrom: resumeFrom,
      checkpoint: checkpoint, bus: bus, stopFile: stopFile, onFailure: { [weak self] in self?.fail($0) })
    stopFile.onFound { [weak self] in self?.requestStop(gracefully: true) }
    scheduling.withLock { $0.scheduler = scheduler }
    lifecycle.noteActive()
    for input in graph.inputs where !(input is any ReceiverNode) { try input.start() }
    try checkpoint?.begin()
    let now = clock.now
    bus.post { $0.onStreamingStarted(time: now) }
    for input in graph.inputs where input is any ReceiverNode { try input.start() }
    try scheduler.start()
  }

  /// The settings. If they, or what the program has set up with them, cannot work, one error for all of it.
  private func settingsOfFlawlessProgram() throws -> MartletContext.Settings {
    var problems: [any Error] = []
    if case .failure(let problem) = sparkContext.settings { problems.append(problem) }
    for problem in graph.problems where !problems.contains(where: { "\($0)".contains("\(problem)") }) {
      problems.append(problem)
    }
    guard let first = problems.first else { return try sparkContext.settings.get() }
    guard problems.count > 1 else { throw first }
    throw MartletError(
      (first as? MartletError)?.code ?? .invalidConfiguration,
      "The program has \(problems.count) mistakes.\n"
        + problems.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "\n"), underlying: first)
  }

  /// Takes the checkpoint; if the program cannot go on with it, and may begin another one, puts it aside.
  private func openCheckpoint(_ settings: CheckpointSettings) throws -> Checkpoint {
    func open() throws -> Checkpoint {
      try Checkpoint(settings, graph: graph, interval: batchInterval, now: clock.now, logger: sparkContext.logger)
    }
    do { return try open() } catch let unusable as UnusableCheckpoint {
      let kept = try LogFolder.putAside(absolutePath(settings.directory))
      sparkContext.logger.error(
        """
        The program cannot continue from the checkpoint '\(settings.directory)': \(unusable.reason) It starts without \
        state, because getOrCreate has createOnError: true. The old checkpoint, with its state and unfinished batches, is \
        now '\(kept)'.
        """)
      return try open()
    }
  }
}

extension StreamGraph {
  /// Throws if there is nothing to do, or nobody to do it.
  fileprivate func refuseWhatCannotRun(threads: Int) throws {
    guard !outputs.isEmpty else {
      throw MartletError(
        .invalidState,
        """
        There is nothing to do: no output operation has been set up. Call pprint(), foreachRDD { … } or \
        saveAsTextFiles(…) on a stream before start().
        """)
    }
    var folders: [FilePath: any OutputNode] = [:]
    for output in outputs {
      guard let pattern = output.folders.map({ FilePath($0.pattern) }) else { continue }
      if let other = folders.updateValue(output, forKey: pattern) {
        throw MartletError(
          .invalidArgument,
          """
          \(other.site) and \(output.site) save their \
          batches in the same folders, \(pattern). Give each a prefix or a suffix of its own.
          """)
      }
    }
    let receivers = inputs.count { $0 is any ReceiverNode }
    guard threads > receivers else {
      throw MartletError(
        .invalidConfiguration,
        """
        The master has \(threads) thread\(threads == 1 ? "" : "s"), and \
        \(receivers) receiver\(receivers == 1 ? " takes" : "s take") one each: none is left to process what is \
        received. Use local[\(receivers + 1)] or more.
        """)
    }
  }

  /// Throws if an input would read, as data, what is written for the outputs that are computed from it.
  fileprivate func refuseLoops(now: Time) throws {
    let inputs = inputs.compactMap { $0 as? any FolderInput }
    if inputs.isEmpty { return }
    for output in outputs {
      guard let folder = output.folders?.path(at: now) else { continue }
      let sources = Set(streams(from: [output.root]).map(\.id))
      guard let input = inputs.first(where: { sources.contains($0.id) && $0.folder.reads(folder) })
      else { continue }
      throw MartletError(
        .invalidArgument,
        """
        \(output.site) saves folders such as '\(folder)', which \(input.site) would read again, since they match \
        '\(input.folder.path)'. Save them elsewhere.
        """)
    }
  }
}
