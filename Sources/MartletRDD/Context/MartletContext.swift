#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

public import Logging
package import MartletCore
import Synchronization

/// The entry point of the engine: creates RDDs and runs their jobs. Spark's SparkContext.
///
/// ```swift
/// let sc = MartletContext(master: "local[2]", appName: "Words")
/// let counts = try sc.textFile("notes/*.txt").flatMap { $0.split(separator: " ") }.map { ($0, 1) }.reduceByKey(+).collect()
/// ```
/// The first action throws an error for an invalid setting (`local[0]`), with the accepted values.
public final class MartletContext: Sendable {
  /// The program's name.
  public let appName: String
  /// The settings of the context.
  public let conf: MartletConf
  /// The logger for problems that do not stop the program.
  public let logger: Logger
  package let settings: Result<Settings, any Error>
  /// Whether `defaultParallelism` has been set, and is not the number of threads.
  let isParallelismSet: Bool
  package let pool: WorkerPool
  let executor: LocalExecutor
  /// Delivers what happens to whoever wants to know.
  package let eventBus: EventBus
  private let lastRDDID = Atomic<Int>(0)
  private let lastBroadcastID = Atomic<Int>(-1)
  private let stopped = Atomic<Bool>(false)
  let checkpointFolder = Mutex<String?>(nil)
  private let attachments = Mutex<[ObjectIdentifier: any Sendable]>([:])
  package let storageMemory: StorageMemory
  package let shuffleMemory: KeptMemory

  package struct Settings: Sendable {
    package var master: Master
    package var defaultParallelism: Int
    package var taskMemoryBytes: Int
    package var localDirectory: String
    package var maximumLineLength: Int
  }

  /// Creates a context on `master` (`local[N]`, `local[*]`).
  public convenience init(
    master: String = "local[*]", appName: String = "martlet", logger: Logger = Logger(label: "martlet")
  ) {
    self.init(conf: MartletConf().setMaster(master).setAppName(appName), logger: logger)
  }

  /// Creates a context with the settings of `conf`.
  ///
  /// - Parameter logger: gets messages about problems that do not stop the program, such as a lost connection. By
  ///   default, loggers write to standard error.
  public init(conf: MartletConf, logger: Logger = Logger(label: "martlet")) {
    StandardDescriptors.prepare()
    self.conf = conf
    self.logger = logger
    isParallelismSet = conf.get("martlet.default.parallelism") != nil
    appName = (try? conf.get(.appName)) ?? "martlet"
    let memory = Result { try conf.get(.memoryBytes) ?? MachineLimits.current.memory / 4 }
    let known = Result {
      try conf.refuseWrongSettings()
      let master = try Master(conf.get(.master) ?? "local[*]")
      _ = try memory.get()
      return Settings(
        master: master,
        defaultParallelism: try conf.get(.defaultParallelism) ?? master.threads,
        taskMemoryBytes: try conf.get(.taskMemoryBytes)
          ?? MachineLimits.current.taskMemory(threads: master.threads),
        localDirectory: try Self.localDirectory(conf),
        maximumLineLength: try conf.get(.maximumLineBytes) ?? 64 << 20)
    }
    let eventBus = EventBus(logger: logger)
    self.eventBus = eventBus
    let settings = known.flatMap { settings in
      Result {
        if let writer = try EventLogWriter(conf, logger: logger) {
          eventBus.subscribe(receive: { writer.write($0) })
        }
        return settings
      }
    }
    self.settings = settings
    storageMemory = StorageMemory(limit: (try? memory.get()) ?? 0)
    let threads = (try? settings.get())?.master.threads ?? 1
    let taskMemory = (try? settings.get())?.taskMemoryBytes ?? 0
    shuffleMemory = KeptMemory(
      limit: taskMemory.multipliedReportingOverflow(by: threads).overflow ? .max : taskMemory * threads)
    pool = WorkerPool(threads: threads) { started, error in
      logger.warning("Tasks run on \(started + 1) of \(threads) threads. \(error)")
    }
    executor = LocalExecutor(pool, eventBus, settings)
    if !partitionsAreStable {
      logger.warning(
        """
        The hasher of this version of Swift is unknown, so keys that are not StableHashable have different \
        partitions in different processes. Make the types of your keys conform to StableHashable.
        """)
    }
  }

  deinit {
    pool.shutDown()
    eventBus.close(before: .now + .seconds(1))
  }

  /// The number of the master's threads; 1 if the master is invalid.
  public var threads: Int { (try? settings.get())?.master.threads ?? 1 }

  /// The number of partitions by default.
  public var defaultParallelism: Int { (try? settings.get())?.defaultParallelism ?? 1 }

  /// Stops the context: later jobs are refused; running ones continue to their end. May be called again.
  ///
  /// Waits until all events so far have been delivered, and are in the event log; at most 10 s.
  public func stop() {
    guard stopped.exchange(true, ordering: .acquiringAndReleasing) == false else { return }
    pool.shutDown()
    eventBus.close(before: .now + .seconds(10))
    // Released without the lock.
    let attached = attachments.withLock { attached in
      defer { attached = [:] }
      return attached
    }
    withExtendedLifetime(attached) {}
  }

  /// The object of a type that belongs to the context, and is released when it stops; made at the first call. It must not
  /// refer to the context.
  package func attachment<Object: Sendable>(_ make: () throws -> Object) throws -> Object {
    guard !isStopped else {
      throw MartletError(.invalidState, "The MartletContext is stopped. Create another one.")
    }
    return try attachments.withLock { attached in
      if let object = attached[ObjectIdentifier(Object.self)] as? Object { return object }
      let object = try make()
      attached[ObjectIdentifier(Object.self)] = object
      return object
    }
  }

  /// A Boolean value that indicates whether `stop()` has been called.
  public var isStopped: Bool { stopped.load(ordering: .acquiring) }

  package func nextRDDID() -> Int { lastRDDID.wrappingAdd(1, ordering: .relaxed).newValue }

  func nextBroadcastID() -> Int { lastBroadcastID.wrappingAdd(1, ordering: .relaxed).newValue }

  private static func localDirectory(_ conf: MartletConf) throws -> String {
    guard let folder = try conf.get(.localDirectory) else { return temporaryDirectory }
    return try localPath(folder)
  }

  private static var temporaryDirectory: String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }
}
