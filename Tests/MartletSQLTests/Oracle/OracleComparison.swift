import Foundation
import MartletSQL

/// The comparison of results with the answers of Spark: see `Tests/Oracle/README.md`.
enum OracleComparison {
  /// The difference between the answer and the result of `body`; `nil` if there is none.
  static func problem(
    _ answer: OracleCatalogue.Answer, countsAllNames: Bool, _ body: () throws -> DataFrameCases.Result
  ) -> String? {
    do {
      switch try body() {
      case .frame(let frame): return try problem(answer, countsAllNames: countsAllNames, frame)
      case .value(let value):
        if let error = answer.error { return "expected the error \(error), got \(value)" }
        guard let wanted = answer.value else { return "got the value \(value)" }
        return value.isEqual(wanted, "double") ? nil : "value \(value), expected \(wanted)"
      case .text(let text):
        if let error = answer.error { return "expected the error \(error), got \(text)" }
        return text == answer.text ? nil : "text\n\(text)expected\n\(answer.text ?? "none")"
      }
    } catch {
      guard let wanted = answer.error else { return "error: \(error)" }
      // Where Spark has no name for a mistake, any error will do.
      if wanted.hasPrefix("_LEGACY_ERROR") { return nil }
      return "\(error)".contains("[\(wanted)]") ? nil : "expected the error \(wanted), got: \(error)"
    }
  }

  private static func problem(
    _ answer: OracleCatalogue.Answer, countsAllNames: Bool, _ frame: DataFrame
  ) throws -> String? {
    let schema = try frame.schema
    let rows = try frame.collect()
    if let error = answer.error { return "expected the error \(error), got \(rows.prefix(3))" }
    let types = schema.fields.map(\.type.description)
    if types != answer.schema.map(\.type) { return "types \(types), expected \(answer.schema.map(\.type))" }
    for (name, wanted) in zip(schema.names, answer.schema.map(\.name)) where countsAllNames || isPlain(wanted) {
      if name != wanted { return "name \(name), expected \(wanted)" }
    }
    var cells = rows.map { zip($0.values, schema.fields).map { Cell($0, $1.type) } }
    if !answer.isOrdered { cells = sorted(cells, types) }
    guard cells.count == answer.rows.count else {
      return "\(cells.count) rows, expected \(answer.rows.count): \(cells.prefix(4)), expected \(answer.rows.prefix(4))"
    }
    for (own, wanted) in zip(cells, answer.rows) {
      for ((a, b), type) in zip(zip(own, wanted), types) where !a.isEqual(b, type) {
        return "row \(own), expected \(wanted)"
      }
    }
    return nil
  }

  /// A Boolean value that indicates whether a name is one that a program gives, and not made from an expression.
  private static func isPlain(_ name: String) -> Bool {
    name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
  }

  private static func sorted(_ rows: [[Cell]], _ types: [String]) -> [[Cell]] {
    let isLast = types.map { $0.contains("double") || $0.contains("float") }
    let order = types.indices.filter { !isLast[$0] } + types.indices.filter { isLast[$0] }
    return rows.sorted { a, b in
      for i in order {
        let result = a[i].compare(b[i])
        if result != 0 { return result < 0 }
      }
      return false
    }
  }
}
