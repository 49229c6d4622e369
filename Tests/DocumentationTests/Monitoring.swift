// The Swift code of docs/monitoring.md: see Programs.swift.

import MartletMetrics
import MartletTesting
import MartletTracing

#if Metrics
  import Metrics
#endif
#if Tracing
  import Tracing
#endif

func watching(_ sc: MartletContext) async {
  for await event in sc.events {
    switch event {
    case let event as BatchCompleted: print(event.info.batchTime, event.info.numRecords)
    case let event as JobEnded where event.failureReason != nil: print("job \(event.jobID) failed")
    default: break
    }
  }
}

struct RowsWritten: MartletEvent {
  var time: Time
  var table: String
  var rows: Int
}

func planning(_ words: RDD<Text>) {
  let counts = words.map { ($0, 1) }.reduceByKey(+)
  print(counts.plan())
}

func replaying() throws {
  for log in try EventLog.logs(in: "events") {
    try log.replay(.streaming) { event in
      if let batch = event as? BatchCompleted { print(log.appName, batch.info.batchTime, batch.info.numRecords) }
    }
  }
}

#if Metrics
  func reportingMetrics(_ ssc: StreamingContext, _ backend: any MetricsFactory) {
    MetricsSystem.bootstrap(backend)
    let metrics = MetricsReporter(ssc.sparkContext)
    _ = metrics
  }
#endif

#if Tracing
  func reportingTraces(_ ssc: StreamingContext, _ tracer: any Tracer) {
    InstrumentationSystem.bootstrap(tracer)
    let traces = TraceReporter(ssc.sparkContext)
    _ = traces
  }
#endif
