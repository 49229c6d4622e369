#if Tracing
  import InMemoryTracing
  import MartletTesting
  import MartletTracing
  import Testing
  import Tracing

  @Suite(.timeLimit(.minutes(30))) struct TraceReporterTests {
    private struct Boom: Error {}

    @Test func `jobs are in their output operations, and these in their batches`() throws {
      let tracer = InMemoryTracer()
      let test = TestStreamingContext()
      _ = TraceReporter(test.context.sparkContext, tracer: tracer)
      let numbers = test.stream([[1, 2]])
      numbers.foreachRDD { rdd in _ = try rdd.count() }
      let clock = test.clock
      numbers.foreachRDD { (_: RDD<Int>) in
        clock.advance(by: .milliseconds(30))
        throw Boom()
      }
      try test.start()
      #expect(throws: BatchFailure.self) { try test.runBatch() }
      test.stop()
      let spans = tracer.finishedSpans
      let batch = try #require(spans.first { $0.operationName == "batch" })
      #expect(batch.parentSpanID == nil)
      #expect(batch.status?.code == .error)
      #expect(batch.startInstant.millisecondsSinceEpoch == 1000 && batch.endInstant.millisecondsSinceEpoch == 1030)
      #expect(batch.attributes["martlet.batch.records"]?.toSpanAttribute() == .int64(2))
      let operations = spans.filter { $0.operationName.hasPrefix("foreachRDD at MartletTracingTests/") }
      #expect(operations.count == 2)
      #expect(operations.allSatisfy { $0.parentSpanID == batch.spanID && $0.traceID == batch.traceID })
      #expect(operations.map { $0.status?.code } == [nil, .error])
      let job = try #require(spans.first { $0.operationName == "count" })
      #expect(job.parentSpanID == operations[0].spanID)
      #expect(
        job.attributes["code.filepath"]?.toSpanAttribute() == .string("MartletTracingTests/TraceReporterTests.swift"))
      #expect(tracer.activeSpans.isEmpty)
    }

    @Test func `a job outside of batches has a trace of its own`() throws {
      let tracer = InMemoryTracer()
      let sc = MartletContext(master: "local[1]", appName: "jobs")
      _ = TraceReporter(sc, tracer: tracer)
      _ = try sc.parallelize([1, 2], 2).collect()
      sc.stop()
      #expect(tracer.finishedSpans.map(\.operationName) == ["collect"])
      #expect(tracer.finishedSpans[0].parentSpanID == nil)
    }
  }
#endif
