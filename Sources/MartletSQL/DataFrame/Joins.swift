/// The rows that a join retains, by Spark's names: `.leftOuter`, or a string such as `"left_outer"`, `"left"`, `"anti"`.
public struct JoinType: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The name, as it was written.
  public let name: String
  /// The kind of the join; `nil` if there is none of this name.
  let kind: Join.Kind?

  /// Creates a type from its name. Case and underscores do not matter.
  public init(_ name: String) {
    self.name = name
    self.kind = Self.kinds[name.lowercased().filter { $0 != "_" }]
  }

  public init(stringLiteral name: String) { self.init(name) }

  /// The pairs of rows for which the condition holds.
  public static let inner = JoinType("inner")
  /// All pairs of rows.
  public static let cross = JoinType("cross")
  /// `inner`, and the rows of the left table without a partner.
  public static let leftOuter = JoinType("left_outer")
  /// `inner`, and the rows of the right table without a partner.
  public static let rightOuter = JoinType("right_outer")
  /// `inner`, and the rows of both tables without a partner.
  public static let fullOuter = JoinType("full_outer")
  /// The rows of the left table that have a partner.
  public static let leftSemi = JoinType("left_semi")
  /// The rows of the left table without a partner.
  public static let leftAnti = JoinType("left_anti")

  private static let kinds: [String: Join.Kind] = [
    "inner": .inner, "cross": .cross, "outer": .fullOuter, "full": .fullOuter, "fullouter": .fullOuter,
    "left": .leftOuter, "leftouter": .leftOuter, "right": .rightOuter, "rightouter": .rightOuter, "semi": .leftSemi,
    "leftsemi": .leftSemi, "anti": .leftAnti, "leftanti": .leftAnti,
  ]

  static let names = [
    "inner", "cross", "outer", "full", "full_outer", "left", "left_outer", "right", "right_outer", "semi", "left_semi",
    "anti", "left_anti",
  ]
}

extension DataFrame {
  /// The pairs of rows for which a condition holds:
  /// `people.join(orders, people["id"] == orders["customer"], "left_outer")`.
  public func join(
    _ right: DataFrame, _ condition: Column, _ joinType: JoinType = .inner, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    join(right, .on(condition.expression), joinType, file, line)
  }

  /// The pairs of rows that have the same value in a column, which the result has once.
  public func join(
    _ right: DataFrame, _ usingColumn: String, _ joinType: JoinType = .inner, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    join(right, .using([usingColumn]), joinType, file, line)
  }

  /// The pairs of rows that have the same values in several columns, which the result has once.
  public func join(
    _ right: DataFrame, _ usingColumns: [String], _ joinType: JoinType = .inner, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    join(right, usingColumns.isEmpty ? .none : .using(usingColumns), joinType, file, line)
  }

  /// All pairs of rows: an inner join without a condition.
  public func join(_ right: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    join(right, .none, .inner, file, line)
  }

  /// All pairs of rows.
  public func crossJoin(_ right: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("crossJoin", file, line) { .join(Join($0, right.input, .cross)) }
  }

  private func join(
    _ right: DataFrame, _ condition: Join.Condition, _ type: JoinType, _ file: StaticString, _ line: UInt
  ) -> DataFrame {
    frame("join", file, line) {
      let plan = Plan.join(Join($0, right.input, type.kind ?? .inner, condition))
      return type.kind != nil
        ? plan
        : .invalid("'\(type.name)' is not a type of join; they are \(JoinType.names.joined(separator: ", "))", plan)
    }
  }

  // MARK: Unions and differences

  /// The rows of both tables. Columns correspond by their positions.
  public func union(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("union", other, .union, isAll: true, file, line)
  }

  /// The rows of both tables: another spelling of `union`.
  public func unionAll(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("unionAll", other, .union, isAll: true, file, line)
  }

  /// The rows of both tables. Columns correspond by their names; with `allowMissingColumns`, one that a table lacks is
  /// `NULL` there.
  public func unionByName(
    _ other: DataFrame, _ allowMissingColumns: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("unionByName", file, line) {
      .setOperation(
        SetOperation(
          $0, other.input, .union, isAll: true, byName: true, allowsMissingColumns: allowMissingColumns))
    }
  }

  /// The different rows that are in both tables.
  public func intersect(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("intersect", other, .intersect, isAll: false, file, line)
  }

  /// The rows that are in both tables, as often as in the one where they are rarer.
  public func intersectAll(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("intersectAll", other, .intersect, isAll: true, file, line)
  }

  /// The different rows that are not in another table.
  public func except(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("except", other, .except, isAll: false, file, line)
  }

  /// The different rows that are not in another table: another spelling of `except`.
  public func subtract(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("subtract", other, .except, isAll: false, file, line)
  }

  /// The rows without those of another table, each of which takes one equal row away.
  public func exceptAll(_ other: DataFrame, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    combined("exceptAll", other, .except, isAll: true, file, line)
  }

  private func combined(
    _ name: String, _ other: DataFrame, _ kind: SetOperation.Kind, isAll: Bool, _ file: StaticString, _ line: UInt
  ) -> DataFrame {
    frame(name, file, line) { .setOperation(SetOperation($0, other.input, kind, isAll: isAll)) }
  }
}
