import MartletTesting
import Testing

@Suite(.timeLimit(.minutes(30))) struct ConfigurationTests {
  private func startError(_ test: TestStreamingContext) -> MartletError? {
    _ = test.output(of: test.stream([[1]]))
    return #expect(throws: MartletError.self) { try test.start() }
  }

  @Test(arguments: ["local[0]", "local[x]", "local[-1]", "local[", "spark://host:7077", ""])
  func `an invalid master is refused with the valid forms`(_ master: String) {
    let error = startError(TestStreamingContext(master: master))
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.message.contains("local[N]") == true)
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
  func `an invalid batch interval is refused`(_ interval: Duration) {
    let error = startError(TestStreamingContext(batchInterval: interval))
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.message.contains("batch interval") == true)
  }

  @Test func `a master whose threads all receive is refused with the necessary number`() {
    let test = TestStreamingContext(master: "local[1]")
    _ = test.output(of: test.context.receiverStream(Receiver<Int>()))
    let error = #expect(throws: MartletError.self) { try test.start() }
    #expect(error?.message.contains("local[2]") == true)

    let two = TestStreamingContext(master: "local[2]")
    _ = two.output(of: two.context.receiverStream(Receiver<Int>()))
    _ = two.output(of: two.context.receiverStream(Receiver<Int>()))
    let other = #expect(throws: MartletError.self) { try two.start() }
    #expect(other?.message.contains("local[3]") == true)
  }

  @Test func `a context that does not start is stopped`() throws {
    let test = TestStreamingContext(master: "local[0]")
    _ = startError(test)
    #expect(test.context.getState() == .stopped)
  }

  @Test(arguments: [
    (ReceiverSetting.blockIntervalKey, "-1s"), (ReceiverSetting.minimumRateKey, "-5"),
    (FileStreamSetting.settleKey, "-1"), (SocketSetting.readTimeoutKey, "never"), (MartletConf.Key.localDirectory, ""),
  ]) func `start refuses an invalid setting even if the program does not use it`(key: String, value: String) {
    let error = startError(TestStreamingContext(conf: MartletConf().setMaster("local[2]").set(key, value)))
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.message.contains("The setting \(key) is '\(value)'") == true)
  }

  @Test(arguments: ["abc", "-1", "", "1.5"]) func `invalid settings of inputs are refused by name`(text: String) {
    let streams: [(String, (StreamingContext) -> Void)] = [
      (FileStreamSetting.settleKey, { $0.textFileStream("/nowhere").pprint() }),
      (FileStreamSetting.maxFilesKey, { $0.textFileStream("/nowhere").pprint() }),
      (StreamingContext.receiverBufferKey, { $0.socketTextStream("localhost", 9).pprint() }),
    ]
    for (key, make) in streams {
      let test = TestStreamingContext(conf: MartletConf().setMaster("local[2]").set(key, text))
      make(test.context)
      let error = #expect(throws: MartletError.self) { try test.start() }
      #expect(error?.message.contains("The setting \(key) is '\(text)'") == true)
    }
  }
}
