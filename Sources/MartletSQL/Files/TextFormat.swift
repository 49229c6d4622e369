/// Text files: a row is a line.
struct TextFormat: FileFormat {
  let name = "text"

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation { try state.text(scan) }

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions("text", options, ["compression", "codec", "encoding", "lineSep"], isWritten: true)
    guard columns.count == 1, columns[0].type == .string else {
      let types = columns.map { "\($0.name) \($0.type)" }
      throw AnalysisError(faults: [
        AnalysisFault(
          "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
          "Text files take one column of type string, not \(types.isEmpty ? "none" : listed(types)). Select one, or put several together with concat_ws."
        )
      ])
    }
    return try LineFiles(options, ".txt").encoding("coalesce(\(columns[0].sql), '')", header: nil)
  }
}

/// Files of lines that the engine writes.
struct LineFiles {
  private let compression: String
  private let ending: String

  /// - Throws: `AnalysisError` for another encoding or compression than those that can be written.
  init(_ options: FileOptions, _ ending: String) throws {
    try options.require("encoding", oneOf: ["UTF-8"])
    try options.require("lineSep", oneOf: ["\n"])
    let key = options["compression"] == nil && options["codec"] != nil ? "codec" : "compression"
    try options.require(key, oneOf: ["none", "uncompressed", "gzip", "zstd"])
    switch options[key]?.lowercased() {
    case "gzip":
      compression = "gzip"
      self.ending = "\(ending).gz"
    case "zstd":
      compression = "zstd"
      self.ending = "\(ending).zst"
    default:
      compression = "none"
      self.ending = ending
    }
  }

  /// - Parameters:
  ///   - line: the SQL of a line.
  ///   - header: the first line of each file.
  func encoding(_ line: String, header: String?) -> FileEncoding {
    // Without quotes, the engine writes the name and the texts of its only column as they are.
    FileEncoding(
      ending: ending, values: [(line, header ?? "line")],
      writer: .engine(
        "FORMAT csv, HEADER \(header != nil), DELIMITER '\u{1}', QUOTE '', ESCAPE '', NULLSTR '', COMPRESSION \(compression)"
      ))
  }
}
