import MartletCore

extension MartletConf {
  /// A setting of Martlet's: its name, and the type of its values.
  ///
  /// ```swift
  /// let conf = MartletConf().set(.blockInterval, to: .milliseconds(500)).set(.memoryBytes, to: 2 << 30)
  /// ```
  /// `docs/configuration.md` has all of them in one table.
  public struct Setting<Value: Sendable>: Sendable {
    /// The name by which `set(_:_:)` knows the setting, such as `martlet.streaming.blockInterval`.
    public let name: String
    package let known: KnownSetting
    fileprivate let text: @Sendable (Value) -> String
    fileprivate let value: @Sendable (String) -> Value?
  }

  /// A copy in which `setting` has `value`.
  public func set<Value>(_ setting: Setting<Value>, to value: Value) -> MartletConf {
    set(setting.name, setting.text(value))
  }

  /// The value of `setting`; `nil` if it has not been set.
  ///
  /// - Throws: `MartletError` if it has been set to a text that stands for no value that it can have.
  public func get<Value>(_ setting: Setting<Value>) throws -> Value? {
    guard let text = get(setting.name) else { return nil }
    if let refusal = setting.known.form.refusal(of: text, for: setting.name) {
      throw MartletError(.invalidConfiguration, refusal)
    }
    return setting.value(text)
  }
}

extension MartletConf.Setting where Value: SettingValue {
  /// - Parameters:
  ///   - standard: the default, for people.
  ///   - property: the name of the property that is this setting.
  init(_ name: String, _ form: SettingForm, default standard: String, _ property: StaticString = #function) {
    self.name = name
    known = KnownSetting(name: name, property: "\(property)", type: "\(Value.self)", form: form, standard: standard)
    text = { $0.settingText }
    value = { Value(settingText: $0) }
  }
}

/// A setting, whatever the type of its values.
package struct KnownSetting: Sendable {
  package let name: String
  /// The property of `MartletConf.Setting`.
  package let property: String
  /// The type of the values.
  package let type: String
  let form: SettingForm
  /// The default, for people.
  package let standard: String
}

/// What a setting can be: settings are kept as texts, as Spark keeps them.
package protocol SettingValue: Sendable {
  init?(settingText: String)
  var settingText: String { get }
}

extension SettingValue where Self: LosslessStringConvertible {
  package init?(settingText: String) { self.init(settingText) }
  package var settingText: String { description }
}

extension Int: SettingValue {}
extension Double: SettingValue {}
extension Bool: SettingValue {}
extension String: SettingValue {}

extension MartletConf.RateEstimator: SettingValue {
  package init?(settingText: String) { self.init(rawValue: settingText) }
  package var settingText: String { rawValue }
}

extension Duration: SettingValue {
  package init?(settingText: String) {
    guard let duration = settingText == "0" || settingText == "0s" ? .zero : SettingForm.duration(settingText) else {
      return nil
    }
    self = duration
  }

  package var settingText: String {
    for (unit, suffix) in [(Duration.seconds(1), "s"), (.milliseconds(1), "ms")]
    where nanoseconds % unit.nanoseconds == 0 {
      return "\(nanoseconds / unit.nanoseconds)\(suffix)"
    }
    // Settings count in milliseconds: this is refused, as it is.
    return "\(self)"
  }
}
