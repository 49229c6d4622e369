import MartletSQL

/// Registers the static tables that every batch is joined with, as the views `pumps` and `maintenance`. Prints the lines
/// that are not in order, which are left out.
func registerTables(in context: MartletContext, pumps: String?, maintenance: String?) throws {
  try context.textFile(pumps ?? tableOfExample("pumps.csv")).records("pumps", of: 3) { fields in
    (fields[0], fields[1], fields[2])
  }.toDF("pump", "vendor", "phone").createOrReplaceTempView("pumps")
  try context.textFile(maintenance ?? tableOfExample("maintenance.csv")).records("maintenance", of: 3) { fields in
    guard let day = SQLDate("\(fields[1])") else { throw Mistake(description: "'\(fields[1])' is not a day") }
    return (fields[0], day, fields[2].isEmpty ? nil : fields[2])
  }.toDF("pump", "last_service", "technician").createOrReplaceTempView("maintenance")
}

extension RDD where Element == Text {
  /// The records of lines of CSV, without the first line, which names the columns.
  func records<Record: Sendable>(
    _ table: String, of columns: Int, _ record: @escaping @Sendable ([Text]) throws -> Record
  ) throws -> RDD<Record> {
    let header = try first()
    let parsed = filter { $0 != header }.parse { line in
      let fields = line.fields(separator: ",")
      guard fields.count == columns else { throw Mistake(description: "\(columns) values expected") }
      return try record(fields)
    }
    for line in try parsed.rejected.collect() { print("Left out of \(table): \(line)") }
    return parsed.accepted
  }
}

struct Mistake: Error, CustomStringConvertible {
  let description: String
}

/// The path of a table in the folder of this file.
private func tableOfExample(_ name: String, file: String = #filePath) -> String {
  file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
}
