import MartletCore

extension MartletConf {
  /// All settings of Martlet, including those of streams, with the forms of their values: a program has one set of
  /// settings, and other names are misspelt.
  package static let knownSettings: [String: SettingForm] = [
    "martlet.master": .master,
    "martlet.app.name": .text,
    "martlet.default.parallelism": .integer(1...maximumPartitions),
    "martlet.memory.bytes": .integer(0 ... .max),
    "martlet.task.memory.bytes": .integer(1 ... .max),
    "martlet.local.dir": .folder,
    "martlet.line.maximum.bytes": .integer(1 ... .max),
    "martlet.eventLog.dir": .folder,
    "martlet.eventLog.enabled": .flag,
    "martlet.eventLog.maximum.bytes": .integer(1 << 20 ... .max),
    "martlet.streaming.backpressure.enabled": .flag,
    "martlet.streaming.backpressure.initialRate": .number(allowsZero: false),
    "martlet.streaming.backpressure.pid.derived": .number(allowsZero: true),
    "martlet.streaming.backpressure.pid.integral": .number(allowsZero: true),
    "martlet.streaming.backpressure.pid.minRate": .number(allowsZero: false),
    "martlet.streaming.backpressure.pid.proportional": .number(allowsZero: true),
    "martlet.streaming.backpressure.rateEstimator": .word("pid"),
    "martlet.streaming.blockInterval": .duration,
    "martlet.streaming.files.maxFilesPerBatch": .integer(1 ... .max),
    "martlet.streaming.files.settle.ms": .integer(0 ... .max),
    "martlet.streaming.gracefulStopTimeout": .duration,
    "martlet.streaming.receiver.buffer.bytes": .integer(1 ... .max),
    "martlet.streaming.receiver.maxRate": .number(allowsZero: true),
    "martlet.streaming.receiver.stopTimeout": .duration,
    "martlet.streaming.receiver.writeAheadLog.enable": .flag,
    "martlet.streaming.receivers.memory.bytes": .integer(1 ... .max),
    "martlet.streaming.socket.keepAlive.interval": .wholeSeconds(maximum: 32_767),
    "martlet.streaming.socket.keepAlive.probes": .integer(1...127),
    "martlet.streaming.socket.keepAlive.time": .wholeSeconds(maximum: 32_767),
    "martlet.streaming.socket.readTimeout": .duration,
    "martlet.streaming.stopContextByDefault": .flag,
  ]

  package static var knownKeys: Set<String> { Set(knownSettings.keys) }

  /// Spark's names of settings whose names differ in Martlet by more than the prefix `martlet`.
  private static let sparkNames = [
    "spark.streaming.stopSparkContextByDefault": "martlet.streaming.stopContextByDefault"
  ]

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
      Self.problem(of: key) ?? Self.knownSettings[key]?.refusal(of: value, for: key)
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
    if name.hasPrefix("spark.") { return problem(ofSparks: key) }
    guard name.hasPrefix("martlet."), !knownKeys.contains(key) else { return nil }
    guard let near = nearest(to: key, in: knownKeys) else {
      return "There is no setting \(key). MartletConf.Key and docs/spark-to-martlet.md list all settings."
    }
    return "There is no setting \(key). Did you mean \(near)?"
  }

  private static func problem(ofSparks key: String) -> String {
    var names = sparkNames
    for key in knownKeys where key != "martlet.streaming.stopContextByDefault" {
      names["spark" + key.dropFirst("martlet".count)] = key
    }
    if let own = names[key] { return "The setting \(key) is called \(own) in Martlet." }
    if let advice = sparkAdvice[key] { return "The setting \(key) is not known to Martlet. \(advice)" }
    if let near = nearest(to: key, in: Set(names.keys)), let own = names[near] {
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

  /// The number of letters to insert, delete or replace to convert one text to the other.
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}

extension Unicode.Scalar {
  /// True if the character is invisible to a reader.
  fileprivate var isInvisible: Bool {
    properties.isWhitespace || properties.isDefaultIgnorableCodePoint || properties.generalCategory == .control
  }
}
