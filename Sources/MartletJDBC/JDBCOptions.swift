internal import MartletCore
internal import MartletDatabases
internal import MartletSQL

/// The options of the format `jdbc`, by their names in Spark.
struct JDBCOptions {
  private let values: [String: String]

  private static let known = [
    "url", "dbtable", "query", "user", "password", "driver", "partitionColumn", "lowerBound", "upperBound",
    "numPartitions", "preferTimestampNTZ", "sessionInitStatement", "fetchsize", "batchsize", "truncate", "upsertKeys",
  ]

  /// - Throws: `AnalysisError` for an option that there is not.
  init(_ values: [String: String]) throws {
    self.values = values
    for key in values.keys.sorted() where !Self.known.contains(where: { $0.lowercased() == key }) {
      let near = nearest(to: key, in: Self.known, count: 1).first
      let advice = near.map { "Did you mean \($0)?" } ?? "The options are \(listed(Self.known, limit: 40))."
      throw Self.fault("There is no option '\(key)' for the format jdbc. \(advice)")
    }
  }

  static func fault(_ message: String) -> AnalysisError {
    AnalysisError(faults: [AnalysisFault("INVALID_OPTION", message)])
  }

  subscript(_ key: String) -> String? { values[key.lowercased()] }

  func required(_ key: String, _ form: String) throws -> String {
    guard let value = self[key], !value.isEmpty else { throw Self.fault("The option \(key) is missing: \(form).") }
    return value
  }

  func bool(_ key: String) throws -> Bool {
    switch self[key]?.lowercased() {
    case nil, "false": return false
    case "true": return true
    case let text?: throw Self.fault("The option \(key) is '\(text)'. It must be true or false.")
    }
  }

  /// A number from 1 to a limit; `nil` if the option is not set, or 0 where that is the default.
  func number(_ key: String, upTo limit: Int, zeroIsDefault: Bool = false) throws -> Int? {
    guard let text = self[key] else { return nil }
    if zeroIsDefault, text == "0" { return nil }
    guard let number = Int(text), (1...limit).contains(number) else {
      throw Self.fault("The option \(key) is '\(text)'. It must be a number from 1 to \(limit).")
    }
    return number
  }

  func database() throws -> Database {
    let url = try required("url", "it has a form such as jdbc:postgresql://host/database")
    do { return try Database(url, user: self["user"], password: self["password"]) } catch let error as MartletError {
      throw Self.fault(error.message)
    }
  }

  /// The table to read or write.
  func table() throws -> TableName {
    let text = try required("dbtable", "the name of a table")
    guard let table = TableName(text) else {
      throw Self.fault(
        "'\(text)' is not the name of a table. It has a form such as counts, schema.counts or \"my table\".")
    }
    return table
  }

  /// The columns whose values identify a row that a new one replaces.
  var upsertKeys: [String] {
    (self["upsertKeys"] ?? "").split(separator: ",").map { name in
      String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
