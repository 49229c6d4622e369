internal import MartletCore

/// The part of a session that frames need: analysis, and the engine that computes plans.
///
/// All functions may block, and none is called before an action, or a question about the schema.
protocol DataFrameRuntime: Sendable {
  /// The session.
  var spark: SparkSession { get }

  /// The columns of a plan.
  /// - Throws: all faults of the plan, with the lines that made its frames.
  func schema(of plan: Plan, _ site: OperatorSite) throws -> StructType

  /// The rows of a plan, in its order.
  func rows(of plan: Plan, _ site: OperatorSite) throws -> any RowBatches

  /// The description of how the plan is computed.
  func explanation(of plan: Plan, _ mode: ExplainMode, _ site: OperatorSite) throws -> String

  /// Makes the plan a view, replacing one of the same name as a whole.
  func register(_ view: TemporaryView, _ site: OperatorSite) throws

  /// Notes that the rows of the frame are to be retained once they are computed, or lets go of them.
  func setPersisted(_ isPersisted: Bool, _ frame: DataFrame)

  /// The seconds that the time zone of the session is east of Greenwich at a time.
  func secondsFromUTC(at time: SQLTimestamp) -> Int

  /// Runs an action on a thread that may block, suspending the task that calls this.
  func running<Result: Sendable>(
    _ site: OperatorSite, _ action: @escaping @Sendable () throws -> Result
  ) async throws
    -> Result
}

/// Rows that an engine computes in batches while they are asked for.
protocol RowBatches: Sendable {
  /// The columns of the rows.
  var schema: StructType { get }
  /// The next rows; `nil` at the end. One caller at a time.
  func next() throws -> [Row]?
}

/// A name for a plan, for use in SQL text.
struct TemporaryView: Sendable {
  var name: String
  var plan: Plan
  /// True for a view of all sessions of the context, in the database `global_temp`.
  var isGlobal: Bool
  /// False if a view of this name is an error.
  var replaces: Bool
}

/// The amount of detail in `explain`.
public enum ExplainMode: String, Sendable, CaseIterable {
  /// The physical plan.
  case simple
  /// The logical and physical plans.
  case extended
  /// The SQL text that the engine runs.
  case sql
  /// The physical plan with the times and numbers of rows of a run.
  case analyze
}
