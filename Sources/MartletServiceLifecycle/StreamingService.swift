// Needs the package trait ServiceLifecycle.
#if ServiceLifecycle
  public import MartletStreaming
  public import ServiceLifecycle

  /// A streaming context as a service of a `ServiceGroup`, which starts it with others and stops it gracefully.
  ///
  /// ```swift
  /// let group = ServiceGroup(
  ///   services: [StreamingService(ssc), server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
  /// try await group.run()
  /// ```
  public struct StreamingService: Service {
    private let context: StreamingContext

    /// Creates a service that runs `context`, which must not have been started.
    public init(_ context: StreamingContext) { self.context = context }

    /// Starts the context and runs it until it is stopped or the group shuts down; then everything that has been
    /// received is processed first.
    ///
    /// - Throws: the errors of `StreamingContext.run`.
    public func run() async throws {
      try await withGracefulShutdownHandler {
        _ = try await context.run(stopOnSignals: false)
      } onGracefulShutdown: {
        context.endRun()
      }
    }
  }
#endif
