import MartletCore
import MartletRDD
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct BackpressureTests {
  @Test func `no batch gets more than the maximum rate, and nothing is lost`() throws {
    let conf = MartletConf().setMaster("local[2]").set(ReceiverSetting.maxRateKey, "100")
    let test = TestStreamingContext(conf: conf)
    let receiver = HandReceiver<Int>()
    let output = test.output(of: test.context.receiverStream(receiver))
    try test.start()
    #expect(test.events.wait { $0.contains { $0.name == "receiverStarted" } })
    let stored = Atomic<Int>(0)
    let storing = WorkerThread(name: "store") {
      while !receiver.isStopped {
        receiver.store(stored.load(ordering: .relaxed))
        stored.add(1, ordering: .relaxed)
      }
    }
    try test.runBatches { output.all.count >= 1000 }
    test.stop(gracefully: true)
    storing.join()
    let batches = output.batches
    // Records that did not fit into one batch may come in the next.
    for next in batches.indices.dropFirst() { #expect(batches[next - 1].count + batches[next].count <= 302) }
    #expect(batches.reduce(0) { $0 + $1.count } <= (batches.count + 1) * 100 + 2)
    #expect(output.all == Array(0..<output.all.count))
    let limits = test.events.completedBatches.compactMap { $0.streamIDToInputInfo[0]?.rateLimit }
    #expect(limits.count == test.events.completedBatches.count && limits.allSatisfy { $0 == 100 })
  }

  @Test func `a sender that is ten times faster than the sink is slowed, and no line is lost`() async throws {
    let server = LoopbackServer()
    let conf = MartletConf().setMaster("local[3]").set(ReceiverSetting.backpressureKey, "true")
      .set(ReceiverSetting.initialRateKey, "40000")
    let events = StreamingEventRecorder()
    let ssc = StreamingContext(
      MartletContext(conf: conf), batchInterval: .milliseconds(50), clock: SystemClock(), countsAsActive: false)
    ssc.addStreamingListener(events)
    let lines = Mutex<(count: Int, inOrder: Bool)>((0, true))
    ssc.socketTextStream("127.0.0.1", server.port).foreachRDD { rdd, _ in
      let batch = try rdd.map { Int(String($0).prefix(8)) ?? -1 }.collect()
      lines.withLock { lines in
        for number in batch {
          lines.inOrder = lines.inOrder && number == lines.count
          lines.count += 1
        }
      }
      // The sink takes 20,000 lines a second.
      let end = MonotonicTime.now + .microseconds(50 * batch.count)
      while MonotonicTime.now < end {}
    }
    try ssc.start()
    let peer = server.accept()
    let sent = Atomic<Int>(0)
    let hasEnough = Atomic<Bool>(false)
    let sender = WorkerThread(name: "send") {
      var number = 0
      while !hasEnough.load(ordering: .relaxed) {
        var text = ""
        for _ in 0..<100 {
          let digits = "\(number)"
          text += String(repeating: "0", count: 8 - digits.count) + digits + String(repeating: "x", count: 991) + "\n"
          number += 1
        }
        peer.send(text)
        sent.store(number, ordering: .relaxed)
      }
      peer.finish()
    }
    #expect(events.wait(timeout: .seconds(120)) { $0.count { $0.name == "batchCompleted" } >= 60 })
    hasEnough.store(true, ordering: .relaxed)
    sender.join()
    #expect(events.wait(timeout: .seconds(120)) { $0.contains { $0.name == "receiverError" } })
    await ssc.stop(gracefully: true)
    let (count, inOrder) = lines.withLock { $0 }
    #expect(count == sent.load(ordering: .relaxed))
    #expect(inOrder)
    // Once the rate is known, batches do not wait: only a few of them exist at a time.
    let settled = events.completedBatches.dropFirst(20)
    let waits = settled.compactMap(\.schedulingDelay).sorted()
    #expect(waits[waits.count / 2] < .milliseconds(200))
    #expect(settled.contains { ($0.streamIDToInputInfo[0]?.rateLimit ?? .infinity) < 30_000 })
  }
}
