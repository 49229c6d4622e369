internal import MartletCore
private import Synchronization

/// An expression over the columns of a table, as it is written: names are not resolved, and nothing is computed.
///
/// The cases correspond one to one to the expressions of Spark Connect.
public indirect enum Expression: Hashable, Sendable {
  case literal(Literal)
  /// A column, by the parts of its name: `["t", "a"]` is `t.a`, which may also be the field `a` of a column `t`.
  ///
  /// With a `frame`, a column of that `DataFrame`: `people["name"]`.
  case attribute([String], frame: FrameID? = nil)
  /// All columns, or those of a table, without some: `*`, `t.*`, `* EXCEPT (a, t.b)`.
  case star(qualifier: [String] = [], except: [[String]] = [])
  /// A call of a function or an operator, by the name that Spark Connect uses: `+`, `==`, `and`, `upper`, `when`.
  case function(FunctionCall)
  /// An expression with a name; several names for a function that creates several columns.
  case alias(Expression, [String])
  case cast(Expression, DataType, isTry: Bool = false)
  case window(WindowExpression)
  /// The body of a function of arrays and maps, and the names of its parameters: `x -> x + 1`.
  case lambda(Expression, parameters: [String])
  /// A field of a struct, an element of an array, or the value of a key: `a.b`, `a[0]`, `m['k']`.
  case extract(Expression, key: Expression)
  case scalarSubquery(Plan)
  case exists(Plan)
  /// `(a, b) IN (SELECT …)`
  case inSubquery([Expression], Plan)
  /// An expression as SQL text, which is parsed when the expression is resolved.
  case sql(String)

  /// A call without options.
  static func call(_ name: String, _ arguments: Expression...) -> Expression {
    .function(FunctionCall(name, arguments))
  }

  static func call(_ name: String, _ arguments: [Expression]) -> Expression {
    .function(FunctionCall(name, arguments))
  }
}

/// A call of a function.
public struct FunctionCall: Hashable, Sendable {
  /// The name; the parts of a qualified name are separated by periods.
  public var name: String
  public var arguments: [Expression]
  /// `count(DISTINCT …)`
  public var isDistinct: Bool
  /// `FILTER (WHERE …)`: the rows that an aggregate function takes.
  public var filter: Expression?
  /// `WITHIN GROUP (ORDER BY …)`
  public var order: [SortOrder]
  /// `IGNORE NULLS`
  public var ignoresNulls: Bool

  public init(
    _ name: String, _ arguments: [Expression], isDistinct: Bool = false, filter: Expression? = nil,
    order: [SortOrder] = [], ignoresNulls: Bool = false
  ) {
    self.name = name
    self.arguments = arguments
    self.isDistinct = isDistinct
    self.filter = filter
    self.order = order
    self.ignoresNulls = ignoresNulls
  }
}

/// An expression and the direction in which rows are sorted by it.
public struct SortOrder: Hashable, Sendable {
  public var expression: Expression
  public var isDescending: Bool
  /// Where `NULL` is placed. By default first in ascending order and last in descending order, as in Spark.
  public var nullsFirst: Bool

  public init(_ expression: Expression, isDescending: Bool = false, nullsFirst: Bool? = nil) {
    self.expression = expression
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst ?? !isDescending
  }
}

/// A function over the rows around each row: `function OVER (PARTITION BY … ORDER BY … ROWS …)`.
public struct WindowExpression: Hashable, Sendable {
  public var function: Expression
  public var partition: [Expression]
  public var order: [SortOrder]
  public var frame: WindowFrame?

  public init(_ function: Expression, partition: [Expression] = [], order: [SortOrder] = [], frame: WindowFrame? = nil)
  {
    self.function = function
    self.partition = partition
    self.order = order
    self.frame = frame
  }
}

/// The rows that a window function sees, relative to the current one.
public struct WindowFrame: Hashable, Sendable {
  public enum Unit: Hashable, Sendable { case rows, range }

  public indirect enum Boundary: Hashable, Sendable {
    case unboundedPreceding
    case preceding(Expression)
    case currentRow
    case following(Expression)
    case unboundedFollowing
  }

  public var unit: Unit
  public var lower: Boundary
  public var upper: Boundary

  public init(_ unit: Unit, _ lower: Boundary, _ upper: Boundary) {
    self.unit = unit
    self.lower = lower
    self.upper = upper
  }
}

/// A constant.
public enum Literal: Hashable, Sendable {
  /// `NULL`, of a type.
  case null(DataType = .null)
  case boolean(Bool)
  case byte(Int8)
  case short(Int16)
  case integer(Int32)
  case long(Int64)
  case float(Float)
  case double(Double)
  /// The digits of a decimal number, such as `-12.30`: its type has as many digits as are written.
  case decimal(String)
  case string(String)
  case binary([UInt8])
  /// Days since 1970-01-01.
  case date(Int32)
  /// Microseconds since 1970-01-01 00:00:00 UTC.
  case timestamp(Int64)
  /// Microseconds since 1970-01-01 00:00:00.
  case timestampNTZ(Int64)
  case interval(months: Int32, days: Int32, microseconds: Int64, type: DataType = .interval)
}

/// The identity of a `DataFrame`, to which `people["name"]` refers, and the line of the program that made it.
public struct FrameID: Hashable, Sendable {
  /// The number of the frame, which no other frame of the program has.
  let number: Int
  /// The operation that made the frame, for error messages.
  let site: OperatorSite

  private static let count = Atomic<Int>(0)

  /// The identity of another frame.
  init(_ site: OperatorSite) {
    self.number = Self.count.add(1, ordering: .relaxed).newValue
    self.site = site
  }

  public static func == (a: FrameID, b: FrameID) -> Bool { a.number == b.number }
  public func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
