import Foundation
import MartletRDD
import MartletSQL
import Testing

/// The answers of Apache Spark to the catalogue in `Tests/Oracle`, compared with ours value by value and type by type.
@Suite struct OracleTests {
  static let cases: [OracleCatalogue.Case] = (try? OracleCatalogue.sqlCases()) ?? []

  static let spark: SparkSession? = {
    do {
      let spark = try SparkSession(MartletContext(master: "local[2]", appName: "oracle"))
      try OracleCatalogue.load(spark)
      return spark
    } catch {
      print("oracle: \(error)")
      return nil
    }
  }()

  @Test func `cases in SQL have the answers of Spark`() throws {
    let spark = try #require(Self.spark)
    try #require(Self.cases.count > 50)
    var failures: [String] = []
    for item in Self.cases {
      if let problem = problem(item, spark) { failures.append("\(item): \(problem)") }
    }
    print("oracle: \(Self.cases.count - failures.count) of \(Self.cases.count)")
    if let report = ProcessInfo.processInfo.environment["MARTLET_ORACLE_REPORT"] {
      try failures.joined(separator: "\n").write(toFile: report, atomically: true, encoding: .utf8)
    }
    #expect(failures.count == 0)
  }

  private func problem(_ item: OracleCatalogue.Case, _ spark: SparkSession) -> String? {
    let answer = item.answer
    do {
      let frame = try spark.sql(item.sql)
      let schema = try frame.schema
      let rows = try frame.collect()
      if let error = answer.error { return "expected the error \(error), got \(rows.prefix(3))" }
      let types = schema.fields.map(\.type.description)
      if types != answer.schema.map(\.type) { return "types \(types), expected \(answer.schema.map(\.type))" }
      for (field, column) in zip(schema.fields, answer.schema) where column.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) || item.theme == "names" {
        if field.name != column.name { return "name \(field.name), expected \(column.name)" }
      }
      var cells = rows.map { $0.values.map(Cell.init) }
      if !answer.isOrdered { cells = sorted(cells, types) }
      guard cells.count == answer.rows.count else {
        return "\(cells.count) rows, expected \(answer.rows.count): \(cells.prefix(4)) expected \(answer.rows.prefix(4))"
      }
      for (own, wanted) in zip(cells, answer.rows) {
        for ((a, b), type) in zip(zip(own, wanted), types) where !a.isEqual(b, type) { return "row \(own), expected \(wanted)" }
      }
      return nil
    } catch {
      guard let wanted = answer.error else { return "error: \(error)" }
      return "\(error)".contains(wanted) ? nil : "expected the error \(wanted), got: \(error)"
    }
  }

  private func sorted(_ rows: [[Cell]], _ types: [String]) -> [[Cell]] {
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
