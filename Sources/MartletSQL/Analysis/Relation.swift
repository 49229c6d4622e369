/// A plan whose names are resolved: its columns, and the SQL that computes it.
struct Relation: Sendable {
  /// A query of the engine with one column for each attribute, named by its key.
  var sql: SQLFragment
  var columns: [Attribute]
  /// Further columns of the query, which only a qualified name finds: the keys that a join with `USING` leaves out.
  var hidden: [Attribute] = []
  /// The columns of the `DataFrame`s below, to which `people["name"]` refers.
  var frames: [FrameID: [Attribute]] = [:]
  /// The tables in memory that the SQL refers to by number.
  var locals: [LocalTable] = []
  /// The select list that made the relation, to which `ORDER BY` and `HAVING` may add columns.
  var selection: Selection?
  /// True if the columns are unknown after a mistake, which is recorded: names that are not found are no other mistake.
  var isUnknown = false

  var schema: StructType { StructType(columns.map(\.field)) }
}

/// A select list before its SQL is written, so that hidden columns can be added.
struct Selection: Sendable {
  /// The input, as a scope in which further columns are resolved.
  var scope: Scope
  var items: [SelectItem]
  /// The text after `SELECT`: `DISTINCT`, or nothing.
  var from: SQLFragment
  /// `WHERE …` or nothing.
  var filter: String = ""
  /// The expressions of `GROUP BY`; `nil` if rows are not grouped.
  var grouping: Grouping?
}

/// The expressions of a `GROUP BY`.
struct Grouping: Sendable {
  /// As written, to find them in `ORDER BY` and `HAVING`.
  var expressions: [Expression]
  var resolved: [TypedExpression]
  /// The text of the clause, such as `ROLLUP(t."a")`.
  var clause: String
}

/// A column of a select list.
struct SelectItem: Sendable {
  var attribute: Attribute
  var sql: String
}

/// SQL in pieces, so that a long chain of operations does not copy the text of its inputs again and again.
indirect enum SQLFragment: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  case text(String)
  case all([SQLFragment])

  init(stringLiteral value: String) { self = .text(value) }

  struct StringInterpolation: StringInterpolationProtocol {
    var parts: [SQLFragment] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { if !literal.isEmpty { parts.append(.text(literal)) } }
    mutating func appendInterpolation(_ text: String) { if !text.isEmpty { parts.append(.text(text)) } }
    mutating func appendInterpolation(_ number: some BinaryInteger) { parts.append(.text(String(number))) }
    mutating func appendInterpolation(_ fragment: SQLFragment) { parts.append(fragment) }
  }

  init(stringInterpolation: StringInterpolation) { self = .all(stringInterpolation.parts) }

  /// The whole text.
  var text: String {
    var text = ""
    append(to: &text)
    return text
  }

  private func append(to text: inout String) {
    switch self {
    case .text(let piece): text += piece
    case .all(let pieces): for piece in pieces { piece.append(to: &text) }
    }
  }
}

/// An expression whose names and types are resolved.
struct TypedExpression: Sendable {
  /// The SQL of the engine. It can stand in any place: operators are in parentheses.
  var sql: String
  var type: DataType
  var nullable = true
  /// The name that Spark gives to a column with this expression.
  var name: String
  /// The column, if the expression is nothing else.
  var attribute: Attribute?
  var contents: Contents = []
  /// The constant, if the expression is one.
  var literal: Literal?
  /// A column outside of aggregate functions that is not grouped by.
  var ungrouped: String?
  /// The parts of a call to which `OVER` can be added.
  var call: EngineCall?
  /// The columns that a generator creates, such as `explode`.
  var generated: [TypedExpression] = []
  /// The windows in time that the expression returns.
  var window: TimeWindow?

  struct Contents: OptionSet, Sendable {
    let rawValue: Int
    static let aggregate = Contents(rawValue: 1)
    static let window = Contents(rawValue: 2)
    static let generator = Contents(rawValue: 4)
    /// The expression is wrong, and the fault is recorded: nothing that contains it is checked.
    static let fault = Contents(rawValue: 8)
    /// An aggregate function outside of `OVER`, or a column that depends on the rows of a group.
    static let subquery = Contents(rawValue: 16)
  }
}

/// A call of an aggregate or window function, before `OVER` is added, and the text around it.
struct EngineCall: Sendable {
  var core: String
  /// The call to which `OVER` is added, if it is another one.
  var windowCore: String?
  /// Text around the call, such as a cast: `CAST(` and `AS BIGINT)`.
  var before = ""
  var after = ""

  var sql: String { before + core + after }
}

/// Returns an identifier of SQL.
func quoted(_ name: String) -> String {
  "\"" + name.replacing("\"", with: "\"\"") + "\""
}

/// Returns a string literal of SQL. Characters that a literal cannot contain are written as `chr(…)`.
func quotedText(_ text: String) -> String {
  func literal(_ part: some StringProtocol) -> String { "'" + String(part).replacing("'", with: "''") + "'" }
  guard text.utf8.contains(0) else { return literal(text) }
  return "("
    + text.split(separator: "\0", omittingEmptySubsequences: false).map(literal).joined(separator: " || chr(0) || ")
    + ")"
}
