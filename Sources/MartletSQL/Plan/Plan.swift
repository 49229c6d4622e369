/// The description of a table that is computed from others, as it is written: names are not resolved, and nothing is
/// read.
///
/// The cases correspond one to one to the relations of Spark Connect. `DataFrame` and SQL text are two ways to write a
/// plan. A plan is data, so that different engines can run it.
public indirect enum Plan: Hashable, Sendable {
  // MARK: Sources

  /// A temporary view, a table, or a common table expression, by the parts of its name.
  case table([String])
  /// Files in a format.
  case files(FileScan)
  /// Columns in memory.
  case local(LocalTable)
  /// `VALUES (1, 'a'), (2, 'b')`
  case values([[Expression]])
  /// The numbers from `start`, before `end`.
  case range(start: Int64, end: Int64, step: Int64)
  /// One row without columns: `SELECT 1`.
  case oneRow
  /// A function that returns a table: `range(10)`, `explode(array(1, 2))`.
  case tableFunction(String, [Expression])
  /// A query in the dialect of the engine, which is passed to it as it is.
  case native(String)

  // MARK: One input

  case project([Expression], Plan)
  case filter(Expression, Plan)
  /// Groups, and the columns of each: the aggregates, after the grouping expressions.
  case aggregate(Aggregate)
  case sort([SortOrder], Plan)
  case limit(Int, Plan)
  case offset(Int, Plan)
  /// The last rows.
  case tail(Int, Plan)
  /// Without duplicates of these columns; of all columns if there are none.
  case deduplicate([String], Plan)
  /// With columns added, or replaced if they exist.
  case withColumns([NamedExpression], Plan)
  case withColumnsRenamed([Renaming], Plan)
  case drop([Expression], Plan)
  /// With other names for all columns.
  case renamed([String], Plan)
  /// A name for the table: `FROM t AS x`.
  case alias(String, Plan)
  case sample(fraction: Double, withReplacement: Bool, seed: Int64?, Plan)
  case unpivot(Unpivot)
  /// One row for each row that a function creates from a row: `LATERAL VIEW explode(a) t AS x`.
  case generate(Generate)
  case fillNulls(Literal, columns: [String], Plan)
  /// Without rows that have fewer than `minimum` values other than `NULL` in these columns; with any `NULL` if there is
  /// no minimum.
  case dropNulls(columns: [String], minimum: Int?, Plan)
  case replaceValues(columns: [String], [Replacement], Plan)
  /// Count, mean, standard deviation, minimum, quantiles and maximum of columns.
  case summary([String], columns: [String], Plan)
  /// Common table expressions, each visible in the following ones and in the query.
  case with([NamedPlan], Plan)
  /// A hint to an optimizer, such as `broadcast`. It does not change the result.
  case hint(String, Plan)

  /// The table of a `DataFrame`, so that `people["name"]` finds it in the plans of other frames, and faults are reported
  /// with the line that made them.
  case frame(FrameID, Plan)
  /// A table that was described wrongly, and the one that it is made from. Analysis reports the message.
  case invalid(String, Plan)

  // MARK: Two inputs

  case join(Join)
  case setOperation(SetOperation)
}

/// The grouping of rows.
public struct Aggregate: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case groupBy
    case rollup
    case cube
    /// Each set lists grouping expressions by their positions.
    case groupingSets([[Int]])
    /// The values of a column become columns; all of them, sorted, if no values are given.
    ///
    /// If the grouping is one star, rows are grouped by all columns to which neither the column nor the aggregates refer.
    case pivot(Expression, values: [NamedExpression]?)
  }

  public var kind: Kind
  public var grouping: [Expression]
  /// The columns of the result after the grouping expressions; all columns of the result if `listsAll`.
  public var aggregates: [Expression]
  /// True for `SELECT a, count(*) FROM t GROUP BY a`, whose select list has all columns of the result.
  public var listsAll: Bool
  public var input: Plan

  public init(
    _ kind: Kind = .groupBy, grouping: [Expression], aggregates: [Expression], listsAll: Bool = false, _ input: Plan
  ) {
    self.kind = kind
    self.grouping = grouping
    self.aggregates = aggregates
    self.listsAll = listsAll
    self.input = input
  }
}

/// The rows of two tables, combined.
public struct Join: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case inner, cross, leftOuter, rightOuter, fullOuter, leftSemi, leftAnti
  }

  public enum Condition: Hashable, Sendable {
    case none
    case on(Expression)
    /// Equal columns of these names, which the result has once.
    case using([String])
    /// The columns that have the same names.
    case natural
  }

  public var left: Plan
  public var right: Plan
  public var kind: Kind
  public var condition: Condition
  /// True if the right side may refer to columns of the left one.
  public var isLateral: Bool

  public init(
    _ left: Plan, _ right: Plan, _ kind: Kind = .inner, _ condition: Condition = .none, isLateral: Bool = false
  ) {
    self.left = left
    self.right = right
    self.kind = kind
    self.condition = condition
    self.isLateral = isLateral
  }
}

