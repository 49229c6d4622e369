// MARK: Columns

extension DataFrame {
  /// The table of these columns: `df.select("name", col("age") + 1)`.
  public func select(
    _ columns: any ColumnConvertible..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    select(columns, file: file, line: line)
  }

  /// The table of the columns of an array.
  public func select(
    _ columns: [any ColumnConvertible], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("select", file, line) { .project(columns.map(\.column.expression), $0) }
  }

  /// The table of columns that are written in SQL: `df.selectExpr("name", "age + 1 AS next")`.
  public func selectExpr(
    _ expressions: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("selectExpr", file, line) { .project(expressions.map(Expression.sql), $0) }
  }

  /// The columns whose names match a regular expression in backquotes: df.select(df.colRegex("`(year|month)_.*`")).
  ///
  /// The whole name must match; case does not matter. Without backquotes, this is the column of the name.
  public func colRegex(_ pattern: String) -> Column {
    guard pattern.count > 2, pattern.hasPrefix("`"), pattern.hasSuffix("`") else { return self[pattern] }
    return Column(.call(Self.regexColumns, .literal(.string(String(pattern.dropFirst().dropLast())))))
  }

  /// The name of the call that stands for the columns with a name like a pattern. It is a function nowhere else.
  static let regexColumns = "col_regex"

  /// The table with a column added at the end, or replaced if there is one of this name.
  public func withColumn(
    _ name: String, _ column: any ColumnOperand, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("withColumn", file, line) { .withColumns([NamedExpression(name, column.operand.expression)], $0) }
  }

  /// The table with several columns added, or replaced: `df.withColumns(["a": col("x") + 1, "b": lit(0)])`.
  ///
  /// The columns do not see each other.
  public func withColumns(
    _ columns: KeyValuePairs<String, Column>, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("withColumns", file, line) {
      .withColumns(columns.map { NamedExpression($0.key, $0.value.expression) }, $0)
    }
  }

  /// The table with another name for a column. Without a column of the old name, the table stays as it is.
  public func withColumnRenamed(
    _ existing: String, _ new: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("withColumnRenamed", file, line) { .withColumnsRenamed([Renaming(existing, new)], $0) }
  }

  /// The table with other names for several columns: `df.withColumnsRenamed(["old": "new"])`.
  public func withColumnsRenamed(
    _ names: KeyValuePairs<String, String>, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("withColumnsRenamed", file, line) { .withColumnsRenamed(names.map { Renaming($0.key, $0.value) }, $0) }
  }

  /// The table without these columns. Names of columns that it does not have are ignored.
  public func drop(
    _ columns: any ColumnConvertible..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("drop", file, line) {
      .drop(columns.map { ($0 as? String).map { .attribute([$0]) } ?? $0.column.expression }, $0)
    }
  }

  /// The table with other names for all its columns, in their order.
  public func toDF(_ names: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("toDF", file, line) { names.isEmpty ? $0 : .renamed(names, $0) }
  }

  /// The table with a name, which columns can be qualified with: `df.alias("p").select("p.name")`.
  public func alias(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("alias", file, line) { .alias(name, $0) }
  }

  /// The table with a name: another spelling of `alias`.
  public func `as`(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    alias(name, file: file, line: line)
  }

  /// The columns `values` as rows, each with the name of its column and its value.
  ///
  /// ```swift
  /// sales.unpivot(["year"], ["north", "south"], "region", "amount")
  /// ```
  public func unpivot(
    _ ids: [any ColumnConvertible], _ values: [any ColumnConvertible], _ variableColumnName: String,
    _ valueColumnName: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("unpivot", file, line) {
      .unpivot(
        Unpivot(
          ids: ids.map(\.column.expression), values: values.map(\.column.expression),
          variableColumn: variableColumnName, valueColumn: valueColumnName, $0))
    }
  }

  /// All columns other than `ids` as rows, each with the name of its column and its value.
  public func unpivot(
    _ ids: [any ColumnConvertible], _ variableColumnName: String, _ valueColumnName: String,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("unpivot", file, line) {
      .unpivot(
        Unpivot(
          ids: ids.map(\.column.expression), values: nil, variableColumn: variableColumnName,
          valueColumn: valueColumnName, $0))
    }
  }

  /// Columns as rows: another spelling of `unpivot`.
  public func melt(
    _ ids: [any ColumnConvertible], _ values: [any ColumnConvertible], _ variableColumnName: String,
    _ valueColumnName: String, file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    unpivot(ids, values, variableColumnName, valueColumnName, file: file, line: line)
  }

  /// All columns other than `ids` as rows: another spelling of `unpivot`.
  public func melt(
    _ ids: [any ColumnConvertible], _ variableColumnName: String, _ valueColumnName: String,
    file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    unpivot(ids, variableColumnName, valueColumnName, file: file, line: line)
  }
}

// MARK: Rows

extension DataFrame {
  /// The rows for which a condition holds: `df.filter(col("age") > 21)`.
  public func filter(_ condition: Column, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("filter", file, line) { .filter(condition.expression, $0) }
  }

  /// The rows for which a condition in SQL holds: `df.filter("age > 21")`.
  public func filter(_ condition: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    filter(expr(condition), file: file, line: line)
  }

  /// The rows for which a condition holds: another spelling of `filter`.
  public func `where`(_ condition: Column, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("where", file, line) { .filter(condition.expression, $0) }
  }

