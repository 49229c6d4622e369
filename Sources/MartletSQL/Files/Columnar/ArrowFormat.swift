internal import MartletArrow
internal import MartletColumnar
internal import MartletCore

/// Files of Arrow, in the format for files or that for streams.
struct ArrowFormat: FileFormat {
  let name = "arrow"

  // MARK: Reading

  func relation(_ scan: FileScan, _ state: SessionState) throws -> Relation {
    let options = try FileOptions("Arrow", scan.options, [])
    let list = try FileList(scan.paths, options, infersTypes: state.infersPartitionTypes)
    guard let first = list.files.first else { return try state.nothing(scan, list) }
    let columns = try state.opening { try ArrowFile(first).columns }
    var fields: [ColumnarField] = []
    for (name, column, unreadable) in columns {
      if let column {
        fields.append(column)
      } else if scan.schema?.fields.contains(where: { $0.name.isSameName(as: name) }) ?? true {
        throw AnalysisError(faults: [
          AnalysisFault(
            "UNSUPPORTED_DATA_TYPE_FOR_ARROW_CONVERSION",
            "The column '\(name)' has the type \(unreadable ?? "") of Arrow, which cannot be read. Give a schema without this column."
          )
        ])
      }
    }
    return try state.relation(scan, list, ArrowFiles(fields: fields))
  }

  // MARK: Writing

  func encoding(_ columns: [WrittenColumn], _ options: [String: String], _ state: SessionState) throws -> FileEncoding {
    let options = try FileOptions("Arrow", options, ["compression"], isWritten: true)
    try options.require("compression", oneOf: ["none", "uncompressed", "zstd"])
    let isCompressed = options["compression"]?.lowercased() == "zstd"
    let fields = columns.map(\.columnar)
    let timeZone = state.timeZone
    return FileEncoding(
      ending: ".arrow", values: columns.map(\.columnarValue),
      writer: .swift { path in
        try ColumnarRowFile(path) { output in
          try ArrowWriter(output, fields, format: .file, timeZone: timeZone, isCompressed: isCompressed)
        }
      })
  }
}

extension ArrowWriter: ColumnarWriter {}

/// The decoding of Arrow files with the columns of the first.
struct ArrowFiles: ColumnarFiles {
  let fields: [ColumnarField]

  func parts(of path: String) throws -> ArrowBatches { ArrowBatches(try ArrowFile(path)) }

  func makeReader(for part: ArrowBatch, wanted: [Bool]) throws -> any ColumnarReader<ArrowBatch> {
    try ArrowBatchReader(part.file, fields, wanted)
  }
}

extension ArrowBatches: ColumnarParts {}

/// Finds the columns of the first file in the batches of another.
private final class ArrowBatchReader: ColumnarReader {
  /// For each column of the file, whether it is read.
  private let wanted: [Bool]
  /// For each column of the first file, its number in this one; `nil` if it is not read.
  private let places: [Int?]
  /// The columns that this file lacks.
  private let missing: [Bool]
  private var batch: ArrowBatch?
  private let fields: [ColumnarField]

  /// - Throws: `MartletError(.corruptData)` if a column has another type than in the first file.
  init(_ file: ArrowFile, _ fields: [ColumnarField], _ isNeeded: [Bool]) throws {
    let columns = file.columns
    var wanted = columns.map { _ in false }
    places = try fields.indices.map { index in
      guard isNeeded[index] else { return nil }
      let found =
        columns.firstIndex { $0.name == fields[index].name }
        ?? columns.firstIndex { $0.name.isSameName(as: fields[index].name) }
      guard let place = found else { return nil }
      guard let column = columns[place].column, column.type.duckType == fields[index].type.duckType else {
        throw MartletError(
          .corruptData,
          "Cannot read the Arrow file '\(file.path)': the column '\(fields[index].name)' has another type than in the first file."
        )
      }
      wanted[place] = true
      return place
    }
    missing = Swift.zip(isNeeded, places).map { $0 && $1 == nil }
    self.wanted = wanted
    self.fields = fields
  }

  func begin(_ part: ArrowBatch) { batch = part }

  func next(_ limit: Int) throws -> ColumnarBatch? {
    guard let part = batch else { return nil }
    batch = nil
    let read = try part.columns(wanted)
    let columns = fields.indices.map { index -> ColumnarArray? in
      if let place = places[index] { return read.columns[place] }
      guard missing[index] else { return nil }
      return ColumnarArray(.null, count: read.count, nullCount: read.count)
    }
    return ColumnarBatch(columns, count: read.count)
  }
}
