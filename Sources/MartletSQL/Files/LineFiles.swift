internal import MartletCore
internal import MartletDuckDB
internal import MartletRDD

/// The lines of files as rows for the engine, with the place of each.
///
/// | column | |
/// |---|---|
/// | `line` | the line; bytes that are not UTF-8 are replaced by U+FFFD |
/// | `file` | the number of the file, from 0 |
/// | `position` | the number of bytes before the line in its file, after decompression |
/// | `valid` | false if the bytes are not UTF-8 |
/// | `p0`, `p1`, … | the values of the columns of folders; `NULL` for none |
///
/// Files are found when a statement begins, and read as they are then: what is appended later is not read, and a file
/// that is removed, replaced or shortened meanwhile fails the statement.
struct LineFiles: RowStream {
  struct File: Sendable {
    var path: String
    /// The values of the columns of folders.
    var partitions: [String?]
    var isPacked: Bool
  }

  let files: [File]
  let columns: [TableColumn]
  /// The number of lines at the beginning of each file that are not read.
  let skipped: Int
  /// True if the whole file is one line.
  let isWhole: Bool
  let maximumLineLength: Int
  let threads: Int

  init(_ files: [File], partitions: Int, skipping: Int, isWhole: Bool, maximumLineLength: Int, threads: Int) {
    self.files = files
    skipped = skipping
    self.isWhole = isWhole
    self.maximumLineLength = maximumLineLength
    self.threads = threads
    columns =
      [
        TableColumn("line", .string), TableColumn("file", .int32), TableColumn("position", .int64),
        TableColumn("valid", .bool),
      ] + (0..<partitions).map { TableColumn("p\($0)", .string) }
  }

  func open() throws -> any OpenRowStream { try opened() }

  /// The pieces of the files, which one statement reads.
  func opened() throws -> OpenLineFiles {
    var facts: [FileFacts] = []
    for file in files {
      guard let found = try FileFacts.ofFile(at: file.path) else {
        throw MartletError(
          .inputOutput,
          "[FAILED_READ_FILE.FILE_NOT_EXIST] The file \(quotedPath(file.path)) does not exist any more, or is a pipe or a device."
        )
      }
      facts.append(found)
    }
    let total = facts.reduce(0) { $0 + $1.size }
    // Several pieces for each thread, so that all end at about the same time.
    let target = min(max(total / max(1, threads * 4), 1 << 20), 16 << 20)
    var pieces: [OpenLineFiles.Piece] = []
    for (number, file) in facts.enumerated() {
      let isDivided = !isWhole && !files[number].isPacked && file.size > target
      let count = isDivided ? (file.size + target - 1) / target : 1
      for index in 0..<count {
        pieces.append(
          OpenLineFiles.Piece(
            file: number, facts: file, start: index * target, limit: index == count - 1 ? .max : (index + 1) * target))
      }
    }
    return OpenLineFiles(files: self, parts: pieces)
  }

  /// The number of a line in its file, from 1.
  func lineNumber(file: Int, position: Int) throws -> Int {
    let reader = LineFileReader(
      source: try source(file, offset: 0, nil), path: files[file].path, start: 0, limit: .max, skipping: 0,
      isWhole: false, maximumLineLength: maximumLineLength)
    var number = 1
    while let line = try reader.nextLine(), line.position < position { number += 1 }
    return number
  }

  fileprivate func source(_ file: Int, offset: Int, _ facts: FileFacts?) throws -> any ByteSource {
    let file = files[file]
    do {
      if file.isPacked { return try GzipSource(path: file.path, planned: facts) }
      return try FileSource(path: file.path, offset: offset, planned: facts)
    } catch let error as MartletError {
      throw MartletError(error.code, "[FAILED_READ_FILE.NO_HINT] \(error.message)", underlying: error)
    }
  }
}

/// The lines of files for one statement.
struct OpenLineFiles: OpenRowStream {
  struct Piece: Sendable {
    var file: Int
    var facts: FileFacts
    /// The lines that begin after this byte, up to the limit, are those of the piece.
    var start: Int
    var limit: Int
  }

  let files: LineFiles
  let parts: [Piece]

  var pieces: Int { parts.count }

  func reader(_ piece: Int) throws -> any RowReader {
    LineRows(try lines(piece), file: parts[piece].file, partitions: partitions(piece))
  }

  /// The values of the columns of folders.
  func partitions(_ piece: Int) -> [String?] { files.files[parts[piece].file].partitions }

  /// The lines of a piece.
  func lines(_ piece: Int) throws -> LineFileReader {
    let part = parts[piece]
    // A piece in the middle begins with the previous byte: if a line ends there, another begins here.
    let offset = max(0, part.start - 1)
    return LineFileReader(
      source: try files.source(part.file, offset: offset, part.facts), path: files.files[part.file].path,
      start: part.start, limit: part.limit, skipping: part.start == 0 ? files.skipped : 0, isWhole: files.isWhole,
      maximumLineLength: files.maximumLineLength)
  }
}

/// The lines of a piece as rows.
private final class LineRows: RowReader {
  private let reader: LineFileReader
  private let file: Int
  private let partitions: [String?]

  init(_ reader: LineFileReader, file: Int, partitions: [String?]) {
    self.reader = reader
    self.file = file
    self.partitions = partitions
  }

  func next(_ output: RowOutput) throws -> Int {
    let partitions = partitions.enumerated().filter { output.isWanted(4 + $0.offset) }
    let needsText = output.isWanted(0)
    let needsValidity = needsText || output.isWanted(3)
    var row = 0
    while row < RowOutput.capacity, let line = try reader.nextLine() {
      let isValid = !needsValidity || reader.isValid(line)
      if needsText {
        reader.withBytes(of: line) { bytes in
          if isValid {
            output.write(utf8: bytes, 0, row)
          } else {
            output.write(text: String(decoding: bytes, as: UTF8.self), 0, row)
          }
        }
      }
      output.write(Int32(file), 1, row)
      output.write(Int64(line.position), 2, row)
      output.write(isValid, 3, row)
      for (column, text) in partitions {
        if let text { output.write(text: text, 4 + column, row) } else { output.writeNull(4 + column, row) }
      }
      row += 1
    }
    return row
  }
}
