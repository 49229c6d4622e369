internal import MartletColumnar
internal import MartletCore
internal import MartletDuckDB

/// A writer of a format whose values Swift encodes.
protocol ColumnarWriter: AnyObject {
  /// The columns, which the caller fills before each `write(rows:)`.
  var columns: [ColumnarArray] { get }
  /// Takes the rows that have been added to `columns`.
  func write(rows count: Int) throws
  /// Writes the rest.
  func finish() throws
}

extension ColumnarWriter {
  /// Writes rows of a chunk, whose first columns are those of the writer.
  func write(_ chunk: DuckChunk, _ rows: Range<Int>) throws {
    for (index, column) in columns.enumerated() { column.append(chunk[index], rows) }
    try write(rows: rows.count)
  }
}

/// A file of a format whose values Swift encodes.
final class ColumnarRowFile: RowFile {
  private let writer: any ColumnarWriter
  private let output: BufferedOutput

  /// - Parameter makeWriter: makes the writer whose bytes the file gets.
  init(_ path: String, _ makeWriter: (any ColumnarOutput) throws -> any ColumnarWriter) throws {
    let file = try SystemFile.create(path)
    output = BufferedOutput { try file.write($0) }
    writer = try makeWriter(output)
  }

  func write(_ chunk: DuckChunk, _ rows: Range<Int>) throws { try writer.write(chunk, rows) }

  func finish() throws {
    try writer.finish()
    try output.flush()
  }
}

/// Collects small pieces of a file.
final class BufferedOutput: ColumnarOutput {
  private let buffer = ColumnarBuffer(capacity: 1 << 18)
  private let target: (UnsafeRawBufferPointer) throws -> Void

  init(_ target: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.target = target }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > 1 << 18 { try flush() }
    if bytes.count > 1 << 18 { try target(bytes) } else { buffer.append(copying: bytes) }
  }

  func flush() throws {
    if buffer.count > 0 { try target(buffer.bytes) }
    buffer.removeAll()
  }
}

extension WrittenColumn {
  /// The value with exactly the type that `columnarType` expects.
  var columnarValue: (sql: String, name: String) { ("CAST(\(sql) AS \(type.engineName))", name) }

  var columnar: ColumnarField { ColumnarField(name, type.columnarType, isNullable: isNullable) }
}
