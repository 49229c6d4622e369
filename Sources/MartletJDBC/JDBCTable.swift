internal import MartletCore
internal import MartletDatabases
internal import MartletDuckDB
internal import MartletSQL
private import Synchronization

/// A table or query of a database, whose rows come through cursors while the engine reads them.
final class JDBCTable: VectorSource {
  let schema: StructType
  let columns: [DuckField]
  private let database: Database
  /// The statement to run on each connection before rows are read.
  private let initialization: String?
  /// The table in `FROM`.
  private let source: String
  private let names: [String]
  /// A condition for each part; empty for one part without a condition.
  private let conditions: [String]
  /// The number of rows to ask for at once; `nil` for a number that depends on their size.
  private let fetchSize: Int?

  var parts: Int { max(1, conditions.count) }

  init(_ options: JDBCOptions) throws {
    database = try options.database()
    initialization = options["sessionInitStatement"]
    fetchSize = try options.number("fetchsize", upTo: 1_000_000, zeroIsDefault: true)
    let prefersNTZ = try options.bool("preferTimestampNTZ")
    guard (options["dbtable"] == nil) != (options["query"] == nil) else {
      throw JDBCOptions.fault("Either the option dbtable or the option query names the rows, and only one of them.")
    }
    let found: [DatabaseColumn]
    do {
      let connection = try Self.connect(database, initialization)
      if let query = options["query"] {
        source = "(\(query)) martlet_query"
        found = try connection.describe(query: query)
      } else if let text = options["dbtable"], text.hasPrefix("(") {
        // As in Spark, a table may also be a query in parentheses, with a name.
        source = text
        found = try connection.describe(query: "SELECT * FROM \(text)")
      } else {
        let table = try options.table()
        guard let description = try connection.describe(table: table) else {
          throw AnalysisError(faults: [
            AnalysisFault("TABLE_OR_VIEW_NOT_FOUND", "There is no table '\(table)' in \(database).")
          ])
        }
        source = connection.dialect.quoted(table)
        found = description.columns
      }
      conditions = try JDBCPartitions(options, found, connection.dialect).conditions
    } catch let error as DatabaseError {
      throw AnalysisError(faults: [AnalysisFault("FAILED_JDBC", "\(Self.failure(error, database).message)")])
    }
    guard !found.isEmpty else { throw JDBCOptions.fault("The table or query has no columns.") }
    names = found.map(\.name)
    schema = StructType(found.map { StructField($0.name, DataType($0.type, prefersNTZ: prefersNTZ)) })
    columns = try schema.fields.enumerated().map { index, field in
      guard let type = field.type.columnType else {
        throw JDBCOptions.fault("The column '\(field.name)' has the type \(field.type), which cannot be read.")
      }
      return DuckField(ExternalTable.columnName(index), type.duckType)
    }
  }

  func scan(_ wanted: [Int?]) throws -> any VectorScan { JDBCScan(self, wanted.compactMap(\.self)) }

  /// Begins to read columns of a part.
  fileprivate func cursor(_ part: Int, _ wanted: [Int]) throws -> any DatabaseCursor {
    let connection = try Self.connect(database, initialization)
    // A statement that only counts rows needs no column.
    let list = wanted.isEmpty ? "1" : wanted.map { connection.dialect.quoted(names[$0]) }.joined(separator: ", ")
    let condition = conditions.isEmpty ? "" : " WHERE \(conditions[part])"
    return try connection.cursor("SELECT \(list) FROM \(source)\(condition)", rowsAtOnce: fetchSize)
  }

  fileprivate func failure(_ error: DatabaseError) -> MartletError {
    let located = Self.failure(error, database)
    return located.worded("[FAILED_JDBC] \(located.message)")
  }

  private static func failure(_ error: DatabaseError, _ database: Database) -> MartletError {
    error.located("\(database) cannot be read")
  }

  private static func connect(_ database: Database, _ initialization: String?) throws -> any DatabaseConnection {
    // A query may compute for long before its first row.
    let connection = try database.connect(answerTimeout: .seconds(3600))
    if let initialization { try connection.execute(initialization) }
    return connection
  }
}

/// One reading of a table.
private final class JDBCScan: VectorScan {
  let table: JDBCTable
  /// The columns to read, in the order of the outputs.
  let wanted: [Int]
  /// The number of parts that have been given out.
  let next = Atomic<Int>(0)

  init(_ table: JDBCTable, _ wanted: [Int]) {
    self.table = table
    self.wanted = wanted
  }

  var threads: Int { table.parts }

  func makeReader() throws -> any VectorReader { JDBCReader(self) }
}

/// The parts that one thread reads, one after the other.
private final class JDBCReader: VectorReader {
  private let scan: JDBCScan
  private var cursor: (any DatabaseCursor)?
  private var rows = RowBatch(width: 0)
  private var row = 0

  init(_ scan: JDBCScan) { self.scan = scan }

  func read(into outputs: [VectorOutput]) throws -> Int {
    do {
      while row >= rows.count {
        if let next = try cursor?.next() {
          (rows, row) = (next, 0)
          continue
        }
        // Ends the connection.
        cursor = nil
        let part = scan.next.add(1, ordering: .relaxed).oldValue
        guard part < scan.table.parts else { return 0 }
        cursor = try scan.table.cursor(part, scan.wanted)
      }
    } catch let error as DatabaseError { throw scan.table.failure(error) }
    let count = min(VectorOutput.capacity, rows.count - row)
    for (position, column) in scan.wanted.enumerated() {
      let output = outputs[position]
      let field = scan.table.schema.fields[column]
      var hasNulls = false
      for index in 0..<count {
        let value = rows.values[(row + index) * rows.width + position]
        if case .null = value {
          hasNulls = true
        } else if !output.store(value, field.type, index) {
          throw MartletError(
            .corruptData,
            "[FAILED_JDBC] The column '\(field.name)' has a value that is no \(field.type). Cast the column in a query, with the option query."
          )
        }
      }
      if hasNulls {
        output.setNulls(count) { index in
          if case .null = rows.values[(row + index) * rows.width + position] { false } else { true }
        }
      }
    }
    row += count
    return count
  }
}
