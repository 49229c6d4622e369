internal import MartletCore

/// The columns of rows that are written to a folder: those of the files, and those whose values are folders.
struct WrittenColumns {
  let data: [WrittenColumn]
  private let partitions: [WrittenColumn]
  private let state: SessionState

  /// - Throws: `AnalysisError` for columns with the same name, and for partition columns that are no columns or cannot
  ///   be ones.
  init(_ request: WriteRequest, permitsDuplicates: Bool) throws {
    state = request.session.state
    let columns = request.relation.columns.map {
      WrittenColumn(name: $0.name, type: $0.type, isNullable: $0.nullable, sql: "t.\(quoted($0.key))")
    }
    if !permitsDuplicates { try Self.refuseDuplicates(columns.map(\.name)) }
    try Self.refuseDuplicates(request.partitionColumns)
    partitions = try request.partitionColumns.map { name in
      guard var column = columns.first(where: { $0.name.isSameName(as: name) }) else {
        throw AnalysisError(faults: [.unknownColumn(name, columns.map(\.name))])
      }
      switch column.type {
      case .array, .map, .struct, .interval, .null:
        throw AnalysisError(faults: [
          AnalysisFault(
            "INVALID_PARTITION_COLUMN_DATA_TYPE",
            "The column '\(name)' is of type \(column.type), which cannot be the name of a folder.")
        ])
      default: break
      }
      column.name = name
      return column
    }
    data = columns.filter { column in
      !request.partitionColumns.contains { $0.isSameName(as: column.name) }
    }
    guard !data.isEmpty || partitions.isEmpty else {
      throw AnalysisError(faults: [
        AnalysisFault(
          "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
          "All columns are in partitionBy, so that the files would have none. Leave one out.")
      ])
    }
  }

  private static func refuseDuplicates(_ names: [String]) throws {
    var known: Set<String> = []
    for name in names where !known.insert(name.lowercased()).inserted {
      throw AnalysisError(faults: [
        AnalysisFault(
          "COLUMN_ALREADY_EXISTS",
          "There are two columns '\(name)', which readers could not tell apart. Rename one with withColumnRenamed.")
      ])
    }
  }

  /// The SQL of the folder of a row, such as `year=2024/month=5`; `nil` if there are no folders.
  var folder: String? {
    if partitions.isEmpty { return nil }
    let analyzer = Analyzer(state)
    let parts = partitions.map { column -> String in
      let isTime = column.type == .timestamp
      let text = Cast.sql(
        isTime ? analyzer.local(column.sql) : column.sql, from: isTime ? .timestampNTZ : column.type, to: .string)
      return "\(quotedText(escapedFolderName(column.name) + "=")) || martlet_folder_name(CAST(\(text) AS VARCHAR))"
    }
    return parts.joined(separator: " || '/' || ")
  }
}

/// A value as a part of the name of a folder, as in Spark: characters that file systems or readers could take for
/// something else are escaped, as `%2F` for a slash.
func escapedFolderName(_ text: String) -> String {
  func isEscaped(_ byte: UInt8) -> Bool {
    byte < 32 || byte == 127 || "\"#%'*/:=?\\{[]^".utf8.contains(byte)
  }
  guard text.utf8.contains(where: isEscaped) else { return text }
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if isEscaped(byte) {
      let hex = String(byte, radix: 16, uppercase: true)
      bytes += "%\(hex.utf8.count < 2 ? "0" : "")\(hex)".utf8
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
