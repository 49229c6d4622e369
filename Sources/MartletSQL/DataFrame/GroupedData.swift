/// The groups of a table's rows, which an aggregation makes a table of.
///
/// ```swift
/// df.groupBy("city").agg(count("*").alias("people"), avg("age"))
/// ```
public struct GroupedData: Sendable {
  let frame: DataFrame
  let kind: Aggregate.Kind
  let grouping: [Expression]
  /// A fault of the description, such as a pivot of a pivot.
  var fault: String?

  /// A row for each group: the grouping columns, and these aggregates.
  public func agg(
    _ first: Column, _ others: Column..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    aggregate("agg", ([first] + others).map(\.expression), file, line)
  }

  /// A row for each group: the grouping columns, and the aggregates of an array.
  public func agg(_ aggregates: [Column], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregate("agg", aggregates.map(\.expression), file, line)
  }

  /// A row for each group: the grouping columns, and an aggregate function of each column:
  /// `agg(["age": "max", "*": "count"])`.
  public func agg(
    _ functions: KeyValuePairs<String, String>, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    let aggregates = functions.map { column, function in
      function.lowercased() == "count" ? MartletSQL.count(column) : call_function(function.lowercased(), column)
    }
    return aggregate("agg", aggregates.map(\.expression), file, line)
  }

  /// The number of rows of each group, in the column `count`.
  public func count(file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregate("count", [MartletSQL.count("*").alias("count").expression], file, line)
  }

  /// The sums of these columns; of all numbers if there are none.
  public func sum(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregateEach("sum", columns, file, line)
  }

  /// The means of these columns; of all numbers if there are none.
  public func avg(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregateEach("avg", columns, file, line)
  }

  /// The means of these columns; of all numbers if there are none.
  public func mean(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregateEach("avg", columns, file, line)
  }

  /// The smallest values of these columns; of all numbers if there are none.
  public func min(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregateEach("min", columns, file, line)
  }

  /// The greatest values of these columns; of all numbers if there are none.
  public func max(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    aggregateEach("max", columns, file, line)
  }

  /// The values of a column as columns of the aggregates: `df.groupBy("year").pivot("course", ["math"]).sum("points")`.
  ///
  /// Without `values`, all values of the column are taken, in their order; the table is computed once more for them.
  public func pivot(_ column: any ColumnConvertible, _ values: [any ColumnOperand]? = nil) -> GroupedData {
    let kind = Aggregate.Kind.pivot(
      column.column.expression,
      values: values?.map {
        guard case .alias(let value, let names) = $0.operand.expression, names.count == 1 else {
          return NamedExpression(nil, $0.operand.expression)
        }
        return NamedExpression(names[0], value)
      })
    return GroupedData(
      frame: frame, kind: kind, grouping: grouping,
      fault: self.kind == .groupBy ? fault : "pivot follows groupBy only, and only once")
  }

  /// A call with `*` stands for calls with each column of numbers.
  private func aggregateEach(_ function: String, _ columns: [String], _ file: StaticString, _ line: UInt) -> DataFrame {
    let arguments = columns.isEmpty ? [Expression.star()] : columns.map { Column($0).expression }
    return aggregate(function, arguments.map { .call(function, $0) }, file, line)
  }

  private func aggregate(
    _ name: String, _ aggregates: [Expression], _ file: StaticString, _ line: UInt
  ) -> DataFrame {
    frame.frame(name, file, line) {
      let plan = Plan.aggregate(Aggregate(kind, grouping: grouping, aggregates: aggregates, $0))
      return fault.map { .invalid($0, plan) } ?? plan
    }
  }
}

extension DataFrame {
  /// The groups of rows that have the same values in these columns; one group of all rows if there are none.
  public func groupBy(_ columns: any ColumnConvertible...) -> GroupedData { grouped(.groupBy, columns) }

  /// The groups of these columns, of all but the last, and so on down to one group of all rows.
  public func rollup(_ columns: any ColumnConvertible...) -> GroupedData { grouped(.rollup, columns) }

  /// The groups of each set of these columns.
  public func cube(_ columns: any ColumnConvertible...) -> GroupedData { grouped(.cube, columns) }

  /// The groups of several sets of columns: `df.groupingSets([["a"], ["b"], []], "a", "b")`.
  public func groupingSets(_ sets: [[String]], _ columns: String...) -> GroupedData {
    let unknown = Set(sets.joined()).subtracting(columns).sorted()
    let positions = sets.map { $0.compactMap { columns.firstIndex(of: $0) } }
    var grouped = grouped(.groupingSets(positions), columns)
    if !unknown.isEmpty {
      grouped.fault = "groupingSets has \(unknown.joined(separator: ", ")) in a set but not among its columns"
    }
    return grouped
  }

  private func grouped(_ kind: Aggregate.Kind, _ columns: [any ColumnConvertible]) -> GroupedData {
    GroupedData(frame: self, kind: kind, grouping: columns.map(\.column.expression))
  }

  /// A row with the aggregates of all rows: `df.agg(max("age"), avg("age"))`.
  public func agg(
    _ first: Column, _ others: Column..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    groupBy().agg([first] + others, file: file, line: line)
  }

  /// A row with an aggregate function of each column: `df.agg(["age": "max"])`.
  public func agg(
    _ functions: KeyValuePairs<String, String>, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    groupBy().agg(functions, file: file, line: line)
  }
}
