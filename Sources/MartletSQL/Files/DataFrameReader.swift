internal import MartletCore

extension SparkSession {
  /// The reader of files and tables.
  ///
  /// ```swift
  /// let people = try spark.read.option("header", true).schema("name STRING, age INT").csv("people.csv")
  /// ```
  public var read: DataFrameReader { DataFrameReader(session: self, scan: FileScan(format: "parquet", paths: [])) }
}

/// A description of how to read files, with the names and options of Spark's.
///
/// A path names a file, a folder, or several with `*`, `?`, `[abc]` and `{a,b}`. In folders, names that begin with `.` or
/// `_` are ignored, and subfolders such as `year=2024` add a column. Files are looked up when the frame is analyzed, and
/// read when an action runs.
public struct DataFrameReader: Sendable {
  let session: SparkSession
  var scan: FileScan
  /// The text of a schema that is wrong: reported by the analysis of the frame.
  var problem: String?

  private func with(_ change: (inout DataFrameReader) -> Void) -> DataFrameReader {
    var reader = self
    change(&reader)
    return reader
  }

  /// The format for `load`: `arrow`, `avro`, `csv`, `json`, `parquet` or `text`; `jdbc` with the library `MartletJDBC`;
  /// `parquet` by default.
  public func format(_ name: String) -> DataFrameReader { with { $0.scan.format = name.lowercased() } }

  /// An option, by its name in Spark; upper and lower case are the same.
  public func option(_ key: String, _ value: String) -> DataFrameReader {
    with { $0.scan.options[key.lowercased()] = value }
  }

  /// An option whose value is true or false.
  public func option(_ key: String, _ value: Bool) -> DataFrameReader { option(key, "\(value)") }

  /// An option whose value is a number.
  public func option(_ key: String, _ value: Int) -> DataFrameReader { option(key, "\(value)") }

  /// An option whose value is a number.
  public func option(_ key: String, _ value: Double) -> DataFrameReader { option(key, "\(value)") }

  /// Several options.
  public func options(_ options: [String: String]) -> DataFrameReader {
    with { for (key, value) in options { $0.scan.options[key.lowercased()] = value } }
  }

  /// The columns of the files. Without it, they are inferred, for which the files are read once more.
  public func schema(_ schema: StructType) -> DataFrameReader { with { $0.scan.schema = schema } }

  /// The columns of the files as DDL: `name STRING, age INT`.
  public func schema(_ ddl: String) -> DataFrameReader {
    with { reader in
      do { reader.scan.schema = try StructType(ddl: ddl) } catch { reader.problem = "\(error)" }
    }
  }

  /// A table, or a view.
  public func table(_ name: String, file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    session.table(name, file: file, line: line)
  }

  /// The rows of files in the format that `format` has named.
  public func load(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("load", scan.format, paths, file, line)
  }

  /// The records of CSV files.
  public func csv(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("csv", "csv", paths, file, line)
  }

  /// The records of CSV files.
  public func csv(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("csv", "csv", paths, file, line)
  }

  /// The objects of JSON files, one a line unless the option `multiLine` is set.
  public func json(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("json", "json", paths, file, line)
  }

  /// The objects of JSON files, one a line unless the option `multiLine` is set.
  public func json(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("json", "json", paths, file, line)
  }

  /// The rows of Parquet files.
  public func parquet(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("parquet", "parquet", paths, file, line)
  }

  /// The rows of Parquet files.
  public func parquet(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("parquet", "parquet", paths, file, line)
  }

  /// The lines of text files, in a column `value`.
  public func text(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("text", "text", paths, file, line)
  }

  /// The lines of text files, in a column `value`.
  public func text(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("text", "text", paths, file, line)
  }

  /// The rows of Avro files.
  public func avro(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("avro", "avro", paths, file, line)
  }

  /// The rows of Avro files.
  public func avro(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("avro", "avro", paths, file, line)
  }

  /// The rows of Arrow files.
  public func arrow(_ paths: String..., file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("arrow", "arrow", paths, file, line)
  }

  /// The rows of Arrow files.
  public func arrow(_ paths: [String], file: StaticString = #fileID, line: UInt = #line) -> DataFrame {
    frame("arrow", "arrow", paths, file, line)
  }

  private func frame(
    _ operation: String, _ format: String, _ paths: [String], _ file: StaticString, _ line: UInt
  ) -> DataFrame {
    var scan = scan
    scan.format = format
    scan.paths = paths.isEmpty ? scan.options.removeValue(forKey: "path").map { [$0] } ?? [] : paths
    let plan = problem.map { Plan.invalid($0, .oneRow) } ?? .files(scan)
    return DataFrame(session, plan, OperatorSite(operation, file, line))
  }
}
