internal import MartletCore
internal import MartletDuckDB

/// The lines of files as rows with the values of their fields, without the engine's casts.
///
/// The columns are those of `LineFiles` — `valid` is false for every line that does not parse — and then `v0`, `v1`, …: the
/// values of the fields, `NULL` where a field does not parse.
struct TypedLines<Format: LineFormat>: RowStream {
  let lines: LineFiles
  let format: Format

  /// - Returns: `nil` if a field has a type that must be cast by the engine.
  init?(_ lines: LineFiles, _ format: Format) {
    guard format.types.allSatisfy({ FieldBytes.columnType($0) != nil }) else { return nil }
    self.lines = lines
    self.format = format
  }

  var columns: [TableColumn] {
    lines.columns
      + format.types.enumerated().compactMap { index, type in
        FieldBytes.columnType(type).map { TableColumn("v\(index)", $0) }
      }
  }

  func open() throws -> any OpenRowStream {
    OpenTypedLines(lines: try lines.opened(), format: format, first: lines.columns.count)
  }
}

/// A form of lines that consist of fields.
protocol LineFormat: Sendable {
  associatedtype Reader: LineFieldReader
  /// The types of the fields.
  var types: [DataType] { get }
  /// A reader for one thread, which writes the fields as the columns from `first` on.
  func reader(first: Int) -> Reader
}

/// Takes lines apart, for one thread.
protocol LineFieldReader: AnyObject {
  /// Called before the lines of an output.
  func begin(_ output: RowOutput, needsVerdict: Bool)
  /// Writes the fields of a line, which is UTF-8 and followed by `LineFileReader.padding` bytes; returns `nil` if the line is
  /// no record, and false if it does not parse.
  func write(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool?
  /// Writes the fields of a line in which U+FFFD stands for bytes that are not UTF-8.
  func writeRepaired(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool?
}

extension LineFieldReader {
  func writeRepaired(_ line: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int) -> Bool? {
    write(line, output, row)
  }
}

private struct OpenTypedLines<Format: LineFormat>: OpenRowStream {
  let lines: OpenLineFiles
  let format: Format
  let first: Int

  var pieces: Int { lines.pieces }

  func reader(_ piece: Int) throws -> any RowReader {
    TypedRows(
      try lines.lines(piece), file: lines.parts[piece].file, lines.partitions(piece), format.reader(first: first))
  }
}

private final class TypedRows<Fields: LineFieldReader>: RowReader {
  private let reader: LineFileReader
  private let file: Int
  private let partitions: [String?]
  private let fields: Fields

  init(_ reader: LineFileReader, file: Int, _ partitions: [String?], _ fields: Fields) {
    self.reader = reader
    self.file = file
    self.partitions = partitions
    self.fields = fields
  }

  func next(_ output: RowOutput) throws -> Int {
    let needsText = output.isWanted(0), needsVerdict = output.isWanted(3)
    let needsPlace = output.isWanted(1) || output.isWanted(2)
    let partitions = partitions.enumerated().filter { output.isWanted(4 + $0.offset) }
    fields.begin(output, needsVerdict: needsVerdict)
    var row = 0
    while row < RowOutput.capacity, let line = try reader.nextLine() {
      let isText = reader.isValid(line)
      let isRecord = reader.withBytes(of: line) { bytes -> Bool in
        if !isText { return writeRepaired(bytes, output, row, needsText: needsText, needsVerdict: needsVerdict) }
        guard let verdict = fields.write(bytes, output, row) else { return false }
        if needsVerdict { output.write(verdict, 3, row) }
        if needsText { output.write(utf8: bytes, 0, row) }
        return true
      }
      guard isRecord else { continue }
      if needsPlace {
        output.write(Int32(file), 1, row)
        output.write(Int64(line.position), 2, row)
      }
      for (column, text) in partitions {
        if let text { output.write(text: text, 4 + column, row) } else { output.writeNull(4 + column, row) }
      }
      row += 1
    }
    return row
  }

  /// Writes a line that is not UTF-8, with U+FFFD in place of the bytes that are none. It does not parse, whatever its
  /// fields are.
  @inline(never)
  private func writeRepaired(
    _ bytes: UnsafeBufferPointer<UInt8>, _ output: RowOutput, _ row: Int, needsText: Bool, needsVerdict: Bool
  ) -> Bool {
    var line = Array(String(decoding: bytes, as: UTF8.self).utf8)
    let count = line.count
    line += repeatElement(0, count: LineFileReader.padding)
    return line.withUnsafeBufferPointer { line in
      let text = UnsafeBufferPointer(rebasing: line[..<count])
      guard fields.writeRepaired(text, output, row) != nil else { return false }
      if needsVerdict { output.write(false, 3, row) }
      if needsText { output.write(utf8: text, 0, row) }
      return true
    }
  }
}
