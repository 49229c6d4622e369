internal import MartletCore

extension DataFrame {
  /// The writer of the rows to files.
  ///
  /// ```swift
  /// try await counts.write.mode("overwrite").option("header", true).csv("counts")
  /// ```
  public var write: DataFrameWriter { DataFrameWriter(frame: self) }
}

/// A description of how to write rows, with the names and options of Spark's.
///
/// A path names a folder. Its files are written to a hidden folder beside it, and appear when all of them are on disk: a
/// write that fails leaves nothing. With `overwrite`, the new folder takes the place of the old one in one step. With
/// `append`, each file appears as a whole, under a name that no other write uses.
///
/// The methods that write have a form that blocks and one that suspends the task; in async code, Swift takes the second.
public struct DataFrameWriter: Sendable {
  let frame: DataFrame
  private(set) var saveMode = SaveMode.errorIfExists
  private var source: String?
  private var options: [String: String] = [:]
  private(set) var partitionColumns: [String] = []
  /// A mistake in the description, which the write reports.
  private(set) var fault: AnalysisFault?

  init(frame: DataFrame) { self.frame = frame }

  private func with(_ change: (inout DataFrameWriter) -> Void) -> DataFrameWriter {
    var writer = self
    change(&writer)
    return writer
  }

  // MARK: Description

  /// The treatment of a path at which there is something already; an error by default.
  public func mode(_ mode: SaveMode) -> DataFrameWriter { with { $0.saveMode = mode } }

  /// The treatment of a path at which there is something already, by Spark's name: `append`, `overwrite`, `ignore`,
  /// `error` or `errorifexists`. The write throws for another one.
  public func mode(_ name: String) -> DataFrameWriter {
    with { writer in
      guard let mode = SaveMode(named: name) else {
        writer.fault = AnalysisFault(
          "INVALID_SAVE_MODE",
          "There is no save mode '\(name)'. The modes are append, overwrite, ignore, error and errorifexists.")
        return
      }
      writer.saveMode = mode
    }
  }

  /// The format for `save`, such as `csv`; `parquet` by default, or the setting `spark.sql.sources.default`.
  public func format(_ name: String) -> DataFrameWriter { with { $0.source = name } }

  /// An option, by its name in Spark; upper and lower case are the same.
  public func option(_ key: String, _ value: String) -> DataFrameWriter {
    with { $0.options[key.lowercased()] = value }
  }

  /// An option whose value is true or false.
  public func option(_ key: String, _ value: Bool) -> DataFrameWriter { option(key, "\(value)") }

  /// An option whose value is a number.
  public func option(_ key: String, _ value: Int) -> DataFrameWriter { option(key, "\(value)") }

  /// An option whose value is a number.
  public func option(_ key: String, _ value: Double) -> DataFrameWriter { option(key, "\(value)") }

  /// Several options.
  public func options(_ options: [String: String]) -> DataFrameWriter {
    with { for (key, value) in options { $0.options[key.lowercased()] = value } }
  }

  /// The columns whose values become folders, such as `year=2024/month=5`, and are not in the files.
  public func partitionBy(_ columns: String...) -> DataFrameWriter { with { $0.partitionColumns = columns } }

  /// The columns whose values become folders, such as `year=2024/month=5`, and are not in the files.
  public func partitionBy(_ columns: [String]) -> DataFrameWriter { with { $0.partitionColumns = columns } }

  // MARK: Writing

