internal import MartletCore

/// A place of rows that has a name for `format(_:)`: files of a format, or a database.
///
/// A source is one type that conforms, and its line in `DataSources.all`; one of another library is an ``ExternalSource``.
protocol DataSource: Sendable {
  /// The name, in lower case.
  var name: String { get }

  /// The columns of the rows at the paths of a scan, and the SQL that reads them. Rows are read when that SQL runs.
  ///
  /// Options are in the scan, by their names in lower case. ``FileOptions`` refuses those that the source does not have.
  /// - Throws: `AnalysisError` for a path that does not exist, or an option that is wrong.
  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation

  /// Writes the rows of a frame, and returns when they are on disk.
  ///
  /// Formats of files need not implement this: see ``FileFormat``.
  /// - Throws: an error after which nothing is written. Mistakes in the request are an `AnalysisError`.
  func write(_ request: WriteRequest) throws
}

extension DataSource {
  func write(_ request: WriteRequest) throws {
    throw AnalysisError(faults: [
      AnalysisFault("UNSUPPORTED_FEATURE.WRITE", "Rows cannot be written in the format '\(name)'.")
    ])
  }
}

/// The rows that a `DataFrameWriter` writes, and the choices of the user.
struct WriteRequest: Sendable {
  let session: SparkSession
  /// The rows. Their tables in memory must be retained until they are written.
  var relation: Relation
  /// The path as the user wrote it; `nil` for `save()` without one.
  var path: String?
  var mode: SaveMode
  /// Options by their names in lower case.
  var options: [String: String]
  /// The names in `partitionBy`.
  var partitionColumns: [String]
  /// The operation, for errors.
  var site: OperatorSite
}

/// The sources that sessions know.
enum DataSources {
  static let all: [any DataSource] = [
    ArrowFormat(), AvroFormat(), CSVFormat(), JSONFormat(), ParquetFormat(), TextFormat(),
  ]

  /// The source with a name, in upper or lower case.
  /// - Throws: `AnalysisError`: the name is unknown.
  static func named(_ name: String) throws -> any DataSource {
    if let source = all.first(where: { $0.name == name.lowercased() }) { return source }
    if let source = try ExternalDataSource(named: name) { return source }
    let names = all.map(\.name) + ExternalDataSource.names
    let near = nearest(to: name, in: names, count: 1).first
    let advice = near.map { "Did you mean \($0)?" } ?? "The formats are \(listed(names))."
    throw AnalysisError(faults: [AnalysisFault("DATA_SOURCE_NOT_FOUND", "There is no format '\(name)'. \(advice)")])
  }
}
