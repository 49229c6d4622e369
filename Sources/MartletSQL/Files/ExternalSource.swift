internal import MartletCore
package import MartletDuckDB

/// A place of rows that another library adds to those of sessions, such as databases.
package protocol ExternalSource: Sendable {
  init()

  /// Finds the table that options describe, by their names in lower case.
  /// - Throws: `AnalysisError`.
  func table(_ options: [String: String]) throws -> ExternalTable

  /// Writes rows, all or none of them.
  func write(_ rows: ExternalRows, _ options: [String: String], _ mode: SaveMode) throws
}

/// A table of an external source. Its rows are read each time that a statement runs.
package struct ExternalTable {
  package let schema: StructType
  /// The rows, with the columns of the schema.
  package let source: any VectorSource

  package init(schema: StructType, source: any VectorSource) {
    self.schema = schema
    self.source = source
  }

  /// The name of a column of the source, by its position.
  package static func columnName(_ index: Int) -> String { "c\(index)" }
}

/// The rows that are written to an external source.
package struct ExternalRows {
  package let schema: StructType
  /// Begins to compute the rows. The result returns the next ones; `nil` at the end.
  package let open: () throws -> () throws -> [Row]?
}

/// An external source by the name that it has for `format(_:)`.
struct ExternalDataSource: DataSource {
  let name: String
  private let source: any ExternalSource

  /// The libraries of sources, and the types that implement them in the form of the runtime: a source is there if its
  /// library is part of the program, which need not refer to it in any other way.
  private static let types = ["jdbc": (library: "MartletJDBC", type: "11MartletJDBC10JDBCSourceV")]

  static var names: [String] { types.keys.sorted() }

  /// The source with a name; `nil` if it is not one of those.
  /// - Throws: `AnalysisError` if its library is not part of the program.
  init?(named name: String) throws {
    self.name = name.lowercased()
    guard let (library, type) = Self.types[self.name] else { return nil }
    guard let found = _typeByName(type) as? any ExternalSource.Type else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "DATA_SOURCE_NOT_FOUND",
          "The format '\(name)' is in the library \(library), which is not part of this program. Add the product \(library) to the dependencies of the target, and import it."
        )
      ])
    }
    source = found.init()
  }

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation {
    if let path = scan.paths.first { throw hasNoPaths(path) }
    guard scan.schema == nil else {
      throw FileOptions.fault("The format '\(name)' takes the schema of the table. Cast the columns in place of it.")
    }
    let table = try source.table(scan.options)
    let database = state.engine.database
    let registration = database.register(table.source)
    return try state.relation(
      LocalTable(files: [], schema: table.schema, sql: registration.sql, owner: registration, in: database))
  }

  func write(_ request: WriteRequest) throws {
    if let path = request.path { throw hasNoPaths(path) }
    guard request.partitionColumns.isEmpty else {
      throw FileOptions.fault("The format '\(name)' has no folders for partitionBy.")
    }
    let rows = ExternalRows(schema: request.relation.schema) {
      try EngineRows(request.relation, request.session.state.engine, request.site).next
    }
    try source.write(rows, request.options, request.mode)
  }

  private func hasNoPaths(_ path: String) -> AnalysisError {
    FileOptions.fault("The format '\(name)' has no paths, such as \(quotedPath(path)): options name its tables.")
  }
}
