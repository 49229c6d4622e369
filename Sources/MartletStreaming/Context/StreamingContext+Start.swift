import Logging
import MartletCore
import MartletRDD
import Synchronization

extension StreamingContext {
  /// Starts the receivers and the batches and returns at once. Starting a started context does nothing.
  ///
  /// - Throws: `MartletError` if something about the context or its streams cannot work; the context is then stopped.
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
      throw MartletError(
        .invalidState, "The MartletContext of this streaming context has been stopped. Create a new one.")
    }
    let logger = sparkContext.logger
    var program = graph.seal { [weak self] error in
      // An error in a batch fails it, as in Spark. Elsewhere only the call has no effect.
      if Self.isInsideBatch || BlockingCall.isInside { self?.fail(error) } else { logger.error("\(error)") }
    }
    try program.refuseWhatCannotRun(threads: settings.master.threads)
    try program.refuseLoops(now: clock.now)
    // Before a process that uses the checkpoint is disturbed.
    let setting = journalSetting.withLock { $0 }
    for input in program.inputs { try input.refuseWhatCannotStart(isKept: setting != nil) }
    if CheckpointQuestion.isAsked { CheckpointQuestion.answer(try checkpointAnswer()) }
    let stopThread = try StopThread()
    self.stopThread.withLock { $0 = stopThread }
    let checkpoint = try setting?.open(for: self)
    openJournal.withLock { $0 = checkpoint }
    sparkContext.pool.reserve(program.receivers.count)
    let zeroTime = checkpoint?.startTime ?? clock.now.floor(batchInterval)
    program = graph.initialize(program, zeroTime: zeroTime)
    try checkpoint?.restore(logger)
    var resumeFrom = checkpoint?.resumeFrom ?? zeroTime
    if checkpoint?.leavesOutMissedBatches == true {
      let now = clock.now.floor(batchInterval, zeroTime)
      if now > resumeFrom {
        graph.skip(after: resumeFrom, through: now)
        resumeFrom = now
      }
    }
    let scheduler = BatchScheduler(
      graph, program, clock: clock, interval: batchInterval, zeroTime: zeroTime, resumeFrom: resumeFrom,
      checkpoint: checkpoint, events: eventSource, stopFile: stopFile, onFailure: { [weak self] in self?.fail($0) })
    stopFile.onFound { [weak self] in self?.requestStop(gracefully: true) }
    scheduling.withLock { $0.scheduler = scheduler }
    lifecycle.noteActive()
    for input in program.polled { try input.start() }
    try checkpoint?.begin()
    let now = clock.now
    eventSource.post(StreamingStarted(time: now, batchIntervalNanoseconds: batchInterval.nanoseconds))
    for input in program.receivers { try input.start() }
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
}

extension StreamProgram {
  /// Throws if there are no output operations, or not enough threads.
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
          batches in the same folders, \(pattern). Use a different prefix or suffix for each.
          """)
      }
    }
    var places: [String: any OutputNode] = [:]
    for output in outputs {
      guard let place = output.place, let other = places.updateValue(output, forKey: place) else { continue }
      throw MartletError(
        .invalidArgument,
        """
        \(other.site) and \(output.site) both write to \(place), so each would take the batches of the other for its \
        own. Give each stream a name of its own.
        """)
    }
    guard threads > receivers.count else {
      throw MartletError(
        .invalidConfiguration,
        """
        The master has \(threads) thread\(threads == 1 ? "" : "s"), and \(receivers.count) \
        receiver\(receivers.count == 1 ? " takes" : "s take") one each: none is left to process records. Use \
        local[\(receivers.count + 1)] or more.
        """)
    }
  }

  /// Throws if an input would read data that is written by the outputs computed from it.
  fileprivate func refuseLoops(now: Time) throws {
    if folders.isEmpty { return }
    for output in outputs {
      guard let folder = output.folders?.path(at: now) else { continue }
      let sources = Set(StreamGraph.streams(from: [output.root]).map(\.id))
      guard let input = folders.first(where: { sources.contains($0.id) && $0.reads(folder) })
      else { continue }
      throw MartletError(
        .invalidArgument,
        """
        \(output.site) saves folders such as '\(folder)', which \(input.site) would read again, since they match \
        '\(input.folderPath)'. Save them elsewhere.
        """)
    }
  }
}
