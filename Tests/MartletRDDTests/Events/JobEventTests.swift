import MartletCore
import MartletRDD
import Synchronization
import Testing

/// Collects what `body` has a context's events be.
private func events(
  of sc: MartletContext, _ body: () throws -> Void
) async throws -> [any MartletEvent] {
  let stream = sc.events
  try body()
  sc.stop()
  var all: [any MartletEvent] = []
  for await event in stream { all.append(event) }
  return all
}

@Suite(.timeLimit(.minutes(30))) struct JobEventTests {
  @Test func `a job tells its stages before they run, and each stage its tasks`() async throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let counts = sc.parallelize(["a", "b", "a", "c"], 3).map { ($0, 1) }.reduceByKey(+, 2)
    let all = try await events(of: sc) { () throws in #expect(try counts.collect().count == 3) }

    let job = try #require(all.first as? JobStarted)
    #expect(job.name == "collect")
    #expect(job.callSite.file == "MartletRDDTests/JobEventTests.swift")
    #expect(job.stages.map(\.name) == ["reduceByKey", "collect"])
    #expect(job.stages.map(\.partitionCount) == [3, 2])
    #expect(job.stages.map(\.inputs) == [[], [0]])
    #expect(job.stages.map(\.output) == [.shuffle, .result])
    #expect(job.stages[0].sources.count == 1 && job.stages[0].sources[0].hasPrefix("parallelize ["))
    #expect(job.properties == [:])

    let end = try #require(all.last as? JobEnded)
    #expect(end.jobID == job.jobID && end.failureReason == nil && end.duration >= .zero)
    let started = all.compactMap { $0 as? StageStarted }
    #expect(started.map(\.stageID) == [0, 1] && started.map(\.taskCount) == [3, 2])
    #expect(started.map(\.name) == ["reduceByKey", "collect"])
    let tasks = all.compactMap { $0 as? TaskEnded }
    #expect(tasks.filter { $0.stageID == 0 }.map(\.partition).sorted() == [0, 1, 2])
    #expect(tasks.filter { $0.stageID == 1 }.map(\.partition).sorted() == [0, 1])
    #expect(tasks.allSatisfy { $0.jobID == job.jobID && $0.failureReason == nil && $0.duration >= .zero })
    let ended = all.compactMap { $0 as? StageEnded }
    // "a" comes in two partitions.
    #expect(ended.map(\.shuffleRecords) == [4, 0])
    #expect(ended[0].shuffleBytes > 0 && ended[1].shuffleBytes == 0)
    #expect(tasks.reduce(0) { $0 + $1.shuffleRecords } == 4)
  }

  @Test func `a stage that an earlier job has run is read, and not run again`() async throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let counts = sc.parallelize([1, 2, 1], 2).map { ($0, 1) }.reduceByKey(+, 2)
    let all = try await events(of: sc) {
      _ = try counts.collect()
      _ = try counts.count()
    }
    let jobs = all.compactMap { $0 as? JobStarted }
    #expect(jobs.map(\.name) == ["collect", "count"])
    #expect(jobs[1].stages.map(\.name) == ["count"])
    #expect(jobs[1].stages[0].sources.count == 1 && jobs[1].stages[0].sources[0].hasPrefix("reduceByKey ["))
    #expect(all.count { $0 is StageStarted } == 3)
  }

  @Test func `stages that find facts and those that move elements are both planned`() async throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let sorted = sc.parallelize(Array((0..<1000).reversed()), 4).map { $0 }.sortBy({ $0 }, numPartitions: 3)
    let plan = sorted.zipWithIndex().plan()
    #expect(plan.stages.map(\.output) == [.facts, .shuffle, .facts, .result])
    #expect(plan.stages.map(\.inputs) == [[], [0], [1], [1, 2]])
    let all = try await events(of: sc) { () throws in
      #expect(try sorted.zipWithIndex().collect().map { $0.1 } == Array(0..<1000))
    }
    let job = try #require(all.first as? JobStarted)
    #expect(job.stages.map(\.output) == [.facts, .shuffle, .facts, .result])
    #expect(all.compactMap { ($0 as? StageStarted)?.stageID } == [0, 1, 2, 3])
  }

  @Test func `asking for a plan runs nothing`() throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let reads = Reads()
    let counts = sc.parallelize(1...10, 2).map { (reads.note($0) % 3, 1) }.reduceByKey(+, 4)
    let joined = counts.join(counts.mapValues { -$0 })
    let text = joined.plan().description
    #expect(reads.count.load(ordering: .relaxed) == 0)
    #expect(text.hasPrefix("stage 0: reduceByKey at MartletRDDTests/JobEventTests.swift:"), "\(text)")
    #expect(text.contains(", 2 tasks, reads parallelize ["))
    #expect(text.contains("makes shuffle\nstage 1: plan at "))
    #expect(text.hasSuffix(", 4 tasks, reads stage 0, makes result"))
    #expect(try joined.count() == 3)
    sc.stop()
  }

  @Test func `an RDD that is read in two ways is planned once`() throws {
    let sc = MartletContext(master: "local[1]", appName: "test")
    var rdd = sc.parallelize(1...4, 2).map { ($0, 1) }.reduceByKey(+, 2)
    for _ in 0..<40 { rdd = rdd.zip(rdd).map { $0.0 }.cache() }
    #expect(rdd.plan().stages.map(\.output) == [.shuffle, .result])
    #expect(try rdd.count() == 4)
    sc.stop()
  }

  @Test func `a failure is told by the task, the stage and the job`() async throws {
    let sc = MartletContext(master: "local[2]", appName: "test")
    let all = try await events(of: sc) { () throws in
      #expect(throws: OperatorFailure.self) {
        try sc.parallelize(1...4, 2).map { n -> Int in
          if n == 3 { throw Boom() }
          return n
        }.collect()
      }
    }
    #expect(all.compactMap { ($0 as? TaskEnded)?.failureReason }.count == 1)
    let stage = try #require(all.compactMap { $0 as? StageEnded }.last)
    #expect(stage.failureReason?.contains("map at MartletRDDTests/JobEventTests.swift") == true)
    let job = try #require(all.last as? JobEnded)
    #expect(job.failureReason?.contains("partition 1") == true)
  }

  @Test func `what memory has no room for is told with its bytes`() async throws {
    let conf = MartletConf().setMaster("local[1]").set("martlet.task.memory.bytes", "65536")
    let sc = MartletContext(conf: conf)
    let all = try await events(of: sc) { () throws in
      let pairs = sc.parallelize(0..<50_000, 1).map { ($0, $0) }.partitionBy(HashPartitioner(numPartitions: 2))
      #expect(try pairs.count() == 50_000)
    }
    let spilled = all.compactMap { $0 as? DataSpilled }
    #expect(spilled.count == 1 && spilled[0].partition == 0 && spilled[0].stageID == 0)
    let stages = all.compactMap { $0 as? StageEnded }
    #expect(stages[0].spilledBytes == spilled[0].bytes && spilled[0].bytes > 100_000)
    #expect(stages[0].shuffleRecords == 50_000)
  }

  @Test func `events of one type can be had alone, and a program posts its own`() async throws {
    struct RowsWritten: MartletEvent {
      var time = Time(milliseconds: 5)
      var rows: Int
    }
    let sc = MartletContext(master: "local[1]", appName: "test")
    let own = sc.events(of: RowsWritten.self)
    sc.post(RowsWritten(rows: 3))
    _ = try sc.parallelize(1...4, 2).count()
    sc.post(RowsWritten(rows: 4))
    sc.stop()
    var rows: [Int] = []
    for await event in own { rows.append(event.rows) }
    #expect(rows == [3, 4])
    // After the end there is nothing more to come.
    for await event in sc.events { Issue.record("\(event)") }
  }
}
