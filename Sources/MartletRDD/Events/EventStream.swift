import Logging
import Synchronization

extension MartletContext {
  /// The events of this context and its streams, from now on.
  ///
  /// ```swift
  /// for await event in context.events {
  ///   if let job = event as? JobEnded, job.failureReason != nil { print("job \(job.jobID) failed") }
  /// }
  /// ```
  /// Each use of this property makes a sequence of its own, for one loop. It ends when the context stops. At most 10,000
  /// events wait for the loop; those that come then are dropped, and an ``EventsDropped`` follows that says how many.
  public var events: AsyncStream<any MartletEvent> {
    stream({ $0 }, dropped: { $0 })
  }

  /// The events of one type, from now on: `context.events(of: JobEnded.self)`.
  ///
  /// As ``events``; what is dropped is only logged.
  public func events<Event: MartletEvent>(of type: Event.Type) -> AsyncStream<Event> {
    stream({ $0 as? Event }, dropped: { $0 as? Event })
  }

  /// Hands an event of yours to all that listen to this context. Does nothing if nobody does.
  public func post(_ event: @autoclosure () -> any MartletEvent) { eventBus.post(event()) }

  private func stream<Event: Sendable>(
    _ choose: @escaping @Sendable (any MartletEvent) -> Event?,
    dropped report: @escaping @Sendable (EventsDropped) -> Event?
  ) -> AsyncStream<Event> {
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(10_000))
    /// Since the loop got events last, and in all.
    let dropped = Mutex((recently: 0, ever: 0))
    let logger = logger
    let subscription = eventBus.subscribe {
      continuation.finish()
    } receive: { events in
      dropped.withLock { dropped in
        for event in events {
          guard let chosen = choose(event) else { continue }
          if dropped.recently > 0, let note = report(EventsDropped(time: event.time, count: dropped.recently)),
            case .enqueued = continuation.yield(note)
          {
            dropped.recently = 0
          }
          guard case .dropped = continuation.yield(chosen) else { continue }
          dropped.recently += 1
          dropped.ever += 1
          if dropped.ever == 1 {
            logger.warning(
              """
              A loop over events is too slow: events for it are dropped, since 10000 are waiting already. Have the loop do \
              slow work in another task.
              """)
          }
        }
      }
    }
    continuation.onTermination = { [eventBus] _ in eventBus.unsubscribe(subscription) }
    return stream
  }
}