  /// Writes the rows to a source.
  ///
  /// - Parameters:
  ///   - name: the name of the source; `nil` for the one that `format` has named.
  ///   - path: the path; `nil` for the one in the option `path`, if there is one.
  func write(to name: String?, _ path: String?, _ site: OperatorSite) throws {
    let session = frame.session.spark
    var options = options
    let optionPath = options.removeValue(forKey: "path")
    let relation = try session.relation(frame.input, site, computes: true)
    do {
      if let fault { throw AnalysisError(faults: [fault]) }
      if path != nil, optionPath != nil {
        throw FileOptions.fault("The path is both an argument and the option path. Write it once.")
      }
      let source = try DataSources.named(
        name ?? self.source ?? session.state.setting("spark.sql.sources.default") ?? "parquet")
      try source.write(
        WriteRequest(
          session: session, relation: relation, path: path ?? optionPath, mode: saveMode, options: options,
          partitionColumns: partitionColumns, site: site))
    } catch let error as AnalysisError {
      throw MartletError(.analysis, site.adding(to: error.faults), underlying: error)
    } catch { throw site.query(error) }
    // The rows refer to tables in memory.
    withExtendedLifetime(relation) {}
  }

  private func writing(to name: String?, _ path: String?, _ site: OperatorSite) async throws {
    try await frame.session.running(site) { try write(to: name, path, site) }
  }

  /// Writes the rows in the format that `format` has named.
  /// - Throws: `MartletError`. Nothing is written then.
  public func save(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: nil, path, OperatorSite("save", file, line))
  }

  /// Writes the rows in the format that `format` has named.
  /// - Throws: `MartletError`. Nothing is written then.
  public func save(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: nil, path, OperatorSite("save", file, line))
  }

  /// Writes the rows in the format that `format` has named, to the place that the options describe.
  /// - Throws: `MartletError`. Nothing is written then.
  public func save(file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: nil, nil, OperatorSite("save", file, line))
  }

  /// Writes the rows in the format that `format` has named, to the place that the options describe.
  /// - Throws: `MartletError`. Nothing is written then.
  public func save(file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: nil, nil, OperatorSite("save", file, line))
  }

  /// Writes the rows as CSV.
  /// - Throws: `MartletError`. Nothing is written then.
  public func csv(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "csv", path, OperatorSite("csv", file, line))
  }

  /// Writes the rows as CSV.
  /// - Throws: `MartletError`. Nothing is written then.
  public func csv(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "csv", path, OperatorSite("csv", file, line))
  }

  /// Writes the rows as JSON, one object a line.
  /// - Throws: `MartletError`. Nothing is written then.
  public func json(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "json", path, OperatorSite("json", file, line))
  }

  /// Writes the rows as JSON, one object a line.
  /// - Throws: `MartletError`. Nothing is written then.
  public func json(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "json", path, OperatorSite("json", file, line))
  }

  /// Writes the rows as Parquet.
  /// - Throws: `MartletError`. Nothing is written then.
  public func parquet(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "parquet", path, OperatorSite("parquet", file, line))
  }

  /// Writes the rows as Parquet.
  /// - Throws: `MartletError`. Nothing is written then.
  public func parquet(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "parquet", path, OperatorSite("parquet", file, line))
  }

  /// Writes the only column, which must be of type string, as lines.
  /// - Throws: `MartletError`. Nothing is written then.
  public func text(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "text", path, OperatorSite("text", file, line))
  }

  /// Writes the only column, which must be of type string, as lines.
  /// - Throws: `MartletError`. Nothing is written then.
  public func text(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "text", path, OperatorSite("text", file, line))
  }

  /// Writes the rows as object container files of Avro.
  /// - Throws: `MartletError`. Nothing is written then.
  public func avro(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "avro", path, OperatorSite("avro", file, line))
  }

  /// Writes the rows as object container files of Avro.
  /// - Throws: `MartletError`. Nothing is written then.
  public func avro(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "avro", path, OperatorSite("avro", file, line))
  }

  /// Writes the rows as files of Arrow.
  /// - Throws: `MartletError`. Nothing is written then.
  public func arrow(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try write(to: "arrow", path, OperatorSite("arrow", file, line))
  }

  /// Writes the rows as files of Arrow.
  /// - Throws: `MartletError`. Nothing is written then.
  public func arrow(_ path: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await writing(to: "arrow", path, OperatorSite("arrow", file, line))
  }
}
