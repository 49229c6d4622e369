import MartletCore
import MartletRDD
import Testing

/// A setting that would have no effect is refused.
@Suite struct SettingNameTests {
  private func refusal(_ keys: String...) -> String? {
    var conf = MartletConf().setMaster("local[1]")
    for key in keys { conf = conf.set(key, "1") }
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
  ]) func `a misspelt setting is refused by the first action, with the name that was meant`(key: String, meant: String)
  {
    #expect(refusal(key) == "There is no setting \(key). Did you mean \(meant)?")
  }

  @Test func `a setting that is like none is refused, with where they are named`() {
    let message = refusal("martlet.windows.colour")
    #expect(message?.hasPrefix("There is no setting martlet.windows.colour. MartletConf.Key") == true)
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
  ]) func `Spark's name of a setting is refused with Martlet's`(key: String, own: String) {
    #expect(refusal(key) == "The setting \(key) is called \(own) in Martlet.")
  }

  @Test func `settings that only Spark has are refused`() {
    #expect(
      refusal("spark.executor.memory")
        == "The setting spark.executor.memory is not known to Martlet, and would have no effect: remove it.")
    #expect(
      refusal("spark.streaming.blokInterval")
        == "The setting spark.streaming.blokInterval is not known to Martlet. Did you mean martlet.streaming.blockInterval?"
    )
    #expect(refusal("spark.streaming.stopGracefullyOnShutdown")?.contains("StreamingContext.run()") == true)
  }

  @Test func `all settings that are wrong are told of at once`() {
    let message = refusal("martlet.mastr", "spark.cores.max", "mine.master")
    #expect(message?.contains("martlet.mastr") == true && message?.contains("spark.cores.max") == true)
    #expect(message?.contains("mine") == false)
  }

  @Test func `settings of the program's own are left alone`() {
    #expect(refusal("clicks.topic", "martletish", "sparkling.water", "") == nil)
  }

  @Test func `every setting that there is, is accepted`() {
    for key in MartletConf.knownKeys where key != MartletConf.Key.master {
      #expect(refusal(key)?.contains(key) != true || refusal(key)?.contains("is '1'") == true, "\(key)")
    }
  }
}
