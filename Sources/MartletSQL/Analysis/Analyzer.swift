internal import MartletCore
private import Synchronization

/// Resolves plans: finds the columns, functions and types that they name, and writes the SQL of the engine that has
/// Spark's meaning.
///
/// All mistakes are collected, so that a query with three of them reports three.
struct Analyzer {
  /// The tables, views, files and functions that a plan may name.
  let catalog: any AnalysisCatalog
  /// The mistakes found so far.
  var faults: [AnalysisFault] = []
  /// How many subqueries enclose the current one. Each level has its own names for tables.
  var depth = 0
  /// The number of expressions around the current one.
  var nesting = 0
  /// Common table expressions, and the scopes of the queries around.
  var tables: [String: Relation] = [:]
  var outer: [Scope] = []
  /// The operation that made the innermost frame around the current plan.
  var site: OperatorSite?
  /// Tables in memory that subqueries of the current plan refer to.
  var locals: [LocalTable] = []

  /// The numbers of plans and of frames around the current one.
  var levels = 0
  var frames = 0
  /// The space on the stack, measured when plans or expressions begin to nest.
  private var stack: StackSpace?
  /// True if a plan was not resolved because it nests deeper than the stack allows.
  private var isOutOfSpace = false

  /// True if the rows of frames that are to be stored are computed now.
  var computes = false
  /// False for a plan that is to read the tables themselves, as later queries will find them.
  var usesCachedTables = true

  init(_ catalog: any AnalysisCatalog) { self.catalog = catalog }

  /// Resolves a plan; throws all mistakes.
  ///
  /// - Parameter computes: true if the rows of the plan are needed, so that those of its frames that are to be stored are
  ///   computed.
  static func relation(
    _ plan: Plan, _ catalog: any AnalysisCatalog, computes: Bool = false, usesCachedTables: Bool = true
  ) throws -> Relation {
    var analyzer = Analyzer(catalog)
    analyzer.computes = computes
    analyzer.usesCachedTables = usesCachedTables
    do { return try analyzer.resolved(plan) } catch {
      guard analyzer.isOutOfSpace else { throw error }
    }
    return try onLargeStack {
      var analyzer = Analyzer(catalog)
      analyzer.computes = computes
      analyzer.usesCachedTables = usesCachedTables
      return try analyzer.resolved(plan)
    }
  }

  // MARK: Limits

  /// How many transformations may depend on each other.
  static let maximumFrames = 500
  static var tooManyFrames: String {
    "More than \(maximumFrames) transformations depend on each other. Make several in one, as with withColumns, or write the frame to a table, and continue with that."
  }
  /// The space that a level may take, with all that it calls.
  private static let reserve: UInt = 1 << 20

  /// A Boolean value that indicates whether the stack has space for another level. Otherwise, it records a fault.
  mutating func hasSpace(_ level: Int) -> Bool {
    if stack == nil, level >= 10 { stack = StackSpace() }
    guard let stack, !stack.has(Self.reserve) else { return true }
    isOutOfSpace = true
    fail("PLAN_TOO_DEEP", Self.tooManyFrames)
    return false
  }

  /// The result of a closure on a thread whose stack is larger than that of others.
  private static func onLargeStack<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
  ) throws -> Result {
    let box = ResultBox<Swift.Result<Result, any Error>>()
    let thread = try WorkerThread(starting: "martlet-plan", stackBytes: 256 << 20) {
      let value = Swift.Result { try body() }
      box.value.withLock { [value] in $0 = value }
    }
    thread.join()
    // The thread has ended, and it stores a result before that.
    return try box.value.withLock { $0 }!.get()
  }

  /// Resolves a plan; throws all mistakes.
  mutating func resolved(_ plan: Plan) throws -> Relation {
    var relation = self.relation(plan)
    if !faults.isEmpty { throw AnalysisError(faults: faults) }
    relation.locals += locals
    return relation
  }

  /// The name for an input in `FROM`.
  func alias(_ letter: String) -> String { depth == 0 ? letter : "\(letter)\(depth)" }

  mutating func fail(_ kind: String, _ message: String) {
    let fault = AnalysisFault(kind, message, site: site.map { "\($0)" })
    if !faults.contains(fault) { faults.append(fault) }
  }

  /// A relation without columns, for a plan with mistakes.
  var nothing: Relation { Relation(sql: "SELECT 1", columns: [], isUnknown: true) }

  func scope(_ relation: Relation, _ letter: String = "t") -> Scope {
    var scope = Scope(relation, alias: alias(letter))
    scope.outer = outer
    scope.isUnknown = relation.isUnknown
    return scope
  }

  /// `FROM` with one input.
  func from(_ relation: Relation) -> SQLFragment { " FROM (\(relation.sql)) \(alias("t"))" }
}

/// What an analyzer asks about tables, files and functions.
protocol AnalysisCatalog: Sendable {
  /// The table or view with this name; `nil` if there is none.
  func relation(_ name: [String]) throws -> Relation?
  /// The names of all tables and views, for advice.
  var relationNames: [String] { get }
  /// The columns of files, and the SQL that reads them.
  func relation(_ files: FileScan) throws -> Relation
  /// The columns of a table in memory, and the SQL that reads them.
  func relation(_ table: LocalTable) throws -> Relation
  /// The frame as which the rows of a table or view are to be stored, as by `CACHE TABLE`; `nil` if they are not.
  func cachedFrame(_ name: [String]) -> FrameID?
  /// True if the rows of a frame are to be stored.
  func stores(_ frame: FrameID) -> Bool
  /// The columns of a frame, and the SQL that reads its rows, if they are stored.
  func storedRelation(_ frame: FrameID) -> Relation?
  /// Stores the rows of a frame; returns `nil` if that is no longer wanted.
  func store(_ frame: FrameID, _ relation: Relation) throws -> Relation?
  /// The columns of a query in the dialect of the engine.
  func relation(native sql: String) throws -> Relation
  /// The values of a column, sorted, at most `limit`: for a pivot without values.
  func distinctValues(_ relation: Relation, _ sql: String, limit: Int) throws -> [Literal]
  /// The function that the program has registered under this name.
  func function(_ name: String) -> FunctionRule?
  func parseExpression(_ text: String) throws -> Expression
  /// The database of tables whose names have one part.
  var currentDatabase: String { get }
  /// The time zone in which timestamps are shown and taken apart.
  var timeZone: String { get }
}

/// The place for a result of another thread.
private final class ResultBox<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
