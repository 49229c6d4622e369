import Foundation
import MartletRDD
import MartletSQL

/// The cases of `Tests/Oracle`, and the answers of Apache Spark.
struct OracleCatalogue {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Oracle")

  /// A statement and its answer.
  struct Case: Sendable, CustomStringConvertible {
    var id: String
    var theme: String
    var sql: String
    var answer: Answer

    var description: String { "\(theme)/\(id)" }
  }

  struct Answer: Sendable {
    var schema: [(name: String, type: String)] = []
    var rows: [[Cell]] = []
    var isOrdered = false
    var text: String?
    var value: Cell?
    var error: String?
  }

  /// The cases in SQL of all themes.
  static func sqlCases() throws -> [Case] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "sql").path).sorted()
    return try files.filter { $0.hasSuffix(".sql") }.flatMap { file -> [Case] in
      let theme = String(file.dropLast(4))
      let answers = try answers(theme)
      return statements(try String(contentsOf: folder.appending(path: "sql/\(file)"), encoding: .utf8)).compactMap {
        id, sql in answers[id].map { Case(id: id, theme: theme, sql: sql, answer: $0) }
      }
    }
  }

  private static func statements(_ text: String) -> [(id: String, sql: String)] {
    var cases: [(String, String)] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("-- name: ") {
        cases.append((line.dropFirst(9).trimmingCharacters(in: .whitespaces), ""))
      } else if !cases.isEmpty {
        cases[cases.count - 1].1 += line + "\n"
      }
    }
    return cases
  }

  static func answers(_ theme: String) throws -> [String: Answer] {
    let data = try Data(contentsOf: folder.appending(path: "answers/\(theme).json"))
    guard let list = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] else { return [:] }
    var answers: [String: Answer] = [:]
    for entry in list {
      guard let id = entry["id"] as? String else { continue }
      var answer = Answer()
      answer.schema = (entry["schema"] as? [[String]] ?? []).map { ($0[0], $0[1]) }
      answer.rows = (entry["rows"] as? [[Any]] ?? []).map { $0.map(Cell.init) }
      answer.isOrdered = entry["ordered"] as? Bool ?? false
      answer.text = entry["text"] as? String
      answer.value = entry["value"].map(Cell.init)
      answer.error = entry["error"] as? String
      answers[id] = answer
    }
    return answers
  }

  /// The cases whose answers differ from Spark's by decision, with the reasons.
  static func differences() throws -> [String: String] {
    try JSONDecoder().decode([String: String].self, from: Data(text("differences.json").utf8))
  }

  /// The cases that do not agree yet.
  static func openCases() throws -> [String] { try text("open.txt").split(separator: "\n").map(String.init) }

  /// The text of a file of the catalogue.
  static func text(_ file: String) throws -> String {
    try String(contentsOf: folder.appending(path: file), encoding: .utf8)
  }

  /// Creates the tables of the cases as temporary views.
  static func load(_ spark: SparkSession) throws {
    let data = try Data(contentsOf: folder.appending(path: "datasets.json"))
    guard let list = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] else { return }
    for entry in list {
      guard let name = entry["name"] as? String, let ddl = entry["schema"] as? String,
        let rows = entry["rows"] as? [[Any]]
      else { continue }
      let schema = try StructType(ddl: ddl)
      let values = try rows.map { row in
        Row(values: try zip(row, schema.fields).map { try Cell($0).value($1.type) }, schema: schema)
      }
      try spark.createDataFrame(values, schema: schema).createOrReplaceTempView(name)
    }
  }
}
