public import MartletCore

/// Something that has happened in a context: a job has ended, a batch has started.
///
/// Every event is a type of its own, declared where it happens. Those of jobs, stages and tasks belong to `RDD`s, those of
/// batches, receivers, state and checkpoints to streams. A connector, or your program, can declare its own and post them
/// with ``MartletContext/post(_:)``:
/// ```swift
/// struct RowsWritten: MartletEvent {
///   var time: Time
///   var table: String
///   var rows: Int
/// }
/// ```
/// ``MartletContext/events`` delivers events, and an event log writes them to files. An event that nobody listens to
/// is never made.
public protocol MartletEvent: Codable, Hashable, Sendable {
  /// The event's name in an event log. Default: the name of the type. Logs are read by this name, so keep it when
  /// you rename the type.
  static var eventName: String { get }
  /// The version of the event's fields. Default: 1. Increase it when a field changes its meaning.
  static var eventVersion: Int { get }
  /// When it happened.
  var time: Time { get }
}

extension MartletEvent {
  public static var eventName: String { "\(Self.self)" }
  public static var eventVersion: Int { 1 }
}

/// The types of events that a reader of an event log knows.
///
/// ```swift
/// let kinds: EventKinds = .streaming + EventKinds(RowsWritten.self)
/// ```
public struct EventKinds: Sendable {
  private var types: [String: any MartletEvent.Type] = [:]

  /// These types. Of two with the same name and version, the last one counts.
  public init(_ types: any MartletEvent.Type...) {
    for type in types { self.types[type.eventName] = type }
  }

  /// The types of both. Of two with the same name, the second one counts.
  public static func + (first: EventKinds, second: EventKinds) -> EventKinds {
    var all = first
    all.types.merge(second.types) { $1 }
    return all
  }

  /// The events of jobs, stages and tasks, and of the event log itself.
  public static let jobs = EventKinds(
    ApplicationStarted.self, JobStarted.self, JobEnded.self, StageStarted.self, StageEnded.self, TaskEnded.self,
    DataSpilled.self, EventsDropped.self)

  func type(_ name: String, version: Int) -> (any MartletEvent.Type)? {
    types[name].flatMap { $0.eventVersion == version ? $0 : nil }
  }
}

/// The beginning of a file of an event log: whose log it is.
public struct ApplicationStarted: MartletEvent {
  /// When the file was begun.
  public let time: Time
  /// The name of the program.
  public let appName: String
  /// When its context was made.
  public let startTime: Time
  /// The number of the process.
  public let processID: Int
  /// Files that the log had before this one. The first of them may have been removed since.
  public let filesBefore: Int
}

/// Events that were not delivered, because too many were waiting.
public struct EventsDropped: MartletEvent {
  /// When events were delivered again.
  public let time: Time
  public let count: Int
}

/// An event of an event log that the reader does not know, or whose version is another one.
public struct UnknownEvent: MartletEvent {
  public let name: String
  public let version: Int
  /// When it happened; 1970 if it does not say so.
  public let time: Time
  /// The line of the log.
  public let json: String
}
