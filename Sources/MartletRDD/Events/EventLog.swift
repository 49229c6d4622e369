public import MartletCore

/// What a run of a program has written into the folder `martlet.eventLog.dir`: its events, one JSON object a line.
///
/// ```swift
/// let log = try EventLog.logs(in: "events").last
/// try log?.replay(.streaming) { event in
///   if let batch = event as? BatchCompleted { print(batch.info.batchTime, batch.info.numRecords) }
/// }
/// ```
/// Each line has the fields of an event, and `event` and `version`, its name and the version of its fields. A log can be
/// read while it is written. It consists of several files; when the logs of a program become too large together
/// (`martlet.eventLog.maximum.bytes`), the oldest files are removed, so that a long run may have lost its beginning.
public struct EventLog: Sendable, Hashable {
  /// The name of the program, in which `_` stands for what a file name had better not have.
  public let appName: String
  /// When the context of the run was made.
  public let startTime: Time
  /// The number of the process.
  public let processID: Int
  /// The paths of its files, in order.
  public let files: [String]

  /// The logs in a folder, in the order in which their runs began.
  ///
  /// - Throws: `MartletError` if the folder cannot be read.
  public static func logs(in folder: String) throws -> [EventLog] {
    let names = try Folder.names(try localPath(folder)).compactMap { EventLogName($0) }
    return Dictionary(grouping: names, by: \.run).map { run, names in
      EventLog(
        appName: run.appName, startTime: Time(milliseconds: run.startMilliseconds), processID: run.processID,
        files: names.sorted().map { "\(folder)/\($0)" })
    }.sorted { ($0.startTime, $0.processID) < ($1.startTime, $1.processID) }
  }

  /// Calls `body` with every event of the log, in order. An event that is none of `kinds` comes as an ``UnknownEvent``.
  ///
  /// - Throws: `MartletError` if a file cannot be read, or has a line that is no event; what `body` throws.
  public func replay(_ kinds: EventKinds, _ body: (any MartletEvent) throws -> Void) throws {
    for file in files { try Self.replay(file, kinds, body) }
  }

  /// The events of one file of a log, in order. Events that are none of `kinds` are there as ``UnknownEvent``s.
  ///
  /// - Throws: `MartletError` if the file cannot be read, or has a line that is no event. A last line that was not
  ///   written to its end is left out: the process was killed, or is still writing.
  public static func read(_ path: String, _ kinds: EventKinds) throws -> [any MartletEvent] {
    var events: [any MartletEvent] = []
    try replay(localPath(path), kinds) { events.append($0) }
    return events
  }

  private static func replay(_ path: String, _ kinds: EventKinds, _ body: (any MartletEvent) throws -> Void) throws {
    let bytes = try SystemFile.read(path).readAll()
    let lines = Array(bytes.bytes).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      let event: any MartletEvent
      do { event = try EventLine.event(line, kinds) } catch {
        // What is at the end, and was not written to its end, is no damage.
        if !lines[(number + 1)...].contains(where: { !$0.allSatisfy { $0 == 0 } }) { return }
        throw MartletError(
          .corruptData, "'\(path)', line \(number + 1): \(error). The line is no event; remove it to read the others.",
          underlying: error)
      }
      try body(event)
    }
  }
}

/// An event as a line of an event log.
enum EventLine {
  private static let name = "event"
  private static let version = "version"

  /// The line, with its end.
  static func line<Event: MartletEvent>(_ event: Event) throws -> [UInt8] {
    if let unknown = event as? UnknownEvent { return Array("\(unknown.json)\n".utf8) }
    guard let fields = try DynamicValue(encoding: event).fields else { throw NoFields() }
    let head: [DynamicValue.Field] = [
      .init(name, .string(Event.eventName)), .init(version, .signed(Int64(Event.eventVersion))),
    ]
    return Array("\(DynamicValue.object(head + fields))\n".utf8)
  }

  static func event(_ line: some Sequence<UInt8>, _ kinds: EventKinds) throws -> any MartletEvent {
    let value = try DynamicValue(json: Array(line))
    guard let fields = value.fields,
      case .string(let name)? = fields.first(where: { $0.name == Self.name })?.value,
      case .signed(let number)? = fields.first(where: { $0.name == Self.version })?.value
    else { throw NoEvent() }
    let version = Int(number)
    if let type = kinds.type(name, version: version), let event = try? value.decoded(as: type) as any MartletEvent {
      return event
    }
    var time = Time(milliseconds: 0)
    for field in ["time", "endTime"] {
      if let value = fields.first(where: { $0.name == field })?.value, let known = try? value.decoded(as: Time.self) {
        time = known
      }
    }
    return UnknownEvent(name: name, version: version, time: time, json: String(decoding: Array(line), as: UTF8.self))
  }

  private struct NoFields: Error, CustomStringConvertible {
    var description: String { "it is not encoded as an object with fields" }
  }

  private struct NoEvent: Error, CustomStringConvertible {
    var description: String { "there is no object with the fields 'event' and 'version'" }
  }
}

/// The name of a file of an event log: `words-1763806504000-4711-0.jsonl`.
struct EventLogName: Comparable, CustomStringConvertible {
  struct Run: Hashable {
    var appName: String
    var startMilliseconds: Int
    var processID: Int
  }

  var run: Run
  var number: Int

  init(run: Run, number: Int) {
    self.run = run
    self.number = number
  }

  /// `nil` if it is the name of something else.
  init?(_ name: String) {
    guard name.hasSuffix(".jsonl") else { return nil }
    let parts = name.dropLast(".jsonl".count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, let number = Int(parts[parts.count - 1]), let process = Int(parts[parts.count - 2]),
      let start = Int(parts[parts.count - 3])
    else { return nil }
    self.number = number
    run = Run(appName: parts.dropLast(3).joined(separator: "-"), startMilliseconds: start, processID: process)
    guard description == name else { return nil }
  }

  var description: String { "\(run.appName)-\(run.startMilliseconds)-\(run.processID)-\(number).jsonl" }

  /// Older files first.
  static func < (a: EventLogName, b: EventLogName) -> Bool {
    (a.run.startMilliseconds, a.run.processID, a.number) < (b.run.startMilliseconds, b.run.processID, b.number)
  }

  /// `appName` in letters that every disk accepts.
  static func fileName(of appName: String) -> String {
    let letters = appName.unicodeScalars.prefix(64).map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || scalar == "." || scalar == "-" ? Character(scalar) : "_"
    }
    return letters.first == "." ? "_" + String(letters.dropFirst()) : String(letters)
  }
}
