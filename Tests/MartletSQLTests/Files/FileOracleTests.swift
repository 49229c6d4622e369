import Foundation
import MartletCore
import MartletRDD
import MartletSQL
import Testing

/// The files that Apache Spark writes, and its rows of files, in `Tests/Oracle/files.json`, compared with ours.
@Suite(
  .timeLimit(.minutes(30)), .enabled(if: EngineAvailability.isInstalledOrRequired, EngineAvailability.advice))
struct FileOracleTests {
  /// A case with its answer.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var id: String
    var format: String
    var options: [String: String]?
    var sql: String?
    var partitionBy: [String]?
    var files: [String: String]?
    var ddl: String?
    var inputs: [String: String]?
    var base64: Bool?
    var schema: [[String]]?
    var rows: [[String?]]?
    var error: String?

    var testDescription: String { id }
  }

  static func cases() throws -> [Case] {
    try JSONDecoder().decode(
      [Case].self, from: Data(contentsOf: OracleCatalogue.folder.appending(path: "files.json")))
  }

  /// Differences that are wanted, with reasons.
  static let differences = [
    "csv-one-null": "A row whose only value is NULL is an empty line; Spark leaves it out.",
    "read-bad-utf8-csv": "Bytes that are not UTF-8 make a record one that does not parse; Spark replaces them.",
    "read-csv-two-headers": "The names of columns are those of the first file by name; Spark takes the largest file.",
    "read-json-only-bad": "A frame of records that do not parse alone can be asked for; Spark refuses it.",
  ]

  private let folder: FileFolder
  private let spark: SparkSession

  init() throws {
    folder = try FileFolder()
    spark = try .forTest()
  }

  @Test func `files are written as by Spark`() throws {
    let cases = try Self.cases().filter { $0.sql != nil }
    #expect(cases.count > 50)
    for item in cases { check(item) { try written(item) } }
  }

  @Test func `files are read as by Spark`() throws {
    let cases = try Self.cases().filter { $0.inputs != nil }
    #expect(cases.count > 30)
    for item in cases { check(item) { try read(item) } }
  }

  @Test func `each difference belongs to a case`() throws {
    let ids = Set(try Self.cases().map(\.id))
    #expect(Set(Self.differences.keys).isSubset(of: ids))
  }

  /// Compares an answer; cases that differ on purpose must differ.
  private func check(_ item: Case, _ body: () throws -> String?) {
    var problem: String?
    do {
      problem = try body()
      if problem == nil, let error = item.error { problem = "Spark throws \(error)" }
    } catch {
      let message = "\(error)"
      let wanted = item.error.map { $0.split(separator: ".").first.map(String.init) ?? $0 }
      // Spark has no name for the conditions of its older errors.
      if item.error?.hasPrefix("_LEGACY") != true, wanted.map({ message.contains($0) }) != true {
        problem = "Spark: \(item.error ?? "no error"); here: \(message)"
      }
    }
    if Self.differences[item.id] != nil {
      #expect(problem != nil, "\(item.id) agrees: it is no difference any more")
    } else if let problem {
      Issue.record("\(item.id): \(problem)")
    }
  }

  private func written(_ item: Case) throws -> String? {
    let name = "written-\(item.id)"
    try spark.sql(item.sql ?? "").write.format(item.format).options(item.options ?? [:])
      .partitionBy(item.partitionBy ?? []).save("\(folder.path)/\(name)")
    guard let files = item.files else { return nil }
    let own = try folder.parts(name)
    return own == files ? nil : "Spark: \(files.debugDescription)\nhere:  \(own.debugDescription)"
  }

  private func read(_ item: Case) throws -> String? {
    let name = "read-\(item.id)"
    let path = "\(folder.path)/\(name)"
    for (file, text) in item.inputs ?? [:] {
      let bytes = item.base64 == true ? Data(base64Encoded: text) : Data(text.utf8)
      try folder.write("\(name)/\(file)", try #require(bytes))
    }
    var options = (item.options ?? [:]).mapValues { $0.replacing("@", with: path) }
    let target = options.removeValue(forKey: "path") ?? path
    let reader = spark.read.format(item.format).options(options)
    let frame = (item.ddl.map { reader.schema($0) } ?? reader).load(target)
    let schema = try frame.schema.fields.map { [$0.name, "\($0.type)"] }
    if let wanted = item.schema, wanted != schema { return "Spark: \(wanted); here: \(schema)" }
    let rows: [Row] = try frame.select(schema.map { expr("CAST(`\($0[0])` AS STRING)") }).collect()
    let texts = rows.map { row in row.values.map { value in value.isNull ? nil : "\(value)" } }
    func sorted(_ rows: [[String?]]) -> [[String?]] { rows.sorted { "\($0)" < "\($1)" } }
    guard let wanted = item.rows else { return nil }
    return sorted(texts) == sorted(wanted) ? nil : "Spark: \(sorted(wanted)); here: \(sorted(texts))"
  }
}
