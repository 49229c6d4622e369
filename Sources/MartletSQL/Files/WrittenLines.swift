/// Files of lines that the engine writes.
struct WrittenLines {
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
