import Foundation
import MartletDuckDB
import MartletRDD
import MartletSQL
import Testing

/// The answers of Apache Spark to the catalogue in `Tests/Oracle`, compared with ours value by value and type by type.
@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct OracleTests {
  /// A session with the tables of the cases.
  static let session: Result<SparkSession, any Error> = Result {
    let spark = try SparkSession(MartletContext(master: "local[2]", appName: "oracle"))
    try OracleCatalogue.load(spark)
    return spark
  }

  @Test("Statements in SQL have the answers of Spark")
  func statements() throws {
    let spark = try Self.session.get()
    let cases = try OracleCatalogue.sqlCases()
    #expect(cases.count > 700)
    try expectAgreement(
      cases.map { item in
        (
          item.id,
          OracleComparison.problem(item.answer, countsAllNames: item.id.contains("names")) {
            .frame(try spark.sql(item.sql))
          }
        )
      })
  }

  @Test("Programs with data frames have the answers of Spark")
  func programs() throws {
    let tables = DataFrameCases.Tables(try Self.session.get())
    let bodies = DataFrameCases.all.bodies
    let answers = try OracleCatalogue.answers("dataframe")
    #expect(
      Set(bodies.keys) == Set(answers.keys), "each answer needs a case in DataFrameCases, and the other way round")
    try expectAgreement(
      bodies.sorted { $0.key < $1.key }.compactMap { id, body in
        answers[id].map { answer in
          (id, OracleComparison.problem(answer, countsAllNames: id.contains("names")) { try body(tables) })
        }
      })
  }

  @Test("The lists of differences and of open cases name each case once, in order, with its reason")
  func lists() throws {
    let ids = try Set(OracleCatalogue.sqlCases().map(\.id) + OracleCatalogue.answers("dataframe").keys)
    let differences = try OracleCatalogue.differences()
    let open = try OracleCatalogue.openCases()
    #expect(Set(differences.keys).union(open).subtracting(ids).isEmpty)
    #expect(Set(differences.keys).isDisjoint(with: open))
    #expect(differences.values.allSatisfy { $0.count > 10 })
    #expect(open == open.sorted())
    let lines = try OracleCatalogue.text("differences.json").split(separator: "\n").dropFirst().dropLast()
    #expect(lines.count == differences.count, "differences.json has a line for each case")
    #expect(lines.map { String($0) } == lines.map { String($0) }.sorted(), "differences.json is not sorted")
  }

  /// Expects that exactly the cases which are listed as differences differ, besides those that are open work.
  private func expectAgreement(_ results: [(id: String, problem: String?)]) throws {
    let differences = try OracleCatalogue.differences()
    let open = try Set(OracleCatalogue.openCases())
    for (id, problem) in results {
      if let problem {
        if differences[id] == nil, !open.contains(id) { Issue.record("\(id): \(problem)") }
      } else if differences[id] != nil {
        Issue.record("\(id) agrees with Spark: remove it from differences.json")
      }
    }
    let agreeing = results.count { $0.problem == nil }
    print("oracle: \(agreeing) of \(results.count) cases agree")
  }
}
