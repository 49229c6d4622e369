/// A column that is computed from the columns of a table: an expression, which is not evaluated before an action.
///
/// ```swift
/// let isAdult = col("age") >= 18 && col("country").isin("DE", "FR")
/// df.filter(isAdult).select(upper("name").alias("name"), col("age") + 1)
/// ```
/// Operators take columns and Swift's values on both sides. Where SQL and Swift differ in the name of an operation, both
/// names exist. Names are resolved when a frame is analyzed; a wrong name is an error of the action, or of `schema`.
public struct Column: Sendable {
  /// The expression, as it is written.
  public let expression: Expression

  /// Creates a column from an expression.
  public init(_ expression: Expression) {
    // Analysis refuses expressions with fewer levels. If they grew on, the stack would not suffice to release them.
    let limit = 2 * Analyzer.maximumNesting
    self.expression =
      expression.hasLevels(limit) ? expression.children.first { $0.hasLevels(limit - 1) } ?? expression : expression
  }

  /// Creates a reference to a column by its name.
  ///
  /// Periods separate the parts of a name: `"t.name"` is the column `name` of the table `t`, or the field `name` of the
  /// column `t`. A part that contains periods is written in backquotes: "`a.b`". `"*"` and `"t.*"` are all columns.
  public init(_ name: String) { self.expression = Column.reference(name) }

  static func reference(_ name: String, frame: FrameID? = nil) -> Expression {
    guard var parts = nameParts(name) else { return .attribute([name], frame: frame) }
    if parts.last == "*", name.hasSuffix("*"), frame == nil {
      parts.removeLast()
      return .star(qualifier: parts)
    }
    return .attribute(parts, frame: frame)
  }

  /// The parts of a name; `nil` if backquotes in it are not in pairs.
  static func nameParts(_ name: String) -> [String]? {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    var wasQuoted = false
    var characters = name[...]
    while let character = characters.popFirst() {
      switch character {
      case "`" where isQuoted && characters.first == "`":
        characters.removeFirst()
        part.append("`")
      case "`":
        guard isQuoted || part.isEmpty && !wasQuoted else { return nil }
        wasQuoted = true
        isQuoted.toggle()
      case "." where !isQuoted:
        guard !part.isEmpty || wasQuoted else { return nil }
        parts.append(part)
        (part, wasQuoted) = ("", false)
      default:
        guard isQuoted || !wasQuoted else { return nil }
        part.append(character)
      }
    }
    guard !isQuoted, !part.isEmpty || wasQuoted else { return nil }
    return parts + [part]
  }

  /// A call of a function with this column as its first argument.
  func calling(_ name: String, _ arguments: any ColumnOperand...) -> Column {
    Column(.call(name, [expression] + arguments.map(\.operand.expression)))
  }
}

// MARK: Names and types

extension Column {
  /// The column with a name.
  public func alias(_ name: String) -> Column { Column(.alias(expression, [name])) }

  /// The columns that a function such as `posexplode` creates, with names.
  public func alias(_ first: String, _ second: String, _ others: String...) -> Column {
    Column(.alias(expression, [first, second] + others))
  }

  /// The column with a name: another spelling of `alias`.
  public func `as`(_ name: String) -> Column { alias(name) }

  /// The column with a name: another spelling of `alias`.
  public func name(_ name: String) -> Column { alias(name) }

  /// The value in another type. A value that the type does not have is an error.
  public func cast(_ type: DataType) -> Column { Column(.cast(expression, type)) }

  /// The value in another type, which is given by its name in SQL, such as `"decimal(10,2)"`.
  public func cast(_ type: String) -> Column { calling("cast", type) }

  /// The value in another type; `NULL` if the type does not have it.
  public func tryCast(_ type: DataType) -> Column { Column(.cast(expression, type, isTry: true)) }

  /// The value in another type, which is given by its name in SQL; `NULL` if the type does not have it.
  public func tryCast(_ type: String) -> Column { calling("try_cast", type) }

  /// The value in another type: `cast` by its older name.
  public func astype(_ type: String) -> Column { cast(type) }
}

// MARK: Conditions

extension Column {
  /// True where the value is `NULL`.
  public func isNull() -> Column { calling("isnull") }

  /// True where the value is not `NULL`.
  public func isNotNull() -> Column { calling("isnotnull") }

  /// True where the value is `NaN`.
  public func isNaN() -> Column { calling("isnan") }

  /// True where both values are equal, or both are `NULL`: never `NULL` itself. It is `<=>` in SQL.
  public func eqNullSafe(_ other: any ColumnOperand) -> Column { calling("<=>", other) }

  /// True where the text matches a pattern of SQL: `%` stands for any text, `_` for any character.
  public func like(_ pattern: any ColumnOperand) -> Column { calling("like", pattern) }

  /// `like` that ignores case.
  public func ilike(_ pattern: any ColumnOperand) -> Column { calling("ilike", pattern) }

  /// True where a regular expression is found in the text.
  public func rlike(_ pattern: any ColumnOperand) -> Column { calling("rlike", pattern) }

  /// True where the value is one of the values.
  public func isin(_ values: any ColumnOperand...) -> Column { isin(values) }

