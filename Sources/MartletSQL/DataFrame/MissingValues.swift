/// The operations on `NULL` and `NaN` of a frame: `df.na.fill(0)`.
public struct DataFrameNaFunctions: Sendable {
  let frame: DataFrame

  /// The rows of a table that a drop of `NULL` takes away.
  public enum DropRule: Sendable {
    /// Rows with any `NULL`.
    case any
    /// Rows with nothing but `NULL`.
    case all
  }

  /// The table with a value in place of `NULL` and `NaN`, in those of the columns whose type it has: numbers in columns
  /// of numbers, texts in columns of text. Without names, in all columns.
  public func fill(
    _ value: some ValueConvertible, _ columns: [String] = [], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame.frame("na.fill", file, line) { Self.filled($0, value, columns) }
  }

  /// The table with a value for each column in place of `NULL` and `NaN`: `df.na.fill(["age": 0, "name": "unknown"])`.
  public func fill(
    _ values: KeyValuePairs<String, any ValueConvertible>, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame.frame("na.fill", file, line) { plan in
      values.reduce(plan) { Self.filled($0, $1.value, [$1.key]) }
    }
  }

  private static func filled(_ plan: Plan, _ value: any ValueConvertible, _ columns: [String]) -> Plan {
    guard let literal = literal(value) else {
      return .invalid("na.fill takes numbers, texts and Boolean values, not \(value.value)", plan)
    }
    return .fillNulls(literal, columns: columns, plan)
  }

  /// The table without rows that have `NULL` or `NaN`, in any column, in all, or in the columns of the names.
  public func drop(
    _ how: DropRule = .any, _ columns: [String] = [], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame.frame("na.drop", file, line) {
      .dropNulls(columns: columns, minimum: how == .any ? nil : 1, $0)
    }
  }

  /// The table without rows that have fewer than `minNonNulls` values other than `NULL` and `NaN`.
  public func drop(
    _ minNonNulls: Int, _ columns: [String] = [], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame.frame("na.drop", file, line) { .dropNulls(columns: columns, minimum: minNonNulls, $0) }
  }

  /// The table with values replaced in columns: `df.na.replace(["city"], ["NYC": "New York"])`. `["*"]` or `[]` are all
  /// columns of the type of the values.
  public func replace<Old: ValueConvertible & Hashable, New: ValueConvertible>(
    _ columns: [String], _ replacements: [Old: New], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame.frame("na.replace", file, line) { plan in
      // In an order that does not depend on the run, so that equal frames have equal plans.
      let pairs = replacements.sorted { "\($0.key)" < "\($1.key)" }.map {
        (Self.literal($0.key), Self.literal($0.value))
      }
      let valid = pairs.compactMap { old, new in old.flatMap { old in new.map { Replacement(old, $0) } } }
      guard valid.count == pairs.count else {
        return .invalid("na.replace takes numbers, texts and Boolean values", plan)
      }
      return .replaceValues(columns: columns == ["*"] ? [] : columns, valid, plan)
    }
  }

  /// The table with values replaced in a column: `df.na.replace("city", ["NYC": "New York"])`.
  public func replace<Old: ValueConvertible & Hashable, New: ValueConvertible>(
    _ column: String, _ replacements: [Old: New], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    replace([column], replacements, file: file, line: line)
  }

  private static func literal(_ value: any ValueConvertible) -> Literal? {
    if case .literal(let literal) = value.operand.expression { literal } else { nil }
  }
}

extension DataFrame {
  /// The operations on `NULL` and `NaN`.
  public var na: DataFrameNaFunctions { DataFrameNaFunctions(frame: self) }
}
