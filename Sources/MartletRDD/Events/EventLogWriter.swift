import Logging
import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes events to the files of an event log.
final class EventLogWriter: Sendable {
  private let folder: String
  private let appName: String
  private let maximumBytes: Int
  private let logger: Logger
  private let startTime: Time
  private let state: Mutex<State>

  private struct State {
    var name: EventLogName
    /// The file that is being written. Its lock says so to other processes.
    var file: SystemFile?
    var size = 0
    var hasFailed = false
    /// The names of events that could not be encoded, each logged once.
    var notEncodable: Set<String> = []
  }

  /// A writer as the settings say; `nil` if there is to be none.
  ///
  /// - Throws: `MartletError` if the folder cannot be made, or there is none though there should be one.
  init?(_ conf: MartletConf, logger: Logger) throws {
    let directory = try conf.get(.eventLogDirectory)
    guard try conf.get(.eventLogEnabled) ?? (directory != nil) else { return nil }
    guard let directory else {
      throw MartletError(
        .invalidConfiguration,
        """
        The setting martlet.eventLog.enabled is true, and there is no folder for the event log. Set \
        martlet.eventLog.dir.
        """)
    }
    // The program may change its folder while it runs.
    folder = absolutePath(try localPath(directory))
    try Folder.create(folder)
    appName = try conf.get(.appName) ?? "martlet"
    maximumBytes = try conf.get(.eventLogMaximumBytes) ?? 256 << 20
    self.logger = logger
    startTime = .now
    let run = EventLogName.Run(
      appName: EventLogName.fileName(of: appName), startMilliseconds: startTime.milliseconds, processID: Int(getpid()))
    state = Mutex(State(name: EventLogName(run: run, number: 0)))
  }

  /// Appends events. If they cannot be written, this is logged, and ends the log: the disk may have half of a line.
  func write(_ events: [any MartletEvent]) {
    state.withLock { state in
      guard !state.hasFailed else { return }
      do {
        let file = try openFile(&state)
        var bytes: [UInt8] = []
        for event in events { bytes += try line(event, &state) }
        try file.write(bytes)
        state.size += bytes.count
      } catch {
        state.hasFailed = true
        state.file = nil
        logger.warning("The event log in '\(folder)' ends here: \(error)")
      }
    }
  }

  /// The line of an event. An event that cannot be encoded is the mistake of whoever has declared it, and does not end
  /// the log for the others: it counts as one that was dropped.
  private func line(_ event: some MartletEvent, _ state: inout State) throws -> [UInt8] {
    do { return try EventLine.line(event) } catch {
      let name = type(of: event).eventName
      if state.notEncodable.insert(name).inserted {
        logger.warning("Events of the type '\(name)' are not in the event log, since they cannot be encoded: \(error)")
      }
      return try EventLine.line(EventsDropped(time: event.time, count: 1))
    }
  }

  /// The file to write to, which is a new one if the last one is large, or has been removed.
  private func openFile(_ state: inout State) throws -> SystemFile {
    if let file = state.file {
      let isRemoved = file.isRemoved
      if state.size < maximumBytes / 8 && !isRemoved { return file }
      if isRemoved {
        logger.warning("The event log '\(folder)/\(state.name)' has been removed. It continues in another file.")
        try Folder.create(folder)
      }
      // To close the file would not do so while a child process that is being started has it too.
      file.unlock()
      state.file = nil
      state.name.number += 1
    } else {
      // Another context of this process may have been made at the same time.
      while try Folder.nameIsTaken("\(folder)/\(state.name)") { state.name.run.startMilliseconds += 1 }
    }
    makeRoom(state.name)
    let file = try SystemFile.create("\(folder)/\(state.name)")
    _ = try file.tryLock()
    let first = try EventLine.line(
      ApplicationStarted(
        time: .now, appName: appName, startTime: startTime, processID: state.name.run.processID,
        filesBefore: state.name.number))
    try file.write(first)
    state.file = file
    state.size = first.count
    return file
  }

  /// Removes the oldest files of this program that nobody writes, until there is room for one more.
  private func makeRoom(_ next: EventLogName) {
    do {
      var files = try Folder.names(folder).compactMap { EventLogName($0) }.filter { $0.run.appName == next.run.appName }
        .sorted().map { name in
          // Another process may remove a file first. One that is nearly empty takes room, too.
          (path: "\(folder)/\(name)", size: max(4096, (try? SystemFile.read("\(folder)/\(name)").size()) ?? 0))
        }[...]
      var total = files.reduce(maximumBytes / 8) { $0 + $1.size }
      while total > maximumBytes, let oldest = files.popFirst() {
        guard let file = try? SystemFile.change(oldest.path), try file.tryLock() else { continue }
        try Folder.remove(oldest.path)
        total -= oldest.size
      }
    } catch {
      logger.warning("Old event logs in '\(folder)' cannot be removed: \(error)")
    }
  }
}
