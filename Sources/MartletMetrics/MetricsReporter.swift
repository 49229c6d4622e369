// Needs the trait Metrics of the package.
#if Metrics
  import MartletCore
  public import MartletRDD
  import MartletStreaming
  public import Metrics
  import Synchronization

  /// Reports the events of a context as metrics, to the back end that the program has chosen for swift-metrics.
  ///
  /// ```swift
  /// MetricsSystem.bootstrap(backend)
  /// let metrics = MetricsReporter(ssc.sparkContext)
  /// ```
  /// It reports until the context stops, whether or not the program holds on to the reporter. The gauges of streams have
  /// the names that they have in Spark, after the name of the program: `Clicks.StreamingMetrics.streaming.waitingBatches`.
  /// `docs/monitoring.md` lists all metrics.
  public final class MetricsReporter: Sendable {
    private let context: MartletContext
    private let subscription: EventBus.Subscription

    /// - Parameter factory: makes the metrics; that of `MetricsSystem` if none is given.
    public init(_ context: MartletContext, factory: any MetricsFactory = MetricsSystem.factory) {
      self.context = context
      let metrics = EventMetrics(appName: context.appName, factory)
      subscription = context.eventBus.subscribe { for event in $0 { metrics.receive(event) } }
    }

    /// Ends the reporting.
    public func end() { context.eventBus.unsubscribe(subscription) }
  }

  /// The metrics of one context.
  private final class EventMetrics: Sendable {
    private let prefix: String
    private let factory: any MetricsFactory
    private let gauges = Mutex<[String: Gauge]>([:])
    private let timers = Mutex<[String: Timer]>([:])
    private let counters = Mutex<[String: Counter]>([:])
    private let totals = Mutex(Totals())

    private struct Totals {
      var receivers: Set<Int> = []
      var waiting = 0
      var running = 0
      var completed = 0
      var received = 0
      var processed = 0
    }

    init(appName: String, _ factory: any MetricsFactory) {
      prefix = appName
      self.factory = factory
      report(Totals())
    }

    func receive(_ event: any MartletEvent) {
      switch event {
      case let event as BatchSubmitted: submitted(event.info)
      case is BatchStarted:
        change { totals in
          totals.waiting = max(0, totals.waiting - 1)
          totals.running = 1
        }
      case let event as BatchCompleted: completed(event.info, isFailed: event.failureReason != nil)
      case let event as OutputOperationCompleted:
        if let duration = event.info.duration { streamingTimer("outputOperation", duration) }
      case let event as ReceiverStarted: change { $0.receivers.insert(event.info.streamID) }
      case let event as ReceiverStopped: change { $0.receivers.remove(event.info.streamID) }
      case is ReceiverError: count("StreamingMetrics.streaming.receiverErrors", 1)
      case let event as StateUpdated:
        let dimensions = [("operator", event.name)]
        gauge("StreamingMetrics.streaming.stateKeys", event.keys, dimensions)
        gauge("StreamingMetrics.streaming.stateBytes", event.bytes, dimensions)
      case let event as CheckpointWritten: count("StreamingMetrics.streaming.checkpointBytesWritten", event.bytes)
      case let event as JobEnded:
        timer("jobs.duration", event.duration)
        if event.failureReason != nil { count("jobs.failed", 1) }
      case let event as TaskEnded: timer("executor.taskDuration", event.duration)
      case let event as StageEnded:
        count("executor.shuffleBytesWritten", event.shuffleBytes)
        count("executor.shuffleRecordsWritten", event.shuffleRecords)
      case let event as DataSpilled: count("executor.diskBytesSpilled", event.bytes)
      case let event as EventsDropped: count("events.dropped", event.count)
      default: break
      }
    }

    private func submitted(_ info: BatchInfo) {
      change { totals in
        totals.waiting += 1
        totals.received += info.numRecords
      }
      streamingGauge("lastReceivedBatch_submissionTime", info.submissionTime.milliseconds)
      streamingGauge("lastReceivedBatch_records", info.numRecords)
    }

    private func completed(_ info: BatchInfo, isFailed: Bool) {
      change { totals in
        totals.running = 0
        totals.completed += 1
        totals.processed += info.numRecords
      }
      if isFailed { count("StreamingMetrics.streaming.failedBatches", 1) }
      streamingGauge("lastCompletedBatch_submissionTime", info.submissionTime.milliseconds)
      streamingGauge("lastCompletedBatch_processingStartTime", info.processingStartTime?.milliseconds)
      streamingGauge("lastCompletedBatch_processingEndTime", info.processingEndTime?.milliseconds)
      for (name, delay) in [
        ("processingDelay", info.processingDelay), ("schedulingDelay", info.schedulingDelay),
        ("totalDelay", info.totalDelay),
      ] {
        guard let delay else { continue }
        streamingGauge("lastCompletedBatch_\(name)", Int(delay / .milliseconds(1)))
        streamingTimer(name, delay)
      }
    }

    private func change(_ body: (inout Totals) -> Void) {
      report(
        totals.withLock { totals in
          body(&totals)
          return totals
        })
    }

    private func report(_ totals: Totals) {
      streamingGauge("receivers", totals.receivers.count)
      streamingGauge("totalCompletedBatches", totals.completed)
      streamingGauge("totalReceivedRecords", totals.received)
      streamingGauge("totalProcessedRecords", totals.processed)
      streamingGauge("waitingBatches", totals.waiting)
      streamingGauge("runningBatches", totals.running)
      streamingGauge("unprocessedBatches", totals.waiting + totals.running)
    }

    // MARK: The metrics, each made when it is first needed

    private func streamingGauge(_ name: String, _ value: Int?) {
      if let value { gauge("StreamingMetrics.streaming.\(name)", value) }
    }

    private func streamingTimer(_ name: String, _ duration: Duration) {
      timer("StreamingMetrics.streaming.\(name)", duration)
    }

    private func gauge(_ name: String, _ value: Int, _ dimensions: [(String, String)] = []) {
      let key = dimensions.reduce(name) { "\($0) \($1.0)=\($1.1)" }
      gauges.withLock { gauges in
        let gauge = gauges[key] ?? Gauge(label: "\(prefix).\(name)", dimensions: dimensions, factory: factory)
        gauges[key] = gauge
        gauge.record(value)
      }
    }

    private func timer(_ name: String, _ duration: Duration) {
      timers.withLock { timers in
        let timer = timers[name] ?? Timer(label: "\(prefix).\(name)", dimensions: [], factory: factory)
        timers[name] = timer
        timer.recordNanoseconds(duration.nanoseconds)
      }
    }

    private func count(_ name: String, _ amount: Int) {
      counters.withLock { counters in
        let counter = counters[name] ?? Counter(label: "\(prefix).\(name)", factory: factory)
        counters[name] = counter
        counter.increment(by: amount)
      }
    }
  }
#endif
