/// The settings of a program: Spark's SparkConf.
///
/// ```swift
/// let conf = MartletConf().setMaster("local[4]").setAppName("Clicks").set("martlet.memory.bytes", "2147483648")
/// ```
/// A name that begins with `martlet.` or `spark.` and is no setting of Martlet's is refused by the first action, or by
/// `start()`, with the name that may have been meant; so is a value that the setting cannot have, whether it would be used
/// or not. All others are the program's own.
public struct MartletConf: Sendable {
  private var settings: [String: String] = [:]

  public init() {}

  /// A copy in which `key` has `value`.
  public func set(_ key: String, _ value: String) -> MartletConf {
    var copy = self
    copy.settings[key] = value
    return copy
  }

  /// A copy that runs on `master`, such as `local[4]`.
  public func setMaster(_ master: String) -> MartletConf { set(Key.master, master) }

  /// A copy for a program of this name.
  public func setAppName(_ name: String) -> MartletConf { set(Key.appName, name) }

  /// The value of `key`, if it has been set.
  public func get(_ key: String) -> String? { settings[key] }

  /// The value of `key`, or `defaultValue`.
  public func get(_ key: String, _ defaultValue: String) -> String { settings[key] ?? defaultValue }

  /// Everything that has been set, by key.
  public var all: [(String, String)] { settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

  /// The settings that Martlet knows.
  public enum Key {
    /// Where the program runs. Default: `local[*]`.
    public static let master = "martlet.master"
    /// The program's name. Default: `martlet`.
    public static let appName = "martlet.app.name"
    /// Partitions of shuffles and of `parallelize` where none are asked for, at most 1,048,576. Default: of shuffles of
    /// RDDs, as many as the largest parent has; otherwise the threads of the master.
    public static let defaultParallelism = "martlet.default.parallelism"
    /// Bytes that cached partitions may take in memory, together with what streams keep of earlier batches (for a window,
    /// for `remember`), before the oldest make room. Default: a quarter of the machine's, or
    /// of the container's if that is limited.
    ///
    /// What streams keep goes to disk (`localDirectory`), and is never dropped. If it cannot be written, because the disk is
    /// full, a batch that finds no room fails, and a receiver whose blocks find none waits. Elements that have no binary form
    /// (objects of classes, and what is neither `Codable` nor made of such) stay in memory beyond the limit, and the log
    /// warns of it. `docs/memory.md` lists all that is kept, and its limits.
    public static let memoryBytes = "martlet.memory.bytes"
    /// Bytes that the shuffles and sorts of one task may take in memory before they spill; for each thread, the tables of
    /// windows by key may take as many, together with what shuffles hold between their stages. Default: 268,435,456, or,
    /// where all threads together would take more than a quarter of the memory, as much less.
    public static let taskMemoryBytes = "martlet.task.memory.bytes"
    /// The folder for spilled data, made if it is missing. Its files have no names, so none outlives the process.
    /// Default: the system's temporary folder.
    public static let localDirectory = "martlet.local.dir"
    /// The folder for event logs, made if it is missing: see ``EventLog``. Default: no event log.
    public static let eventLogDirectory = "martlet.eventLog.dir"
    /// Whether events are logged, `true` or `false`. Default: `true` if there is a folder for them.
    public static let eventLogEnabled = "martlet.eventLog.enabled"
    /// Bytes that the event logs of a program may take in their folder together, with those of its earlier runs; the
    /// oldest files are removed. At least 1,048,576. Default: 268,435,456.
    public static let eventLogMaximumBytes = "martlet.eventLog.maximum.bytes"
    /// Bytes of the longest line that is read as one; longer ones are an error. Default: 67,108,864.
    public static let maximumLineLength = "martlet.line.maximum.bytes"
  }
}
