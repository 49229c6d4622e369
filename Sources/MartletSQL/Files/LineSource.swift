internal import MartletCore
internal import MartletDuckDB

/// The lines of files in `FROM`, with the columns of `LineFiles`.
struct LineSource {
  var sql: String
  /// An object that is needed while the SQL runs.
  var owner: (any Sendable)?
  var lines: LineFiles?

  init(
    _ list: FileList, _ options: FileOptions, _ state: SessionState, skipping: Int = 0, isWhole: Bool = false
  ) throws {
    try options.require("lineSep", oneOf: ["\n", "\r\n", "\r"])
    try options.require("compression", oneOf: ["none", "uncompressed", "gzip", "zstd"])
    let compression = options["compression"]?.lowercased()
    func isPacked(_ path: String, _ name: String, _ ending: String) -> Bool {
      compression == name || compression == nil && path.lowercased().hasSuffix(ending)
    }
    guard !list.files.contains(where: { isPacked($0, "zstd", ".zst") }) else {
      guard !isWhole else {
        throw FileOptions.fault("Files in the format zstd cannot be read with the option wholetext.")
      }
      sql = try Self.packed(list, compression, skipping: skipping)
      return
    }
    let files = list.files.enumerated().map { index, path in
      LineFiles.File(path: path, partitions: list.values[index], isPacked: isPacked(path, "gzip", ".gz"))
    }
    let lines = LineFiles(
      files, partitions: list.partitions.count, skipping: skipping, isWhole: isWhole,
      maximumLineLength: state.engine.maximumLineLength, threads: state.engine.threads)
    let registration = state.engine.database.register(lines)
    sql = registration.sql
    owner = registration
    self.lines = lines
  }

  /// The lines of files that only the engine can decompress. It refuses bytes that are not UTF-8, and lines of more than
  /// 16 MB.
  private static func packed(_ list: FileList, _ compression: String?, skipping: Int) throws -> String {
    let partitions = list.partitions.enumerated().map { index, field in
      ", nullif(CAST(\(quoted(field.name)) AS VARCHAR), '\(FileList.null)') AS p\(index)"
    }
    // The delimiter is a character that no text has.
    return """
      (SELECT coalesce(line, '') AS line, CAST(list_position(\(list.quotedFiles), filename) - 1 AS INTEGER) AS file, \
      CAST(NULL AS BIGINT) AS position, true AS valid\(partitions.joined()) FROM read_csv(\(try list.sql), \
      delim = '\u{10FFFF}', quote = '', escape = '', header = false, columns = {'line': 'VARCHAR'}, \
      auto_detect = false, nullstr = '', strict_mode = false, skip = \(skipping), max_line_size = 16777216, \
      compression = '\(compression ?? "auto")', filename = true, hive_partitioning = \(!list.partitions.isEmpty), \
      hive_types_autocast = false))
      """
  }
}
