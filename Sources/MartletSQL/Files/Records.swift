internal import MartletCore

/// The rows of files whose records are lines, in each mode.
struct Records {
  /// The column that is filled with the lines that do not parse, if the schema has it.
  let corruptColumn: Int?
  let mode: ParseMode
  let schema: StructType
  /// The folder for records that do not parse, if they are kept aside.
  private let badRecordsPath: String?
  private let state: SessionState

  init(_ schema: StructType, _ options: FileOptions, _ state: SessionState) throws {
    mode = try options.mode
    self.schema = schema
    self.state = state
    badRecordsPath = try options["badRecordsPath"].map(localPath)
    let name = Self.columnName(options, state)
    corruptColumn = schema.fields.firstIndex { $0.name.isSameName(as: name) }
    if let corruptColumn, schema.fields[corruptColumn].type != .string {
      throw FileOptions.fault(
        "The column '\(name)' takes the records that do not parse. It must be of type string, not \(schema.fields[corruptColumn].type)."
      )
    }
  }

  /// The name of the column for records that do not parse.
  static func columnName(_ options: FileOptions, _ state: SessionState) -> String {
    options["columnNameOfCorruptRecord"] ?? state.setting("spark.sql.columnNameOfCorruptRecord") ?? "_corrupt_record"
  }

  /// The columns of the data, with their positions in the schema.
  var data: [(index: Int, field: StructField)] {
    schema.fields.enumerated().filter { $0.offset != corruptColumn }.map { ($0.offset, $0.element) }
  }

  /// The treatment of records that do not parse; `nil` if they are rows.
  private var treatment: BadRecords.Treatment? {
    if let badRecordsPath { return .keep(folder: badRecordsPath) }
    return switch mode {
    case .permissive: nil
    case .dropMalformed: .drop
    case .failFast: .fail
    }
  }

  /// - Parameters:
  ///   - source: a query with the columns `line`, `file`, `position` and, for each column of the data, `r0`, `r1`, …
  ///     with its text.
  ///   - list: the files.
  ///   - lines: their lines, if they are read as such.
  ///   - isBad: a condition that is true for lines of a wrong form.
  ///   - value: the SQL of a value.
  func relation(
    _ output: FileColumns, from source: String, _ list: FileList, _ lines: LineFiles?, isBad: String,
    value: (String, DataType) throws -> String
  ) rethrows -> Relation {
    let typed = try data.enumerated().map { "\(try value("e.r\($1.index)", $1.field.type)) AS v\($0)" }
    let values = "SELECT e.*\(typed.map { ", \($0)" }.joined()) FROM (\(source)) e"
    let failures = data.enumerated().filter { $0.element.field.type != .string }.map {
      "(f.r\($0.element.index) IS NOT NULL AND f.v\($0.offset) IS NULL)"
    }
    return relation(
      output, ofValues: "(\(values))", list, lines, isBad: "(\(([isBad] + failures).joined(separator: " OR ")))")
  }

  /// - Parameters:
  ///   - values: a table with the columns `line`, `file`, `position` and, for each column of the data, `v0`, `v1`, …
  ///     with its value.
  ///   - isBad: a condition that is true for lines that do not parse.
  func relation(
    _ output: FileColumns, ofValues values: String, _ list: FileList, _ lines: LineFiles?, isBad verdict: String
  ) -> Relation {
    var output = output
    var position = 0
    for (index, field) in schema.fields.enumerated() {
      if index == corruptColumn {
        output.append(field, "CASE WHEN \(verdict) THEN f.line END")
      } else {
        output.append(field, "f.v\(position)")
        position += 1
      }
    }
    var condition = ""
    if let treatment {
      let records = BadRecords(treatment, list.files, lines, state.engine.logger)
      output.owners.append(records)
      condition =
        " WHERE CASE WHEN \(verdict) THEN martlet_bad_record(\(records.id)::BIGINT, f.file, f.position, f.line) ELSE true END"
    }
    return output.relation(" FROM \(values) f\(condition)")
  }
}
