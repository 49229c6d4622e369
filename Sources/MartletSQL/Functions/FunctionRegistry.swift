/// The functions of Spark that plans may call.
enum FunctionRegistry {
  static let rules: [FunctionRule] =
    operators + conditionals + mathematics + texts + dates + collections + higherOrder + json + aggregates + windows
    + generators + others

  private static let byName: [String: FunctionRule] = {
    var table: [String: FunctionRule] = [:]
    for rule in rules {
      for name in rule.names { table[name] = rule }
    }
    return table
  }()

  static func rule(_ name: String) -> FunctionRule? { byName[name] }

  /// The names of functions, without operators.
  static let names = byName.keys.filter { $0.first?.isLetter ?? false }.sorted()

  /// A Boolean value that indicates whether a window function depends on the order of rows.
  static func needsOrder(_ call: String) -> Bool {
    ["row_number(", "rank(", "dense_rank(", "percent_rank(", "cume_dist(", "ntile(", "lag(", "lead("].contains {
      call.hasPrefix($0)
    }
  }
}
