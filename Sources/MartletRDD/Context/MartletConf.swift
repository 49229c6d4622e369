/// The settings of a program: Spark's SparkConf.
///
/// ```swift
/// let conf = MartletConf().setMaster("local[4]").setAppName("Clicks").set("martlet.memory.bytes", "2147483648")
/// ```
/// The first action, or `start()`, refuses a name that begins with `martlet.` or `spark.` but is not a setting of
/// Martlet, and suggests the most similar name. It also refuses an invalid value, whether it would be used or not. All
/// other names are the program's own.
public struct MartletConf: Sendable {
  private var settings: [String: String] = [:]

  public init() {}

  /// A copy with the value of `key` set to `value`.
  public func set(_ key: String, _ value: String) -> MartletConf {
    var copy = self
    copy.settings[key] = value
    return copy
  }

  /// A copy that runs on `master`, such as `local[4]`.
  public func setMaster(_ master: String) -> MartletConf { set(Key.master, master) }

  /// A copy for a program with this name.
  public func setAppName(_ name: String) -> MartletConf { set(Key.appName, name) }

  /// The value of `key`; `nil` if it is not set.
  public func get(_ key: String) -> String? { settings[key] }

  /// The value of `key`, or `defaultValue`.
  public func get(_ key: String, _ defaultValue: String) -> String { settings[key] ?? defaultValue }

  /// All settings, sorted by key.
  public var all: [(String, String)] { settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

  /// The settings that Martlet knows.
  public enum Key {
    /// Where the program runs. Default: `local[*]`.
    public static let master = "martlet.master"
    /// The program's name. Default: `martlet`.
    public static let appName = "martlet.app.name"
    /// The number of partitions of shuffles and of `parallelize` by default, at most 1,048,576. Default: for shuffles
    /// of RDDs, that of the largest parent; otherwise the number of the master's threads.
    public static let defaultParallelism = "martlet.default.parallelism"
    /// The memory in bytes for cached partitions, and for data of earlier batches that streams retain (for a window,
    /// for `remember`). Beyond it, the least recently used data is evicted. Default: a quarter of the memory of the
    /// machine, or of the container if that is limited.
    ///
    /// Data that streams retain goes to disk (`localDirectory`), and is never dropped. If it cannot be written because
    /// the disk is full, a batch without room fails, and a receiver without room waits. Elements without a binary form
    /// (instances of classes, and types that are not `Codable` and not composed of such) stay in memory beyond the
    /// limit, and the log warns about it. `docs/memory.md` lists all bounds.
    public static let memoryBytes = "martlet.memory.bytes"
    /// The memory in bytes that the shuffles and sorts of one task may use before they spill. The tables of windows by
    /// key, together with shuffle data between stages, may use the same amount for each thread. Default: 268,435,456,
    /// or less if all threads together would use more than a quarter of the memory.
    public static let taskMemoryBytes = "martlet.task.memory.bytes"
    /// The folder for spilled data, created if it is missing. Its files have no names, so none outlives the process.
    /// Default: the system's temporary folder.
    public static let localDirectory = "martlet.local.dir"
    /// The folder for event logs, made if it is missing: see ``EventLog``. Default: no event log.
    public static let eventLogDirectory = "martlet.eventLog.dir"
    /// Whether events are logged, `true` or `false`. Default: `true` if there is a folder for them.
    public static let eventLogEnabled = "martlet.eventLog.enabled"
    /// Bytes that the event logs of a program may take in their folder together, with those of its earlier runs; the
    /// oldest files are removed. At least 1,048,576. Default: 268,435,456.
    public static let eventLogMaximumBytes = "martlet.eventLog.maximum.bytes"
    /// The maximum length of a line in bytes; longer ones are an error. Default: 67,108,864.
    public static let maximumLineLength = "martlet.line.maximum.bytes"
  }
}
