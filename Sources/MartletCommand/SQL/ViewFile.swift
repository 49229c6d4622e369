#if CommandLineTool
  import ArgumentParser
  import MartletCore
  import MartletSQL

  /// A file that has a name in SQL: the value of the option `--view`.
  struct ViewFile: Hashable {
    enum Format: String, CaseIterable {
      case csv, json, parquet, text

      /// The format of a file, by the last part of its name, which `.gz` and the like may follow.
      init?(fileName: String) {
        var parts = fileName.lowercased().split(separator: ".", omittingEmptySubsequences: false).dropFirst()
        if let last = parts.last, ["gz", "gzip", "zst", "zstd", "bz2"].contains(last) { parts = parts.dropLast() }
        switch parts.last {
        case "csv", "tsv": self = .csv
        case "json", "jsonl", "ndjson": self = .json
        case "parquet": self = .parquet
        case "txt": self = .text
        default: return nil
        }
      }
    }

    let name: String
    let path: String

    /// Reads `name=path`.
    init(argument: String) throws {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ValidationError("--view is \(argument); it must be a name and a path, such as people=people.csv.")
      }
      (name, path) = (String(parts[0]), String(parts[1]))
    }

    /// Registers the view.
    func register(in spark: SparkSession) throws {
      let reader = spark.read
      let frame =
        switch try format() {
        case .csv:
          reader.option("header", true).option("inferSchema", true)
            .option("sep", path.lowercased().contains(".tsv") ? "\t" : ",").csv(path, file: "--view", line: 1)
        case .json: reader.json(path, file: "--view", line: 1)
        case .parquet: reader.parquet(path, file: "--view", line: 1)
        case .text: reader.text(path, file: "--view", line: 1)
        }
      try frame.createOrReplaceTempView(name, file: "--view", line: 1)
    }

    /// The format of the file, or of the files in the folder.
    private func format() throws -> Format {
      let local = withoutTrailingSlashes(try localPath(path))
      let last = local.split(separator: "/").last.map(String.init) ?? local
      if let format = Format(fileName: last) { return format }
      let formats = Self.formats(inFolder: local)
      if let format = formats.first, formats.count == 1 { return format }
      throw MartletError(
        .invalidArgument,
        "--view: the format of '\(path)' is not known from its name, which must end in .csv, .json, .parquet or .txt. For the "
          + "files of a folder, write a pattern, such as '\(local)/*.json'.")
    }

    /// The formats of the files in a folder, and in its folders of partitions, such as `year=2026`. None if it is no folder.
    private static func formats(inFolder folder: String, depth: Int = 0) -> Set<Format> {
      guard depth < 16, let entries = try? Folder.entries(folder) else { return [] }
      var formats: Set<Format> = []
      for entry in entries where !entry.name.hasPrefix(".") && !entry.name.hasPrefix("_") {
        if let format = Format(fileName: entry.name) {
          formats.insert(format)
        } else if entry.isFolder, entry.name.contains("=") {
          formats.formUnion(Self.formats(inFolder: "\(folder)/\(entry.name)", depth: depth + 1))
        }
      }
      return formats
    }
  }
#endif