  /// True where the value is one of the values of an array.
  public func isin(_ values: [any ColumnOperand]) -> Column {
    Column(.call("in", [expression] + values.map(\.operand.expression)))
  }

  /// True where the value is one of the values of a query with one column.
  public func isin(_ frame: DataFrame) -> Column { Column(.inSubquery([expression], frame.input)) }

  /// True where the value is at least `lower` and at most `upper`.
  public func between(_ lower: any ColumnOperand, _ upper: any ColumnOperand) -> Column {
    calling(">=", lower).calling("and", calling("<=", upper))
  }

  /// True where the text contains another one.
  public func contains(_ other: any ColumnOperand) -> Column { calling("contains", other) }

  /// True where the text begins with another one.
  public func startsWith(_ other: any ColumnOperand) -> Column { calling("startswith", other) }

  /// True where the text ends with another one.
  public func endsWith(_ other: any ColumnOperand) -> Column { calling("endswith", other) }

  /// The value of `value` where a condition holds, unless an earlier condition of this `when` does.
  ///
  /// ```swift
  /// when(col("age") < 13, "child").when(col("age") < 20, "teenager").otherwise("adult")
  /// ```
  /// It follows `when`; after another function, the analysis of the frame refuses it.
  public func when(_ condition: Column, _ value: any ColumnOperand) -> Column {
    guard case .function(var call) = expression, call.name == "when", call.arguments.count.isMultiple(of: 2) else {
      return calling("otherwise", Column(.call("when", condition.expression, value.operand.expression)))
    }
    call.arguments += [condition.expression, value.operand.expression]
    return Column(.function(call))
  }

  /// The value where none of the conditions of `when` holds; it is `NULL` without this.
  public func otherwise(_ value: any ColumnOperand) -> Column {
    guard case .function(var call) = expression, call.name == "when", call.arguments.count.isMultiple(of: 2) else {
      return calling("otherwise", value)
    }
    call.arguments.append(value.operand.expression)
    return Column(.function(call))
  }
}

// MARK: Parts

extension Column {
  /// The part of the text that begins at a position, from 1, and has so many characters.
  public func substr(_ position: any ColumnOperand, _ length: any ColumnOperand) -> Column {
    calling("substr", position, length)
  }

  /// The element of an array at a position, from 0, or the value of a key of a map.
  public func getItem(_ key: any ColumnOperand) -> Column {
    Column(.extract(expression, key: key.operand.expression))
  }

  /// The field of a struct.
  public func getField(_ name: String) -> Column { getItem(name) }

  /// The element of an array at a position, from 0, the value of a key of a map, or the field of a struct.
  public subscript(key: any ColumnOperand) -> Column { getItem(key) }

  /// The struct with a field added, or replaced if it exists.
  public func withField(_ name: String, _ value: any ColumnOperand) -> Column {
    calling("with_field", name, value)
  }

  /// The struct without some of its fields.
  public func dropFields(_ names: String...) -> Column {
    Column(.call("drop_fields", [expression] + names.map(\.operand.expression)))
  }
}

// MARK: Order

/// The names of the calls that stand for the direction of a column in `orderBy`. They are functions nowhere else.
enum SortDirection: String {
  case ascending = "asc_nulls_first"
  case ascendingNullsLast = "asc_nulls_last"
  case descending = "desc_nulls_last"
  case descendingNullsFirst = "desc_nulls_first"
}

extension Column {
  /// The column in ascending order, with `NULL` first.
  public func asc() -> Column { calling(SortDirection.ascending.rawValue) }
  /// The column in ascending order, with `NULL` first.
  public func ascNullsFirst() -> Column { calling(SortDirection.ascending.rawValue) }
  /// The column in ascending order, with `NULL` last.
  public func ascNullsLast() -> Column { calling(SortDirection.ascendingNullsLast.rawValue) }
  /// The column in descending order, with `NULL` last.
  public func desc() -> Column { calling(SortDirection.descending.rawValue) }
  /// The column in descending order, with `NULL` first.
  public func descNullsFirst() -> Column { calling(SortDirection.descendingNullsFirst.rawValue) }
  /// The column in descending order, with `NULL` last.
  public func descNullsLast() -> Column { calling(SortDirection.descending.rawValue) }

  /// The direction of the column: ascending unless it says otherwise.
  var sortOrder: SortOrder {
    guard case .function(let call) = expression, let direction = SortDirection(rawValue: call.name),
      call.arguments.count == 1
    else { return SortOrder(expression) }
    return switch direction {
    case .ascending: SortOrder(call.arguments[0])
    case .ascendingNullsLast: SortOrder(call.arguments[0], nullsFirst: false)
    case .descending: SortOrder(call.arguments[0], isDescending: true)
    case .descendingNullsFirst: SortOrder(call.arguments[0], isDescending: true, nullsFirst: true)
    }
  }
}

// MARK: Windows

extension Column {
  /// The function over the rows of a window: `sum("amount").over(Window.partitionBy("customer"))`.
  public func over(_ window: WindowSpec) -> Column {
    Column(
      .window(
        WindowExpression(expression, partition: window.partition, order: window.order, frame: window.frame)))
  }

  /// The function over all rows of the table.
  public func over() -> Column { over(Window.spec) }
}
