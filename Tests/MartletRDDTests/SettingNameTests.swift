import MartletCore
import MartletRDD
import Testing

/// A setting that would have no effect is refused.
@Suite struct SettingNameTests {
  private func refusal(_ keys: String...) -> String? { refusal(keys.map { ($0, "1") }) }

  private func refusal(_ settings: [(key: String, value: String)]) -> String? {
    var conf = MartletConf().setMaster("local[1]")
    for (key, value) in settings { conf = conf.set(key, value) }
    let sc = MartletContext(conf: conf)
    defer { sc.stop() }
    do {
      #expect(try sc.parallelize([1, 2]).count() == 2)
      return nil
    } catch {
      #expect((error as? MartletError)?.code == .invalidConfiguration)
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("martlet.streaming.blokInterval", "martlet.streaming.blockInterval"),
    ("martlet.streaming.blockinterval", "martlet.streaming.blockInterval"),
    ("martlet.streaming.receiver.maxrate", "martlet.streaming.receiver.maxRate"),
    ("martlet.streaming.gracefulTimeout", "martlet.streaming.gracefulStopTimeout"),
    ("martlet.memory", "martlet.memory.bytes"),
    ("martlet.app.nam", "martlet.app.name"),
    ("Martlet.master", "martlet.master"),
    ("matlet.memory.bytes", "martlet.memory.bytes"),
    ("martlett.app.name", "martlet.app.name"),
    ("sparc.local.dir", "martlet.local.dir"),
  ]) func `a misspelt setting is refused by the first action, with the likely name`(key: String, meant: String) {
    #expect(refusal(key) == "There is no setting \(key). Did you mean \(meant)?")
  }

  @Test func `a setting unlike all others is refused, with a reference to their list`() {
    let message = refusal("martlet.windows.colour")
    #expect(message?.hasPrefix("There is no setting martlet.windows.colour. docs/configuration.md") == true)
  }

  @Test(arguments: [
    ("spark.master", "martlet.master"),
    ("spark.app.name", "martlet.app.name"),
    ("spark.default.parallelism", "martlet.default.parallelism"),
    ("spark.local.dir", "martlet.local.dir"),
    ("spark.streaming.blockInterval", "martlet.streaming.blockInterval"),
    ("spark.streaming.backpressure.pid.minRate", "martlet.streaming.backpressure.pid.minRate"),
    ("spark.streaming.receiver.writeAheadLog.enable", "martlet.streaming.receiver.writeAheadLog.enable"),
    ("spark.streaming.gracefulStopTimeout", "martlet.streaming.gracefulStopTimeout"),
    ("spark.streaming.stopSparkContextByDefault", "martlet.streaming.stopContextByDefault"),
  ]) func `Spark's name of a setting sets Martlet's`(key: String, own: String) {
    let conf = MartletConf().set(key, "1")
    #expect(conf.all.map(\.0) == [own])
    #expect(conf.get(key) == "1" && conf.get(own) == "1")
    #expect(conf.set(own, "2").get(key) == "2", "the last one counts")
  }