  /// The rows for which a condition in SQL holds: another spelling of `filter`.
  public func `where`(_ condition: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    self.where(expr(condition), file: file, line: line)
  }

  /// The rows in an order: `df.orderBy("name", desc("age"))`. A column is ascending unless it says otherwise.
  public func orderBy(
    _ columns: any ColumnConvertible..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("orderBy", file, line) { .sort(columns.map(\.column.sortOrder), $0) }
  }

  /// The rows in an order: another spelling of `orderBy`.
  public func sort(
    _ columns: any ColumnConvertible..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("sort", file, line) { .sort(columns.map(\.column.sortOrder), $0) }
  }

  /// The first `count` rows.
  public func limit(_ count: Int, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("limit", file, line) {
      count < 0 ? .invalid("The limit is \(count); it must not be negative", $0) : .limit(count, $0)
    }
  }

  /// The rows after the first `count` ones.
  public func offset(_ count: Int, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("offset", file, line) {
      count < 0 ? .invalid("The offset is \(count); it must not be negative", $0) : .offset(count, $0)
    }
  }

  /// The different rows.
  public func distinct(file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("distinct", file, line) { .deduplicate([], $0) }
  }

  /// One row for each combination of values of these columns; of all columns if there are none.
  public func dropDuplicates(
    _ columns: String..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    dropDuplicates(columns, file: file, line: line)
  }

  /// One row for each combination of values of the columns of an array.
  public func dropDuplicates(
    _ columns: [String], file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("dropDuplicates", file, line) { .deduplicate(columns, $0) }
  }

  /// The same table. The engine divides the rows among threads by itself: the method is there for programs that are
  /// written for Spark.
  public func repartition(
    _ numPartitions: Int, _ columns: any ColumnConvertible..., file: StaticString = #fileID, line: UInt = #line
  ) -> DataFrame {
    frame("repartition", file, line) {
      numPartitions > 0
        ? $0 : .invalid("The number of partitions is \(numPartitions); it must be positive", $0)
    }
  }

  /// The same table: see ``repartition(_:_:file:line:)``.
  public func coalesce(_ numPartitions: Int, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("coalesce", file, line) {
      numPartitions > 0
        ? $0 : .invalid("The number of partitions is \(numPartitions); it must be positive", $0)
    }
  }

  /// A random part of the rows: each row with the probability `fraction`.
  ///
  /// With replacement, a row occurs `fraction` times on average. The same seed gives the same rows.
  public func sample(
    _ fraction: Double, seed: Int64? = nil, withReplacement: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    frame("sample", file, line) {
      guard fraction >= 0, fraction.isFinite, withReplacement || fraction <= 1 else {
        return .invalid("The fraction of a sample is \(fraction); it must be from 0 to 1", $0)
      }
      return .sample(fraction: fraction, withReplacement: withReplacement, seed: seed, $0)
    }
  }

  /// A random part of the rows, in Spark's order of arguments.
  public func sample(
    _ withReplacement: Bool, _ fraction: Double, _ seed: Int64? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> DataFrame {
    sample(fraction, seed: seed, withReplacement: withReplacement, file: file, line: line)
  }

  /// The rows, each in one of several tables at random: `let parts = df.randomSplit([0.8, 0.2])`.
  ///
  /// The weights are relative to their sum.
  public func randomSplit(
    _ weights: [Double], seed: Int64? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> [DataFrame] {
    let total = weights.reduce(0, +)
    let isValid = weights.allSatisfy { $0 >= 0 } && total > 0 && total.isFinite
    let seed = seed ?? Int64.random(in: 0...Int64(Int32.max))
    let column = "__random_split"
    var lower = 0.0
    return weights.enumerated().map { index, weight in
      let bounds = (lower, lower + weight / total)
      lower = bounds.1
      return frame("randomSplit", file, line) {
        guard isValid else {
          return .invalid(
            "The weights of randomSplit are \(weights); none may be negative, and one must be positive", $0)
        }
        // The last part ends above 1, whatever the sum is rounded to.
        let upper = index == weights.count - 1 ? 2 : bounds.1
        let isInPart = Column(column) >= bounds.0 && Column(column) < upper
        return .drop(
          [.attribute([column])],
          .filter(isInPart.expression, .withColumns([NamedExpression(column, rand(seed).expression)], $0)))
      }
    }
  }

  /// The table with a hint for its computation, such as `broadcast`. It does not change the rows.
  public func hint(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("hint", file, line) { .hint(name, $0) }
  }

  /// The result of a function of frames, for chains of them: `df.transform(withTotals).transform(withRanks)`.
  public func transform<Failure: Error>(
    _ transformation: (DataFrame) throws(Failure) -> DataFrame
  ) throws(Failure) -> DataFrame {
    try transformation(self)
  }

  /// The number, mean, standard deviation, minimum and maximum of these columns; of all numbers and texts if there are
  /// none.
  public func describe(_ columns: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("describe", file, line) { .summary(["count", "mean", "stddev", "min", "max"], columns: columns, $0) }
  }

  /// Statistics of all numbers and texts: `count`, `mean`, `stddev`, `min`, `max`, `count_distinct` and percentiles such
  /// as `75%`.
  public func summary(_ statistics: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("summary", file, line) {
      .summary(
        statistics.isEmpty ? ["count", "mean", "stddev", "min", "25%", "50%", "75%", "max"] : statistics, columns: [],
        $0
      )
    }
  }
}
