import MartletCore
import TestSupport
import Testing

@testable import MartletRDD

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite(.timeLimit(.minutes(30))) struct EventLogTests {
  private struct Wrote: MartletEvent {
    var time: Time
    var rows: Int
    var text = String(repeating: "x", count: 1000)
  }

  /// Events as a program may declare them by mistake.
  private struct Unencodable: MartletEvent {
    var time = Time(milliseconds: 5)
    init() {}
    init(from decoder: any Decoder) throws { throw Boom() }
    func encode(to encoder: any Encoder) throws { throw Boom() }
  }

  private enum Phase: String, MartletEvent {
    case begin
    var time: Time { Time(milliseconds: 6) }
  }

  private func conf(_ folder: String) -> MartletConf {
    MartletConf().setMaster("local[2]").setAppName("word count/é").set("martlet.eventLog.dir", folder)
  }

  @Test func `a log has the events of its run, each as it was`() async throws {
    try await withFolder { folder in
      let sc = MartletContext(conf: conf("\(folder)/new/events"))
      let stream = sc.events
      _ = try sc.parallelize([1, 2, 1], 2).map { ($0, 1) }.reduceByKey(+, 2).collect()
      _ = try? sc.parallelize([1], 1).map { _ -> Int in throw Boom() }.collect()
      sc.stop()
      var delivered: [any MartletEvent] = []
      for await event in stream { delivered.append(event) }
      #expect(delivered.count > 10)

      let log = try #require(try EventLog.logs(in: "\(folder)/new/events").first)
      #expect(log.appName == "word_count__" && log.files.count == 1)
      let replayed = try EventLog.read(log.files[0], .jobs)
      let begin = try #require(replayed.first as? ApplicationStarted)
      #expect(begin.appName == "word count/é" && begin.filesBefore == 0)
      #expect(replayed.dropFirst().map { AnyHashable($0) } == delivered.map { AnyHashable($0) })
    }
  }

  @Test func `an event of a type or a version that the reader does not know is kept as it is written`() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/a-1-1-0.jsonl"
      let lines = [
        #"{"event":"JobEnded","version":1,"jobID":3,"startTime":5,"endTime":9}"#,
        #"{"event":"JobEnded","version":2,"endTime":7}"#,
        #"{"event":"FromTheFuture","version":1,"time":8,"what":[1,{"a":null}]}"#,
        #"{"event":"JobEnded","version":1,"endTime":7}"#,
      ]
      try SystemFile.create(path).write(Array((lines.joined(separator: "\n") + "\n").utf8))
      let events = try EventLog.read(path, .jobs)
      #expect(events.count == 4)
      #expect((events[0] as? JobEnded)?.jobID == 3)
      let unknown = events.dropFirst().compactMap { $0 as? UnknownEvent }
      #expect(unknown.map(\.name) == ["JobEnded", "FromTheFuture", "JobEnded"])
      #expect(unknown.map(\.version) == [2, 1, 1])
      #expect(unknown.map(\.time.nanoseconds) == [7, 8, 7])
      #expect(unknown.map(\.json) == Array(lines[1...]))
      #expect(try unknown.map { try EventLine.line($0) } == lines[1...].map { Array("\($0)\n".utf8) })
    }
  }

  @Test func `an event that cannot be encoded is left out, counted as dropped, and does not end the log`() throws {
    try withTemporaryFolder { folder in
      let recorded = RecordedLog()
      let sc = MartletContext(conf: conf(folder), logger: recorded.logger)
      sc.post(Wrote(time: .now, rows: 1))
      sc.post(Unencodable())
      sc.post(Phase.begin)
      sc.post(Unencodable())
      sc.post(Wrote(time: .now, rows: 2))
      sc.stop()
      var rows: [Int] = []
      var dropped = 0
      try #require(try EventLog.logs(in: folder).first).replay(EventKinds(Wrote.self) + .jobs) { event in
        if let event = event as? Wrote { rows.append(event.rows) }
        if let event = event as? EventsDropped { dropped += event.count }
        #expect(!(event is UnknownEvent))
      }
      #expect(rows == [1, 2] && dropped == 3)
      #expect(recorded.messages.count == 2, "\(recorded.messages)")
      #expect(recorded.messages.allSatisfy { $0.contains("'Unencodable'") || $0.contains("'Phase'") })
    }
  }

  @Test func `a log whose folder is removed while it is written continues in another file`() throws {
    try withTemporaryFolder { parent in
      let recorded = RecordedLog()
      let folder = "\(parent)/events"
      let sc = MartletContext(conf: conf(folder), logger: recorded.logger)
      sc.post(Wrote(time: .now, rows: 1))
      sc.eventBus.waitUntilDelivered()
      for name in try Folder.names(folder) { try Folder.remove("\(folder)/\(name)") }
      #expect(rmdir(folder) == 0)
      sc.post(Wrote(time: .now, rows: 2))
      sc.stop()
      let log = try #require(try EventLog.logs(in: folder).first)
      var rows: [Int] = []
      try log.replay(EventKinds(Wrote.self) + .jobs) { if let event = $0 as? Wrote { rows.append(event.rows) } }
      #expect(rows == [2])
      #expect(recorded.messages.count == 1 && recorded.messages[0].contains("has been removed"))
    }
  }

  @Test func `a last line that was not written to its end is left out, and damage before it is not`() throws {
    try withTemporaryFolder { folder in
      let good = #"{"event":"EventsDropped","version":1,"time":1,"count":2}"#
      for (number, (text, count)) in [
        ("", 0), (good, 1), ("\(good)\n", 1), ("\(good)\n\(good.dropLast())", 1), ("\(good)\n{\n", 1),
        ("\(good)\n\(good.prefix(9))\u{0}\u{0}\u{0}", 1), ("\(good)\n\u{0}\u{0}\n\u{0}", 1),
      ].enumerated() {
        let path = "\(folder)/\(number)"
        try SystemFile.create(path).write(Array(text.utf8))
        #expect(try EventLog.read(path, .jobs).count == count, "\(text)")
      }
      let damaged = "\(folder)/damaged"
      try SystemFile.create(damaged).write(Array("\(good)\n{\n\(good)\n".utf8))
      let error = #expect(throws: MartletError.self) { try EventLog.read(damaged, .jobs) }
      #expect(error?.message.contains("line 2") == true && error?.code == .corruptData)
      let foreign = "\(folder)/foreign"
      try SystemFile.create(foreign).write(Array("[1]\n\(good)\n".utf8))
      #expect(throws: MartletError.self) { try EventLog.read(foreign, .jobs) }
    }
  }

  @Test func `a log takes no more room than it may, and every file says whose it is`() throws {
    try withTemporaryFolder { folder in
      let conf = conf(folder).set("martlet.eventLog.maximum.bytes", "1048576")
      let sc = MartletContext(conf: conf)
      for rows in 0..<4000 {
        sc.post(Wrote(time: .now, rows: rows))
        if rows % 1000 == 999 { sc.eventBus.waitUntilDelivered() }
      }
      sc.stop()
      let log = try #require(try EventLog.logs(in: folder).first)
      #expect((4...9).contains(log.files.count))
      let sizes = try log.files.map { try SystemFile.read($0).size() }
      #expect(sizes.reduce(0, +) <= 1_048_576 + 64_000)
      var rows: [Int] = []
      var before: [Int] = []
      try log.replay(EventKinds(Wrote.self) + .jobs) { event in
        if let event = event as? Wrote { rows.append(event.rows) }
        if let event = event as? ApplicationStarted { before.append(event.filesBefore) }
      }
      let first = try #require(rows.first)
      #expect(first > 0 && rows == Array(first..<4000))
      let firstFile = try #require(before.first)
      #expect(before == Array(firstFile..<firstFile + log.files.count) && firstFile > 0)
    }
  }

  @Test func `earlier runs of the program make room for the next, and a run that is at work does not`() throws {
    try withTemporaryFolder { folder in
      let conf = conf(folder).set("martlet.eventLog.maximum.bytes", "1048576")
      let atWork = MartletContext(conf: conf)
      atWork.post(Wrote(time: .now, rows: -1))
      atWork.eventBus.waitUntilDelivered()
      let other = MartletContext(conf: conf.setAppName("other"))
      other.post(Wrote(time: .now, rows: -2))
      other.stop()
      for run in 0..<20 {
        let sc = MartletContext(conf: conf)
        for rows in 0..<120 { sc.post(Wrote(time: .now, rows: run * 1000 + rows)) }
        sc.stop()
      }
      let logs = try EventLog.logs(in: folder)
      #expect(logs.count { $0.appName == "other" } == 1)
      let own = logs.filter { $0.appName != "other" }
      #expect((5...10).contains(own.count))
      let rows = try own.map { log in
        var rows: [Int] = []
        try log.replay(EventKinds(Wrote.self)) { if let event = $0 as? Wrote { rows.append(event.rows) } }
        return rows
      }
      #expect(rows.contains([-1]))
      #expect(rows.contains { $0.last == 19_119 })
      atWork.stop()
    }
  }

  @Test func `settings that cannot be are refused by the first action`() throws {
    try withTemporaryFolder { folder in
      try SystemFile.create("\(folder)/file").write([1])
      let inFile = MartletContext(conf: conf("\(folder)/file/events"))
      #expect(throws: MartletError.self) { try inFile.parallelize([1]).count() }
      let nowhere = MartletContext(conf: MartletConf().set("martlet.eventLog.enabled", "true"))
      let error = #expect(throws: MartletError.self) { try nowhere.parallelize([1]).count() }
      #expect(error?.message.contains("martlet.eventLog.dir") == true)
      let off = MartletContext(conf: conf("\(folder)/off").set("martlet.eventLog.enabled", "false"))
      #expect(try off.parallelize([1]).count() == 1)
      #expect(try !Folder.nameIsTaken("\(folder)/off"))
    }
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try withTemporaryFolder { $0 }
    try Folder.create(folder)
    do { try await body(folder) } catch {
      try? Folder.remove(folder)
      throw error
    }
    try Folder.remove(folder)
  }
}
