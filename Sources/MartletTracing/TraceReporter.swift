// Needs the trait Tracing of the package.
#if Tracing
  import MartletCore
  public import MartletRDD
  import MartletStreaming
  import Synchronization
  public import Tracing

  /// Reports batches, output operations and jobs as spans, to the tracer that the program has chosen for
  /// swift-distributed-tracing.
  ///
  /// ```swift
  /// InstrumentationSystem.bootstrap(tracer)
  /// let traces = TraceReporter(ssc.sparkContext)
  /// ```
  /// The span of an output operation is a child of that of its batch, and the span of a job is a child of that of its
  /// output operation or batch. It reports until the context stops, whether or not the program holds on to the reporter.
  /// Spans are made when the events arrive, so they are not the parents of spans that your closures make.
  public final class TraceReporter: Sendable {
    private let context: MartletContext
    private let subscription: EventBus.Subscription

    /// - Parameter tracer: makes the spans; that of `InstrumentationSystem` if none is given.
    public init(_ context: MartletContext, tracer: any Tracer = InstrumentationSystem.tracer) {
      self.context = context
      let spans = EventSpans(tracer)
      subscription = context.eventBus.subscribe {
        spans.endAll()
      } receive: { events in
        for event in events { spans.receive(event) }
      }
    }

    /// Ends the reporting.
    public func end() { context.eventBus.unsubscribe(subscription) }
  }

  /// The spans of one context that have not ended.
  private final class EventSpans: Sendable {
    private let tracer: any Tracer
    private let open = Mutex<[Key: any Span]>([:])

    private enum Key: Hashable {
      case batch(Int64)
      case operation(Int64, Int)
      case job(Int)
    }

    init(_ tracer: any Tracer) { self.tracer = tracer }

    func receive(_ event: any MartletEvent) {
      switch event {
      case let event as BatchStarted: begin("batch", .batch(event.info.batchTime.nanoseconds), event.time) { _ in }
      case let event as BatchCompleted:
        end(.batch(event.info.batchTime.nanoseconds), event.time, event.failureReason) { attributes in
          attributes["martlet.batch.time"] = event.info.batchTime.milliseconds
          attributes["martlet.batch.records"] = event.info.numRecords
        }
      case let event as OutputOperationStarted:
        let batch = event.info.batchTime.nanoseconds
        begin(event.info.name, .operation(batch, event.info.id), event.time, in: [.batch(batch)]) { attributes in
          attributes["martlet.output.id"] = event.info.id
        }
      case let event as OutputOperationCompleted:
        end(.operation(event.info.batchTime.nanoseconds, event.info.id), event.time, event.info.failureReason) { _ in }
      case let event as JobStarted:
        begin(event.name, .job(event.jobID), event.time, in: parents(of: event)) { attributes in
          attributes["martlet.job.id"] = event.jobID
          attributes["martlet.job.stages"] = event.stages.count
          attributes["code.filepath"] = event.callSite.file
          attributes["code.lineno"] = Int(event.callSite.line)
        }
      case let event as JobEnded: end(.job(event.jobID), event.time, event.failureReason) { _ in }
      // The ends of some spans may be among them.
      case is EventsDropped: endAll()
      default: break
      }
    }

    /// The nearest first.
    private func parents(of job: JobStarted) -> [Key] {
      guard let batch = job.properties["batchTime"].flatMap({ Int64($0) }) else { return [] }
      let operation = job.properties["outputOperation"].flatMap { Int($0) }
      return (operation.map { [.operation(batch, $0)] } ?? []) + [.batch(batch)]
    }

    private func begin(
      _ name: String, _ key: Key, _ time: Time, in parents: [Key] = [], _ describe: (inout SpanAttributes) -> Void
    ) {
      open.withLock { open in
        let parent = parents.compactMap { open[$0] }.first
        let span: any Span = tracer.startSpan(
          name, context: parent?.context ?? .topLevel, ofKind: .internal, at: instant(time))
        span.updateAttributes(describe)
        open[key] = span
      }
    }

    private func end(_ key: Key, _ time: Time, _ failure: String?, _ describe: (inout SpanAttributes) -> Void) {
      guard let span = open.withLock({ $0.removeValue(forKey: key) }) else { return }
      span.updateAttributes(describe)
      if let failure { span.setStatus(SpanStatus(code: .error, message: failure)) }
      span.end(at: instant(time))
    }

    func endAll() {
      let left = open.withLock { open in
        defer { open = [:] }
        return open
      }
      for span in left.values { span.end() }
    }

    private func instant(_ time: Time) -> DefaultTracerClock.Timestamp {
      .init(nanosecondsSinceEpoch: UInt64(max(0, time.nanoseconds)))
    }
  }
#endif
