package import MartletColumnar
import MartletCore

/// Writes a stream or file of Arrow, batch by batch. One thread at a time uses it.
///
/// ```swift
/// let writer = try ArrowWriter(output, fields, format: .stream)
/// try fill(writer.columns)
/// try writer.write(rows: count)
/// try writer.finish()
/// ```
package final class ArrowWriter {
  package enum Format: Sendable {
    /// Messages one after another, for a pipe.
    case stream
    /// A stream with a list of its messages at the end, for a file.
    case file
  }

  private let output: any ColumnarOutput
  private let schema: ArrowSchema
  private let fields: [ColumnarField]
  private let timeZone: String
  private let format: Format
  private let isCompressed: Bool
  /// The columns, which the caller fills.
  package let columns: [ColumnarArray]
  private var rows = 0
  private var offset = 0
  private var batches: [ArrowPlace] = []

  /// A batch is written when it has so many rows, or so many bytes.
  private static let rowsPerBatch = 1 << 16
  private static let bytesPerBatch = 16 << 20

  /// Writes the schema.
  /// - Parameters:
  ///   - timeZone: the time zone in the type of columns of instants, whose values are in UTC.
  ///   - isCompressed: whether the columns are compressed with Zstandard.
  /// - Throws: the errors of `output`.
  package init(
    _ output: any ColumnarOutput, _ fields: [ColumnarField], format: Format, timeZone: String = "UTC",
    isCompressed: Bool = false
  ) throws {
    self.output = output
    self.fields = fields
    self.timeZone = timeZone
    self.format = format
    self.isCompressed = isCompressed
    schema = ArrowSchema(fields)
    columns = fields.map { ColumnarArray($0.type) }
    if format == .file { try write(ArrowFile.magic + [0, 0]) }
    try writeMessage(kind: 1, schema.table(timeZone: timeZone), [])
  }

  /// Takes the rows that have been added to `columns`.
  /// - Throws: the errors of `output`, and of the library of Zstandard.
  package func write(rows count: Int) throws {
    rows += count
    if rows >= Self.rowsPerBatch || columns.reduce(0, { $0 + $1.memory }) >= Self.bytesPerBatch { try flush() }
  }

  /// Writes the last batch and the end.
  package func finish() throws {
    try flush()
    // The mark of a message, and no bytes of metadata.
    try write([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    guard format == .file else { return }
    let places = batches.flatMap { [Int64($0.offset), Int64($0.metadataLength), Int64($0.bodyLength)] }
    let footer = FlatValue.table([
      (0, .int16(4)), (1, schema.table(timeZone: timeZone)), (2, .structures([], size: 3)),
      (3, .structures(places, size: 3)),
    ]).bytes
    try write(footer)
    try withUnsafeBytes(of: Int32(footer.count).littleEndian) { try write($0) }
    try write(ArrowFile.magic)
  }

  private func flush() throws {
    guard rows > 0 else { return }
    var body = ArrowBodyWriter(isCompressed: isCompressed)
    for (column, field) in zip(columns, fields) { try body.append(column, field.name) }
    var header: [(field: Int, value: FlatValue)] = [
      (0, .int64(Int64(rows))), (1, .structures(body.nodes, size: 2)), (2, .structures(body.places, size: 2)),
    ]
    // Method 1 is Zstandard, for each buffer by itself.
    if isCompressed { header.append((3, .table([(0, .int8(1)), (1, .int8(0))]))) }
    let start = offset
    try writeMessage(kind: 3, .table(header), body.buffers)
    batches.append(
      ArrowPlace(offset: start, metadataLength: offset - start - body.length, bodyLength: body.length))
    rows = 0
    for column in columns { column.removeAll() }
  }

  private func writeMessage(kind: Int8, _ header: FlatValue, _ buffers: [ColumnarBuffer]) throws {
    let length = buffers.reduce(0) { $0 + ArrowBodyWriter.padded($1.count) }
    let metadata = FlatValue.table([
      (0, .int16(4)), (1, .int8(kind)), (2, header), (3, .int64(Int64(length))),
    ]).bytes
    try write([0xFF, 0xFF, 0xFF, 0xFF])
    try withUnsafeBytes(of: Int32(metadata.count).littleEndian) { try write($0) }
    try write(metadata)
    for buffer in buffers {
      try write(buffer.bytes)
      let padding = ArrowBodyWriter.padded(buffer.count) - buffer.count
      if padding > 0 { try write([UInt8](repeating: 0, count: padding)) }
    }
  }

  private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count > 0 else { return }
    try output.write(bytes)
    offset += bytes.count
  }
}
