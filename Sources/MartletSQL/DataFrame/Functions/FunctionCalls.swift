// The functions have the names that Spark gives them in Scala, Python and SQL, and Apache's client in Swift:
// `date_format`, `to_date`, `countDistinct`. The files of this folder other than this one and SpecialFunctions.swift are
// generated from the table in Tests/MartletSQLTests/Functions/FunctionTable.swift.

/// A call of a function with arguments that are missing where they are `nil`: left out at the end, `NULL` before others.
func call(_ name: String, _ arguments: [Expression?]...) -> Column {
  var arguments = arguments.flatMap(\.self)
  while let last = arguments.last, last == nil { arguments.removeLast() }
  // In SQL, the characters that these remove come first.
  if ["trim", "ltrim", "rtrim"].contains(name), arguments.count == 2 { arguments.swapAt(0, 1) }
  return Column(.call(name, arguments.map { $0 ?? .literal(.null()) }))
}

extension Column {
  /// A call of an aggregate function on the different values only.
  static func distinct(_ name: String, _ arguments: [Expression]) -> Column {
    Column(.function(FunctionCall(name, arguments, isDistinct: true)))
  }

  /// The names of the parameters of lambdas depend on how deep they are, so that those inside others are different.
  @TaskLocal private static var lambdaDepth = 0

  /// The body of a function of arrays and maps: `x -> x + 1`.
  static func lambda(_ names: [String], _ body: ([Column]) -> Column) -> Expression {
    let depth = lambdaDepth + 1
    let names = names.map { "\($0)_\(depth)" }
    let expression = $lambdaDepth.withValue(depth) {
      body(names.map { Column(.attribute([$0])) }).expression
    }
    return .lambda(expression, parameters: names)
  }

  static func lambda(_ body: (Column) -> Column) -> Expression { lambda(["x"]) { body($0[0]) } }
  static func lambda(_ body: (Column, Column) -> Column) -> Expression { lambda(["x", "y"]) { body($0[0], $0[1]) } }
  static func lambda(_ body: (Column, Column, Column) -> Column) -> Expression {
    lambda(["x", "y", "z"]) { body($0[0], $0[1], $0[2]) }
  }
}
