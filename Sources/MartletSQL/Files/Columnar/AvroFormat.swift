internal import MartletAvro
internal import MartletColumnar
internal import MartletCore

/// Object container files of Avro.
struct AvroFormat: FileFormat {
  let name = "avro"

  // MARK: Reading

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation {
    let options = try FileOptions(
      "Avro", scan.options, ["avroSchema", "ignoreExtension", "mode", "datetimeRebaseMode"])
    // Damaged data is always an error, and dates are those of the calendar that is valid today.
    try options.require("mode", oneOf: ["FAILFAST"])
    try options.require("datetimeRebaseMode", oneOf: ["CORRECTED"])
    var list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    if try !options.bool("ignoreExtension", true) { list.files.removeAll { !$0.hasSuffix(".avro") } }
    let given = try options["avroSchema"].map { try Self.schema($0) }
    guard let first = list.files.first else {
      var scan = scan
      scan.schema = try scan.schema ?? given.map { StructType(try Self.columns($0).map { StructField($0) }) }
      return try state.nothing(scan, list)
    }
    let schema = try state.opening { try given ?? AvroFile(first).schema }
    return try state.relation(
      scan, list, AvroFiles(schema: schema, isStrict: given != nil, fields: try Self.columns(schema)))
  }

  private static func schema(_ json: String) throws -> AvroSchema {
    do { return try AvroSchema(json: json) } catch {
      throw FileOptions.fault("The option avroSchema: \(error).")
    }
  }

  private static func columns(_ schema: AvroSchema) throws -> [ColumnarField] {
    do { return try schema.columns } catch {
      throw AnalysisError(faults: [AnalysisFault("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "Avro files: \(error).")])
    }
  }

  // MARK: Writing

  private static let codecs: [String: AvroCompression] = [
    "uncompressed": .none, "null": .none, "deflate": .deflate, "snappy": .snappy, "zstandard": .zstandard,
  ]

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions(
      "Avro", options, ["avroSchema", "recordName", "recordNamespace", "compression", "compressionLevel"],
      isWritten: true)
    let fields = columns.map(\.columnar)
    let codec = (options["compression"] ?? state.setting("spark.sql.avro.compression.codec") ?? "snappy").lowercased()
    guard let compression = Self.codecs[codec] else {
      throw FileOptions.fault(
        "The compression '\(codec)' of Avro files is not there. It can be \(listed(Self.codecs.keys.sorted())).")
    }
    let level = try options["compressionLevel"].map { text in
      guard let level = Int(text), compression == .deflate ? (-1...9).contains(level) : (-22...22).contains(level)
      else {
        throw FileOptions.fault(
          "The option compressionLevel is '\(text)'. It is -1 to 9 for deflate, and -22 to 22 for zstandard.")
      }
      return level
    }
    do {
      let schema =
        try options["avroSchema"].map { try Self.schema($0) }
        ?? AvroSchema(
          fields, recordName: options["recordName"] ?? "topLevelRecord",
          namespace: options["recordNamespace"] ?? "")
      // Finds out whether the columns fit.
      _ = try AvroWriter(NoOutput(), fields, schema: schema, compression: compression)
      return FileEncoding(
        ending: ".avro", values: columns.map(\.columnarValue),
        writer: .swift { path in
          try ColumnarRowFile(path) { output in
            try AvroWriter(output, fields, schema: schema, compression: compression, level: level)
          }
        })
    } catch let fault as AvroSchemaFault {
      throw AnalysisError(faults: [
        AnalysisFault("UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", "Rows cannot be written to Avro files: \(fault).")
      ])
    }
  }
}

/// Discards bytes.
private final class NoOutput: ColumnarOutput {
  func write(_ bytes: UnsafeRawBufferPointer) {}
}

extension AvroWriter: ColumnarWriter {}

/// The decoding of Avro files with the columns of one schema.
struct AvroFiles: ColumnarFiles {
  /// The schema of the columns: the user's, or that of the first file.
  let schema: AvroSchema
  let isStrict: Bool
  let fields: [ColumnarField]

  func parts(of path: String) throws -> AvroBlocks { AvroBlocks(try AvroFile(path)) }

  func makeReader(for part: AvroBlock, wanted: [Bool]) throws -> any ColumnarReader<AvroBlock> {
    try AvroBlockReader(part.file, reader: schema, isStrict: isStrict, wanted: wanted)
  }
}

extension AvroBlocks: ColumnarParts {}
extension AvroBlockReader: ColumnarReader {}
