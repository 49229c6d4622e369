#if Metrics
  import MartletMetrics
  import MartletTesting
  import MetricsTestKit
  import Testing

  @Suite(.timeLimit(.minutes(30))) struct MetricsReporterTests {
    @Test func `what Spark tells of batches is told under Spark's names`() throws {
      let factory = TestMetrics()
      let test = TestStreamingContext()
      let reporter = MetricsReporter(test.context.sparkContext, factory: factory)
      let numbers = test.stream([[1, 2], [3]])
      let clock = test.clock
      numbers.map { ($0, 1) }.updateStateByKey { values, sum in (sum ?? 0) + values.count }.foreachRDD { rdd in
        clock.advance(by: .milliseconds(30))
        _ = try rdd.count()
      }
      try test.start()
      func gauge(_ name: String) throws -> Double? {
        try factory.expectGauge("test.StreamingMetrics.streaming.\(name)").lastValue
      }
      #expect(try gauge("totalCompletedBatches") == 0)
      test.clock.advance(by: .seconds(1))
      try test.context.waitUntilCompleted(Time(milliseconds: 1000))
      #expect(try gauge("lastReceivedBatch_records") == 2)
      #expect(try gauge("lastCompletedBatch_submissionTime") == 1000)
      #expect(try gauge("lastCompletedBatch_processingStartTime") == 1000)
      #expect(try gauge("lastCompletedBatch_processingEndTime") == 1030)
      #expect(try gauge("lastCompletedBatch_processingDelay") == 30)
      #expect(try gauge("lastCompletedBatch_schedulingDelay") == 0)
      #expect(try gauge("lastCompletedBatch_totalDelay") == 30)
      test.clock.advance(by: .milliseconds(970))
      try test.context.waitUntilCompleted(Time(milliseconds: 2000))
      test.stop()
      #expect(try gauge("totalCompletedBatches") == 2)
      #expect(try gauge("totalReceivedRecords") == 3)
      #expect(try gauge("totalProcessedRecords") == 3)
      #expect(try gauge("waitingBatches") == 0)
      #expect(try gauge("unprocessedBatches") == 0)
      #expect(try gauge("receivers") == 0)
      let keys = try factory.expectGauge(
        "test.StreamingMetrics.streaming.stateKeys", [("operator", "updateStateByKey")])
      #expect(keys.values == [2, 3])
      let delays = try factory.expectTimer("test.StreamingMetrics.streaming.processingDelay")
      #expect(delays.values == [30_000_000, 30_000_000])
      #expect(try factory.expectTimer("test.jobs.duration").values.count >= 2)
      #expect(factory.counterTotal(label: "test.executor.shuffleRecordsWritten") == 3)
      reporter.end()
    }

    @Test func `a job outside of streams, and a failure, are counted, and nothing after the end`() throws {
      let factory = TestMetrics()
      let sc = MartletContext(master: "local[1]", appName: "jobs")
      let reporter = MetricsReporter(sc, factory: factory)
      _ = try sc.parallelize([1, 2], 2).count()
      struct Boom: Error {}
      #expect(throws: OperatorFailure.self) { try sc.parallelize([1], 1).foreach { _ in throw Boom() } }
      sc.eventBus.waitUntilDelivered()
      reporter.end()
      _ = try sc.parallelize([1], 1).count()
      sc.stop()
      #expect(try factory.expectTimer("jobs.jobs.duration").values.count == 2)
      #expect(factory.counterTotal(label: "jobs.jobs.failed") == 1)
    }
  }
#endif