/// The union, intersection or difference of two tables.
public struct SetOperation: Hashable, Sendable {
  public enum Kind: Hashable, Sendable { case union, intersect, except }

  public var left: Plan
  public var right: Plan
  public var kind: Kind
  /// True if duplicates are retained.
  public var isAll: Bool
  /// True if columns correspond by name instead of position.
  public var byName: Bool
  /// True if a column that one side lacks is `NULL` there.
  public var allowsMissingColumns: Bool

  public init(
    _ left: Plan, _ right: Plan, _ kind: Kind, isAll: Bool, byName: Bool = false, allowsMissingColumns: Bool = false
  ) {
    self.left = left
    self.right = right
    self.kind = kind
    self.isAll = isAll
    self.byName = byName
    self.allowsMissingColumns = allowsMissingColumns
  }
}

/// Columns that become rows, each with the name of its column and its value.
public struct Unpivot: Hashable, Sendable {
  /// The columns that each row retains.
  public var ids: [Expression]
  /// The columns that become rows; all others if this is `nil`.
  public var values: [Expression]?
  public var variableColumn: String
  public var valueColumn: String
  /// True if rows whose value is `NULL` are retained.
  public var includesNulls: Bool
  public var input: Plan

  public init(
    ids: [Expression], values: [Expression]?, variableColumn: String, valueColumn: String, includesNulls: Bool = true,
    _ input: Plan
  ) {
    self.ids = ids
    self.values = values
    self.variableColumn = variableColumn
    self.valueColumn = valueColumn
    self.includesNulls = includesNulls
    self.input = input
  }
}

/// The rows that a function, such as `explode`, creates from each row.
public struct Generate: Hashable, Sendable {
  public var generator: Expression
  /// True if a row for which the function creates none is retained, with `NULL`.
  public var isOuter: Bool
  /// The name of the created table.
  public var table: String?
  /// The names of the created columns; the function's own if there are none.
  public var columns: [String]
  public var input: Plan

  public init(
    _ generator: Expression, isOuter: Bool = false, table: String? = nil, columns: [String] = [], _ input: Plan
  ) {
    self.generator = generator
    self.isOuter = isOuter
    self.table = table
    self.columns = columns
    self.input = input
  }
}

/// An expression with a name.
public struct NamedExpression: Hashable, Sendable {
  public var name: String?
  public var expression: Expression

  public init(_ name: String?, _ expression: Expression) {
    self.name = name
    self.expression = expression
  }
}

/// A plan with a name, and other names for its columns if there are any.
public struct NamedPlan: Hashable, Sendable {
  public var name: String
  public var columns: [String]
  public var plan: Plan

  public init(_ name: String, columns: [String] = [], _ plan: Plan) {
    self.name = name
    self.columns = columns
    self.plan = plan
  }
}

/// The old and the new name of a column.
public struct Renaming: Hashable, Sendable {
  public var old: String
  public var new: String

  public init(_ old: String, _ new: String) {
    self.old = old
    self.new = new
  }
}

/// A value and the one that takes its place.
public struct Replacement: Hashable, Sendable {
  public var old: Literal
  public var new: Literal

  public init(_ old: Literal, _ new: Literal) {
    self.old = old
    self.new = new
  }
}

/// The files that a plan reads, or the table that options describe.
public struct FileScan: Hashable, Sendable {
  /// The name of the format, such as `csv`.
  public var format: String
  public var paths: [String]
  /// The columns; inferred from the files if this is `nil`.
  public var schema: StructType?
  /// Options by their names in lower case.
  public var options: [String: String]

  public init(format: String, paths: [String], schema: StructType? = nil, options: [String: String] = [:]) {
    self.format = format
    self.paths = paths
    self.schema = schema
    self.options = options
  }
}

extension FileScan: CustomStringConvertible, CustomReflectable {
  /// The scan without the values of options that may be secrets.
  public var description: String {
    let shown = shownOptions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    return "\(format) \(paths) (\(shown))"
  }

  // The reflection that `dump` and the printing of plans use would show passwords.
  public var customMirror: Mirror {
    Mirror(self, children: ["format": format, "paths": paths, "schema": schema as Any, "options": shownOptions])
  }

  private var shownOptions: [String: String] {
    let secrets = ["url", "user", "password", "secret", "token", "key"]
    return options.reduce(into: [:]) { shown, option in
      shown[option.key] = secrets.contains(where: option.key.contains) ? "*****" : option.value
    }
  }
}
