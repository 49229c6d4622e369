public import Logging
internal import MartletRDD
private import Synchronization

extension SparkSession {
  /// Describes a session: `SparkSession.builder.master("local[2]").appName("Report").getOrCreate()`.
  public static var builder: Builder { Builder() }

  /// The context of the sessions that `getOrCreate()` has created, for as long as it is not stopped.
  private static let current = Mutex<MartletContext?>(nil)

  /// The description of a session, from which `getOrCreate()` makes it.
  public struct Builder: Sendable {
    private var conf = MartletConf()
    private var sessionSettings: [String: String] = [:]
    private var logger = Logger(label: "martlet")

    init() {}

    /// The threads: `local[2]`, `local[*]`.
    public func master(_ master: String) -> Builder { with { $0.conf = conf.setMaster(master) } }

    /// The program's name.
    public func appName(_ name: String) -> Builder { with { $0.conf = conf.setAppName(name) } }

    /// A setting of the context, such as `martlet.memory.bytes`, or of the session, such as `spark.sql.session.timeZone`.
    public func config(_ key: String, _ value: String) -> Builder {
      with { builder in
        if key.hasPrefix("spark.sql.") {
          builder.sessionSettings[key] = value
        } else {
          builder.conf = conf.set(key, value)
        }
      }
    }

    /// The logger of the context.
    public func logger(_ logger: Logger) -> Builder { with { $0.logger = logger } }

    private func with(_ change: (inout Builder) -> Void) -> Builder {
      var builder = self
      change(&builder)
      return builder
    }

    /// The session that an earlier call in this program has created, or a new one.
    public func getOrCreate() throws -> SparkSession {
      let context = SparkSession.current.withLock { current in
        if let context = current, !context.isStopped { return context }
        let context = MartletContext(conf: conf, logger: logger)
        current = context
        return context
      }
      let session = try SparkSession(context)
      for (key, value) in sessionSettings { session.conf.set(key, value) }
      return session
    }
  }
}
