internal import MartletDuckDB

/// A format of files in folders.
protocol FileFormat: DataSource {
  /// True if two columns of a file may have the same name; false by default.
  var permitsDuplicateNames: Bool { get }

  /// How rows with these columns become the bytes of files.
  ///
  /// - Parameters:
  ///   - columns: the columns of the rows, without those of the folders. In SQL, the rows are `t`, and each column is
  ///     ``WrittenColumn/sql``.
  ///   - options: the options of the writer by their names in lower case.
  /// - Throws: `AnalysisError` for an option that is wrong, or a type that the files cannot store.
  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding
}

extension FileFormat {
  var permitsDuplicateNames: Bool { false }

  func write(_ request: WriteRequest) throws { try FolderWrite(request, self).run() }
}

/// A column of rows that are written to files.
struct WrittenColumn {
  var name: String
  var type: DataType
  var isNullable: Bool
  /// The value in the SQL of the engine.
  var sql: String
}

/// How rows become the bytes of files.
struct FileEncoding {
  /// The end of the names of files, such as `.csv.gz`.
  var ending: String
  /// Values that are computed once for each row: if there are any, those of `values` are made from them, as columns of `u`.
  var prepared: [(sql: String, name: String)] = []
  /// The values that are written, each with the name that the engine gives to its column.
  var values: [(sql: String, name: String)]
  var writer: Writer

  enum Writer {
    /// The engine writes the files: the options of its statement `COPY`, such as `FORMAT parquet`.
    case engine(String)
    /// Swift writes the files: the closure creates one at a path, in a folder that exists.
    case swift(@Sendable (_ path: String) throws -> any RowFile)
  }
}

/// A file that Swift writes. One thread at a time uses it.
protocol RowFile: AnyObject {
  /// Appends rows of a chunk, whose first columns are the values of the `FileEncoding`.
  func write(_ chunk: DuckChunk, _ rows: Range<Int>) throws
  /// Completes and closes the file. It is brought to disk by the caller.
  func finish() throws
}
