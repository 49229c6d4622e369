/// The settings of a program: Spark's SparkConf.
///
/// ```swift
/// let conf = MartletConf().setMaster("local[4]").setAppName("Clicks").set(.memoryBytes, to: 2 << 30)
/// ```
/// Settings can also be given as texts, by their names or by Spark's, as they come from a file or the command line:
/// `set("spark.streaming.blockInterval", "500ms")`. A name that begins with `martlet.` or `spark.` and is no setting of
/// Martlet's is refused by the first action, or by `start()`, with the name that may have been meant; so is a value that
/// the setting cannot have, whether it would be used or not. All others are the program's own.
public struct MartletConf: Sendable {
  private var settings: [String: String] = [:]

  public init() {}

  /// A copy in which `key` has `value`. Spark's name of a setting of Martlet's sets that.
  public func set(_ key: String, _ value: String) -> MartletConf {
    var copy = self
    copy.settings[Self.sparkNames[key] ?? key] = value
    return copy
  }

  /// A copy that runs on `master`, such as `local[4]`.
  public func setMaster(_ master: String) -> MartletConf { set(.master, to: master) }

  /// A copy for a program with this name.
  public func setAppName(_ name: String) -> MartletConf { set(.appName, to: name) }

  /// The value of `key`; `nil` if it is not set.
  public func get(_ key: String) -> String? { settings[Self.sparkNames[key] ?? key] }

  /// The value of `key`, or `defaultValue`.
  public func get(_ key: String, _ defaultValue: String) -> String { get(key) ?? defaultValue }

  /// All settings, sorted by key.
  public var all: [(String, String)] { settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
