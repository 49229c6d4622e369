import MartletCore

extension MartletConf {
  /// The forms of all settings, by their names: a name that is not here is misspelt.
  private static let forms = Dictionary(uniqueKeysWithValues: allSettings.map { ($0.name, $0.form) })

  package static let knownKeys = Set(allSettings.map(\.name))

  /// Spark's names of settings that mean the same here.
  static let sparkNames: [String: String] = {
    let same = [
      "master", "app.name", "default.parallelism", "local.dir", "streaming.blockInterval", "streaming.receiver.maxRate",
      "streaming.receiver.writeAheadLog.enable", "streaming.gracefulStopTimeout", "streaming.backpressure.enabled",
      "streaming.backpressure.initialRate", "streaming.backpressure.rateEstimator",
      "streaming.backpressure.pid.proportional", "streaming.backpressure.pid.integral",
      "streaming.backpressure.pid.derived", "streaming.backpressure.pid.minRate",
    ]
    var names = Dictionary(uniqueKeysWithValues: same.map { ("spark.\($0)", "martlet.\($0)") })
    names["spark.streaming.stopSparkContextByDefault"] = "martlet.streaming.stopContextByDefault"
    return names
  }()

  /// The replacements of Spark's settings that do not exist in Martlet.
  private static let sparkAdvice = [
    "spark.streaming.stopGracefullyOnShutdown":
      "StreamingContext.run() stops gracefully when the process receives SIGTERM, SIGINT or SIGHUP.",
    "spark.streaming.concurrentJobs": "Batches and their output operations run one at a time.",
  ]

  /// Throws if a setting looks like one of Martlet's or Spark's but is unknown and would have no effect, or if it is
  /// known but has an invalid value, whether the program uses it or not. All other settings are the program's own.
  package func refuseWrongSettings() throws {
    let problems = all.compactMap { key, value in
      Self.problem(of: key) ?? Self.forms[key]?.refusal(of: value, for: key)
    }
    if !problems.isEmpty { throw MartletError(.invalidConfiguration, problems.joined(separator: " ")) }
  }

  /// The error for the name of a setting; `nil` if it is valid.
  private static func problem(of key: String) -> String? {
    let visible = String(String.UnicodeScalarView(key.unicodeScalars.filter { !$0.isInvisible }))
    let name = visible.lowercased()
    if visible != key, name.hasPrefix("martlet.") || name.hasPrefix("spark.") {
      let advice = problem(of: visible) ?? "Write \(visible)."
      return "The name of the setting '\(key)' contains white space or invisible characters. \(advice)"
    }
    if name.hasPrefix("spark.") { return sparkNames[key] == nil ? problem(ofSparks: key) : nil }
    guard name.hasPrefix("martlet.") else { return visible == key ? problem(ofOwn: name, key) : nil }
    guard !knownKeys.contains(key) else { return nil }
    guard let near = nearest(to: key, in: knownKeys) else {
      return "There is no setting \(key). docs/configuration.md lists all settings."
    }
    return "There is no setting \(key). Did you mean \(near)?"
  }

  /// The error for a name that seems to be the program's own, but differs from a known one by a letter or two: the slip
  /// may be in its first word.
  private static func problem(ofOwn name: String, _ key: String) -> String? {
    guard
      let near = (knownKeys.sorted() + sparkNames.keys.sorted()).first(where: {
        editDistance(name, $0.lowercased()) <= 2
      })
    else { return nil }
    return "There is no setting \(key). Did you mean \(sparkNames[near] ?? near)?"
  }

  private static func problem(ofSparks key: String) -> String {
    if let advice = sparkAdvice[key] { return "The setting \(key) is not known to Martlet. \(advice)" }
    if let near = nearest(to: key, in: Set(sparkNames.keys)), let own = sparkNames[near] {
      return "The setting \(key) is not known to Martlet. Did you mean \(own)?"
    }
    return "The setting \(key) is not known to Martlet and would have no effect. Remove it."
  }

  /// The known name most similar to `key`; `nil` if none is similar.
  private static func nearest(to key: String, in names: Set<String>) -> String? {
    // The missing end may be long.
    if let longer = names.sorted().first(where: { $0.hasPrefix(key + ".") }) { return longer }
    let ranked = names.sorted().map { (name: $0, distance: editDistance(key.lowercased(), $0.lowercased())) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    // The prefix is always the same.
    return best.distance <= max(2, (key.count - "martlet.".count) / 3) ? best.name : nil
  }
}

extension Unicode.Scalar {
  /// True if the character is invisible to a reader.
  fileprivate var isInvisible: Bool {
    properties.isWhitespace || properties.isDefaultIgnorableCodePoint || properties.generalCategory == .control
  }
}
