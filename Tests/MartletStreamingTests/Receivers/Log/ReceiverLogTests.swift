import MartletCore
import MartletLog
import MartletTesting
import Synchronization
import Testing

@testable import MartletSources
@testable import MartletStreaming

@Suite(.timeLimit(.minutes(30))) struct ReceiverLogTests {
  private struct Click: Codable, Equatable {
    var page: String
    var seconds: Double?
  }

  private final class Unwritable: Sendable {}

  private func keeps<Element: Sendable & Equatable>(_ records: [Element]) throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Element.self, ledger)
      for record in records.prefix(2) { first.receiver.store(record) }
      #expect(try first.runBatch() == Array(records.prefix(2)))
      #expect(first.receiver.store(contentsOf: records.dropFirst(2)))
      try first.crash()

      let second = try LoggedRun.storing(Element.self, ledger)
      second.receiver.store(contentsOf: records)
      let time = try #require(ledger.plans.first?.time)
      #expect(try second.again(time) == Array(records.prefix(2)))
      #expect(try second.runBatch() == records.dropFirst(2) + records)
      #expect(try second.runBatch() == [])
      second.test.stop()

      let third = try LoggedRun.storing(Element.self, ledger)
      #expect(try third.again(time) == Array(records.prefix(2)))
      #expect(try third.again(ledger.plans[1].time) == records.dropFirst(2) + records)
      #expect(try third.runBatch() == [])
      third.test.stop()
      #expect(ledger.plans.map(\.records) == [2, records.count * 2 - 2])
    }
  }

  @Test func `records of any type that has a codec survive a crash, once and in order`() throws {
    try keeps(Array(0..<10_000))
    try keeps((0..<1000).map { Text("text with\nits line feeds \($0)") })
    try keeps((0..<1000).map { "string \($0)" })
    try keeps((0..<1000).map { Click(page: "/\($0)", seconds: $0.isMultiple(of: 2) ? nil : Double($0)) })
    try keeps((0..<1000).map { [$0, $0 + 1] })
    try keeps((0..<40).map { Text(String(repeating: "\($0) ", count: 50_000)) })
  }

  @Test func `a graceful stop right after a restart processes the unassigned records`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      #expect(first.receiver.store(contentsOf: [1, 2, 3]))
      try first.crash()
      let second = try LoggedRun.storing(Int.self, ledger)
      second.test.stop(gracefully: true)
      #expect(second.output.batches == [[1, 2, 3]])
    }
  }

  @Test func `lines of a socket survive a crash, once and in order`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let lines = (0..<50_000).map { "line \($0) \(String(repeating: "x", count: $0 % 50))\r" }
      var received: [Text] = []
      var sent = 0
      for run in 0..<3 {
        let server = LoopbackServer()
        let run = try LoggedRun(ledger, { $0.socketTextStream("127.0.0.1", server.port) }) { input in
          input.logSegmentSize = run == 1 ? 4096 : 1 << 20
        }
        let peer = server.accept()
        let part = lines[sent..<min(lines.count, sent + 20_000)]
        sent += part.count
        peer.send(part.map { "\($0)\n" }.joined())
        // All of it must be on the disk before the crash, and only a part of it assigned to a batch.
        received += try run.runBatch()
        peer.finish()
        run.test.waitForReceiverError("has closed the connection")
        #expect(run.receiver.store(contentsOf: []))
        try run.crash()
      }
      let last = try LoggedRun(ledger, { $0.socketTextStream("127.0.0.1", LoopbackServer.freePort()) })
      received += try last.runBatch()
      last.test.stop()
      let isComplete = received == lines.map { Text($0.dropLast()) }
      #expect(isComplete, "\(received.count) lines")
      #expect(ledger.plans.reduce(0) { $0 + $1.records } == lines.count)
    }
  }

  @Test func `records that are stored together are on the disk when store returns`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let run = try LoggedRun.storing(Int.self, ledger)
      var stored = 0
      for count in [1, 10, 100_000] {
        #expect(run.receiver.store(contentsOf: 0..<count))
        stored += count
        let facts = try ledger.facts(SegmentName(epoch: 1, number: 1))
        #expect(facts.frames.reduce(0) { $0 + $1.count } == stored)
        #expect(facts.fault == nil)
      }
      run.test.stop()
      #expect(!run.receiver.store(contentsOf: [1]))
    }
  }

  /// A number with one value that cannot be encoded. It has a name, since numbers alone are written as their bytes in
  /// memory.
  private struct Picky: Codable, Equatable {
    var number: Int
    var name: String

    func encode(to encoder: any Encoder) throws {
      if number == 13 { throw MartletError(.corruptData, "13 is not written") }
      var container = encoder.singleValueContainer()
      try container.encode(number)
    }

    init(_ number: Int) {
      self.number = number
      name = "number \(number)"
    }

    init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(Int.self)) }
  }

  @Test func `an element that cannot be encoded is not acknowledged, nor are later ones, and the rest is kept`() throws
  {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Picky.self, ledger)
      #expect(first.receiver.store(contentsOf: [Picky(1)]))
      // Stored together with an element that cannot be encoded, and before it.
      first.receiver.store(Picky(2))
      #expect(!first.receiver.store(contentsOf: [Picky(13)]))
      #expect(!first.receiver.store(contentsOf: [Picky(3)]))
      let error = #expect(throws: BatchFailure.self) { try first.runBatch() }
      #expect(error.map { "\($0)".contains("13 is not written") } == true)
      try first.crash()
      ledger.plans += first.input.takePlans()

      let second = try LoggedRun.storing(Picky.self, ledger)
      let again = try ledger.plans.flatMap { try second.again($0.time) }
      let new = try second.runBatch()
      #expect(again + new == [Picky(1), Picky(2)], "\(again.map(\.number)), then \(new.map(\.number))")
      second.test.stop()
    }
  }

  @Test func `many storing threads share the writing`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let run = try LoggedRun.storing(Int.self, ledger)
      let receiver = run.receiver
      let threads = (0..<8).map { thread in
        WorkerThread(name: "store") {
          for i in 0..<50 { #expect(receiver.store(contentsOf: [thread * 1000 + i])) }
        }
      }
      var all: [Int] = try run.runBatch()
      threads.forEach { $0.join() }
      try run.crash()
      let next = try LoggedRun.storing(Int.self, ledger)
      all += try next.runBatch()
      next.test.stop()
      for thread in 0..<8 {
        #expect(all.filter { $0 / 1000 == thread } == (0..<50).map { thread * 1000 + $0 })
      }
    }
  }

  @Test func `a graceful stop processes the records in the log`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      first.receiver.store(contentsOf: 0..<10)
      try first.crash()
      let second = try LoggedRun.storing(Int.self, ledger)
      second.receiver.store(10)
      second.test.stop(gracefully: true)
      #expect(second.output.all == Array(0...10))
    }
  }

  @Test func `an ordinary stop leaves received records in the log`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      first.receiver.store(7)
      first.test.stop()
      let second = try LoggedRun.storing(Int.self, ledger)
      #expect(try second.runBatch() == [7])
      second.test.stop()
    }
  }

  @Test func `progress contains the plans that were taken and no others`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      first.receiver.store(1)
      try first.runBatch()
      first.receiver.store(2)
      try first.test.runBatch()
      // The batch with the 2 was never planned in the checkpoint.
      ledger.progress = first.input.progress()
      ledger.plans = []
      try first.crash()
      let second = try LoggedRun.storing(Int.self, ledger)
      #expect(try second.runBatch() == [2])
      second.test.stop()
    }
  }

  @Test func `unneeded files are removed`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      var all: [Int] = []
      for _ in 0..<3 {
        let run = try LoggedRun.storing(Int.self, ledger) { $0.logSegmentSize = 1 }
        for i in 0..<20 {
          run.receiver.store(contentsOf: [i])
          all += try run.runBatch()
          run.receiver.store(contentsOf: [i])
          if i > 10 {
            ledger.progress = run.input.progress()
            ledger.plans.removeFirst(ledger.plans.count - 2)
            run.input.forget(through: ledger.plans[0].time - .milliseconds(1))
            let files = try ledger.files
            #expect((1...6).contains(files.count), "\(files)")
          }
        }
        try run.crash()
      }
      let last = try LoggedRun.storing(Int.self, ledger)
      all += try last.runBatch()
      last.test.stop()
      #expect(all == (0..<3).flatMap { _ in (0..<20).flatMap { [$0, $0] } })
    }
  }

  @Test func `additions of a replaced process are ignored`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let old = try LoggedRun.storing(Int.self, ledger)
      old.receiver.store(contentsOf: [1, 2])
      let new = try LoggedRun.storing(Int.self, ledger)
      old.receiver.store(contentsOf: [3])
      new.receiver.store(contentsOf: [4])
      #expect(try new.runBatch() == [1, 2, 4])
      old.receiver.store(contentsOf: [5])
      old.test.stop()
      try new.crash()
      let third = try LoggedRun.storing(Int.self, ledger)
      third.receiver.store(6)
      #expect(try third.runBatch() == [6])
      third.test.stop()
    }
  }

  @Test func `elements without a codec are refused with the line and a remedy`() throws {
    try withTemporaryFolder { folder in
      let error = #expect(throws: MartletError.self) {
        try LoggedRun.storing(Unwritable.self, InputLedger("\(folder)/input"))
      }
      #expect(error?.message.contains("LoggedRun.swift") == true)
      #expect(error?.message.contains("Codable") == true)
      #expect(error?.message.contains(ReceiverSetting.writeAheadLogKey) == true)
    }
  }

  @Test func `without the log nothing is written, and received records are lost with the process`() throws {
    try withTemporaryFolder { folder in
      let conf = MartletConf().set(ReceiverSetting.writeAheadLogKey, "false")
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      first.receiver.store(contentsOf: [1])
      try first.crash()
      // The log of an earlier run remains although later runs do not write a log.
      let second = try LoggedRun.storing(Int.self, ledger, conf: conf)
      #expect(try second.runBatch() == [1])
      #expect(second.receiver.store(contentsOf: [2]))
      try second.crash()
      #expect(try ledger.files.count == 1)
      let third = try LoggedRun.storing(Int.self, ledger, conf: conf)
      #expect(try third.runBatch() == [])
      third.test.stop()
      let unwritable = try LoggedRun.storing(Unwritable.self, InputLedger("\(folder)/other"), conf: conf)
      unwritable.receiver.store(Unwritable())
      #expect(try unwritable.runBatch().count == 1)
      unwritable.test.stop()
    }
  }

  @Test func `a changed element type is refused by name`() throws {
    try withTemporaryFolder { folder in
      let ledger = InputLedger("\(folder)/input")
      let first = try LoggedRun.storing(Int.self, ledger)
      first.receiver.store(contentsOf: [1])
      try first.runBatch()
      try first.crash()
      let second = try LoggedRun.storing(String.self, ledger)
      let error = #expect(throws: MartletError.self) { try second.again(ledger.plans[0].time) }
      #expect(error?.message.contains("String") == true)
      second.test.stop()
    }
  }

  @Test(arguments: ["200ms", "1s", "5"]) func `a block interval is a time`(text: String) throws {
    let interval = try MartletConf().set("x", text).duration("x", default: .seconds(9))
    #expect(interval == ["200ms": .milliseconds(200), "1s": .seconds(1), "5": .milliseconds(5)][text])
  }

  @Test(arguments: ["", "0", "-1ms", "ms", "5 m", "1.5s"]) func `an invalid block interval is refused`(text: String) {
    #expect(throws: MartletError.self) { try MartletConf().set("x", text).duration("x", default: .seconds(9)) }
  }
}
