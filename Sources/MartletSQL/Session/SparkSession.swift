public import MartletRDD
internal import MartletDuckDB

/// The entry to tables and SQL, with the name and the functions of Spark's.
///
/// ```swift
/// let spark = try SparkSession.builder.master("local[2]").appName("Report").getOrCreate()
/// let adults = spark.table("people").filter("age >= 18")
/// try await adults.show()
/// ```
/// Each `MartletContext` has one session that all parts of the program share: `SparkSession(context)`, and
/// `SparkSession(rdd.context)` in `foreachRDD`, return it. A view that one part registers is therefore seen by the others.
/// `newSession()` makes a session with temporary views and settings of its own.
public final class SparkSession: Sendable {
  /// The context whose threads and memory the session uses.
  public let sparkContext: MartletContext
  let state: SessionState

  /// The session of a context.
  ///
  /// - Throws: `MartletError` if DuckDB's library is missing, with the command that installs it, or if the context is
  ///   stopped.
  public init(_ context: MartletContext) throws {
    sparkContext = context
    let engine = try context.attachment { try SQLEngine(context) }
    state = try context.attachment { SessionState(engine) }
    _ = try context.attachment { WarehouseCloser(engine) }
  }

  private init(_ context: MartletContext, _ state: SessionState) {
    sparkContext = context
    self.state = state
  }

  /// A session with temporary views and settings of its own, and the same tables and global views.
  public func newSession() -> SparkSession { SparkSession(sparkContext, SessionState(state.engine)) }

  /// Stops the context, and all of its sessions.
  public func stop() { sparkContext.stop() }
}