  @Test func `settings of Spark without an equivalent are refused`() {
    #expect(
      refusal("spark.executor.memory")
        == "The setting spark.executor.memory is not known to Martlet and would have no effect. Remove it.")
    #expect(
      refusal("spark.streaming.blokInterval")
        == "The setting spark.streaming.blokInterval is not known to Martlet. Did you mean martlet.streaming.blockInterval?"
    )
    #expect(refusal("spark.streaming.stopGracefullyOnShutdown")?.contains("StreamingContext.run()") == true)
  }

  @Test func `all wrong settings are reported together`() {
    let message = refusal("martlet.mastr", "spark.cores.max", "mine.master")
    #expect(message?.contains("martlet.mastr") == true && message?.contains("spark.cores.max") == true)
    #expect(message?.contains("mine") == false)
  }

  @Test func `a program's own settings are accepted`() {
    #expect(refusal("clicks.topic", "martletish", "sparkling.water", "") == nil)
  }

  @Test(arguments: [
    (" martlet.master", "Write martlet.master."),
    ("martlet.master ", "Write martlet.master."),
    ("martlet. master", "Write martlet.master."),
    ("martlet.app.name\n", "Write martlet.app.name."),
    ("\u{FEFF}martlet.memory.bytes", "Write martlet.memory.bytes."),
    ("martlet\u{200B}.local.dir", "Write martlet.local.dir."),
    ("\tmartlet.mastr", "There is no setting martlet.mastr. Did you mean martlet.master?"),
    (" spark.master", "Write spark.master."),
  ]) func `a name with white space or invisible characters is refused`(key: String, advice: String) {
    #expect(
      refusal(key) == "The name of the setting '\(key)' contains white space or invisible characters. \(advice)")
  }

  @Test func `a program's own setting may have white space in its name`() {
    #expect(refusal(" clicks topic ", "a martlet.master") == nil)
  }

  @Test func `a setting with a type has its value again, and its text is the one that Spark would take`() throws {
    let conf = MartletConf().set(.blockInterval, to: .milliseconds(1500)).set(.gracefulStopTimeout, to: .seconds(90))
      .set(.fileSettleTime, to: .zero).set(.memoryBytes, to: 2 << 30).set(.maximumRate, to: 0.5)
      .set(.backpressure, to: true).set(.rateEstimator, to: .pid).set(.master, to: "local[3]")
    #expect(try conf.get(.blockInterval) == .milliseconds(1500) && conf.get(.gracefulStopTimeout) == .seconds(90))
    #expect(try conf.get(.fileSettleTime) == .zero && conf.get(.memoryBytes) == 2 << 30)
    #expect(try conf.get(.maximumRate) == 0.5 && conf.get(.backpressure) == true && conf.get(.rateEstimator) == .pid)
    #expect(try conf.get(.master) == "local[3]" && conf.get(.appName) == nil)
    #expect(conf.get("spark.streaming.blockInterval") == "1500ms")
    #expect(conf.get("martlet.streaming.gracefulStopTimeout") == "90s")
    #expect(conf.get("martlet.streaming.receiver.maxRate") == "0.5")
  }

  @Test func `a value of the right type that cannot be is refused as a text would be`() {
    for conf in [
      MartletConf().set(.blockInterval, to: .zero), MartletConf().set(.blockInterval, to: .microseconds(500)),
      MartletConf().set(.defaultParallelism, to: 0), MartletConf().set(.initialRate, to: -1),
    ] {
      let error = #expect(throws: MartletError.self) { try MartletContext(conf: conf).parallelize([1]).count() }
      #expect(error?.code == .invalidConfiguration)
      #expect(error?.message.contains("it must be") == true)
    }
  }

  @Test(arguments: [
    ("1500ms", 1500), ("2s", 2_000), ("7", 7), ("1m", 60_000), ("10min", 600_000), ("2h", 7_200_000),
    ("1d", 86_400_000),
  ]) func `times are written as Spark writes them`(text: String, milliseconds: Int) throws {
    #expect(
      try MartletConf().set("spark.streaming.blockInterval", text).get(.blockInterval) == .milliseconds(milliseconds))
  }

  private static let wholeNumber = "it must be a whole number"
  private static let time = "it must be a time from 1 ms to 1000 days, in whole milliseconds, such as 200ms or 2s."
  private static let seconds = "it must be a time from 1 ms to 32767 s, such as 500ms or 60s."
  private static let flag = "it must be 'true' or 'false'."
  private static let notNegative = "it must be a non-negative number."
  private static let aboveZero = "it must be a positive number."

  /// For every setting: invalid values, the extreme valid ones, and the accepted form.
  private static let values: [String: (wrong: [String], right: [String], accepted: String)] = [
    "martlet.app.name": ([], ["", "any name"], ""),
    "martlet.default.parallelism": (
      ["0", "-1", "1048577", "x", "", "1.5"], ["1", "1048576"], "\(wholeNumber) from 1 to 1048576."
    ),
    "martlet.memory.bytes": (["-1", "1g", ""], ["0", "1000000"], "\(wholeNumber) of at least 0."),
    "martlet.sql.memory.bytes": (["0", "1048575", "1g"], ["1048576"], "\(wholeNumber) of at least 1048576."),
    "martlet.task.memory.bytes": (["0", "-1", "1g", " 5"], ["1000000"], "\(wholeNumber) of at least 1."),
    "martlet.local.dir": (
      [""], ["/tmp"], "it must be the path of a folder. Omit the setting to use the default."
    ),
    // A log would be written there.
    "martlet.eventLog.dir": ([""], [], "it must be the path of a folder. Omit the setting to use the default."),
    "martlet.eventLog.enabled": (["yes", ""], ["false"], flag),
    "martlet.eventLog.maximum.bytes": (["0", "1048575", "1g"], ["1048576"], "\(wholeNumber) of at least 1048576."),
    "martlet.line.maximum.bytes": (["0", "-1", "64m"], ["1"], "\(wholeNumber) of at least 1."),
    "martlet.streaming.backpressure.enabled": (["yes", "1", "True", ""], ["true", "false"], flag),
    "martlet.streaming.backpressure.initialRate": (["0", "-5", "fast", "inf", "nan"], ["0.5"], aboveZero),
    "martlet.streaming.backpressure.pid.derived": (["-0.1", "x", ""], ["0", "1"], notNegative),
    "martlet.streaming.backpressure.pid.integral": (["-0.1", "x", "nan"], ["0", "1"], notNegative),
    "martlet.streaming.backpressure.pid.minRate": (["-5", "0", ""], ["100"], aboveZero),
    "martlet.streaming.backpressure.pid.proportional": (["-1", "1,5"], ["0", "1.5"], notNegative),
    "martlet.streaming.backpressure.rateEstimator": (["magic", "", "PID"], ["pid"], "it must be 'pid'."),
    "martlet.streaming.blockInterval": (["-1s", "0", "soon", "", "2 s", "1.5s"], ["1", "200ms", "2s"], time),
    "martlet.streaming.files.maxFilesPerBatch": (["0", "-1", "all"], ["1"], "\(wholeNumber) of at least 1."),
    "martlet.streaming.files.settleTime": (
      ["-1", "200 ms", ""], ["0", "200", "2s"],
      "it must be 0, or a time from 1 ms to 1000 days, in whole milliseconds, such as 200ms or 2s."
    ),
    "martlet.streaming.gracefulStopTimeout": (
      ["never", "0", "-1s", "86400000001", "1001d"], ["86400000000", "86400001", "1000d"], time
    ),
    "martlet.streaming.receiver.buffer.bytes": (["0", "-1", "8k"], ["1"], "\(wholeNumber) of at least 1."),
    "martlet.streaming.receiver.maxRate": (["-1", "fast"], ["0", "0.5"], notNegative),
    "martlet.streaming.receiver.stopTimeout": (["0s", "-5"], ["5s"], time),
    "martlet.streaming.receiver.writeAheadLog.enable": (["on", "0"], ["true", "false"], flag),
    "martlet.streaming.receivers.memory.bytes": (["0", "-1", "1e9"], ["1"], "\(wholeNumber) of at least 1."),
    "martlet.streaming.socket.keepAlive.interval": (["0", "32768s", "-1s"], ["32767s", "1ms"], seconds),
    "martlet.streaming.socket.keepAlive.probes": (["0", "128", ""], ["1", "127"], "\(wholeNumber) from 1 to 127."),
    "martlet.streaming.socket.keepAlive.time": (["32767001", "0", "long"], ["32767000"], seconds),
    "martlet.streaming.socket.readTimeout": (["0", "-1", "none"], ["30s"], time),
    "martlet.streaming.stopContextByDefault": (["perhaps", ""], ["true", "false"], flag),
  ]

  @Test func `every setting refuses invalid values, even if it has no effect`() throws {
    // The master is in the test below.
    #expect(Set(Self.values.keys) == MartletConf.knownKeys.subtracting(["martlet.master"]))
    for (key, (wrong, right, accepted)) in Self.values {
      for value in wrong { #expect(refusal([(key, value)]) == "The setting \(key) is '\(value)'; \(accepted)") }
      for value in right { #expect(refusal([(key, value)]) == nil, "\(key) = \(value)") }
    }
  }

  @Test func `an invalid master or folder is refused with the setting's name and the reason`() {
    for master in ["local[0]", "spark://host:7077", ""] {
      let message = refusal([("martlet.master", master)])
      #expect(message?.hasPrefix("The setting martlet.master: The master '\(master)'") == true, "\(message ?? "nil")")
      #expect(message?.contains("Use 'local' for one thread") == true)
    }
    let message = refusal([("martlet.local.dir", "hdfs://node/spill")])
    #expect(
      message?.hasPrefix("The setting martlet.local.dir: ") == true && message?.contains("hdfs://node/spill") == true)
  }

  @Test func `all wrong values and names are reported together`() {
    let message = refusal([("martlet.memory.bytes", "-1"), ("martlet.line.maximum.bytes", "0"), ("martlet.mastr", "1")])
    for part in ["martlet.memory.bytes is '-1'", "martlet.line.maximum.bytes is '0'", "no setting martlet.mastr"] {
      #expect(message?.contains(part) == true, "\(message ?? "nil")")
    }
  }
}
