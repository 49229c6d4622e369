/// The settings of a session, such as `spark.sql.session.timeZone`, which SQL's `SET` changes too.
///
/// ```swift
/// spark.conf.set("spark.sql.session.timeZone", "Europe/Berlin")
/// ```
public struct RuntimeConfig: Sendable {
  let state: SessionState

  /// Changes a setting for later queries.
  public func set(_ key: String, _ value: String) { state.set(key, value) }

  /// The value of a setting; `nil` if it is not set.
  public func get(_ key: String) -> String? { state.setting(key) }

  /// The value of a setting, or another one if it is not set.
  public func get(_ key: String, _ defaultValue: String) -> String { state.setting(key) ?? defaultValue }

  /// Removes a setting, so that its default applies.
  public func unset(_ key: String) { state.set(key, nil) }

  /// All settings that are set.
  public var getAll: [String: String] { state.allSettings }
}

extension SparkSession {
  /// The settings of the session.
  public var conf: RuntimeConfig { RuntimeConfig(state: state) }
}
