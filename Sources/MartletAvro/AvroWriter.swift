package import MartletColumnar
import MartletCore

/// Writes an object container file of Avro, block by block. One thread at a time uses it.
///
/// ```swift
/// let writer = try AvroWriter(output, fields, schema: schema, compression: .snappy)
/// try writer.write(batch)
/// try writer.finish()
/// ```
package final class AvroWriter {
  private let output: any ColumnarOutput
  private let rows: AvroEncoder
  private let compression: AvroCompression
  private let level: Int?
  /// The columns, which the caller fills before each `write(_:)`, and which are empty afterwards.
  package let columns: [ColumnarArray]
  private let marker: [UInt8]
  private let block = AvroBytes()
  private var rowsInBlock = 0
  private var rowsWritten = 0
  private let compressed = ColumnarBuffer()

  /// The least number of bytes of a block, before it is compressed. The last block may be shorter.
  private static let blockSize = 64_000

  /// Writes the header.
  /// - Throws: `AvroSchemaFault` if the columns do not fit the schema; the errors of `output`.
  package init(
    _ output: any ColumnarOutput, _ fields: [ColumnarField], schema: AvroSchema, compression: AvroCompression,
    level: Int? = nil
  ) throws {
    self.output = output
    self.compression = compression
    self.level = level
    columns = fields.map { ColumnarArray($0.type) }
    rows = try AvroEncoding.rows(fields, columns, schema)
    var generator = SystemRandomNumberGenerator()
    marker = (0..<AvroFile.markerSize).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let header = AvroBytes()
    AvroFile.magic.withUnsafeBytes { header.buffer.append(copying: $0) }
    header.append(long: 2)
    header.append("avro.schema")
    header.append(schema.json)
    header.append("avro.codec")
    header.append(compression.rawValue)
    header.append(long: 0)
    marker.withUnsafeBytes { header.buffer.append(copying: $0) }
    try output.write(header.bytes)
  }

  /// Appends the rows in `columns`, and empties these.
  /// - Throws: `MartletError(.invalidArgument)` for a value that the schema does not allow; the errors of `output`.
  package func write(rows count: Int) throws {
    for row in 0..<count {
      do { try rows.encode(row, block) } catch {
        throw MartletError(.invalidArgument, "Row \(rowsWritten + 1) cannot be written to an Avro file: \(error).")
      }
      rowsInBlock += 1
      rowsWritten += 1
      if block.count >= Self.blockSize || rowsInBlock == largestCountWithoutBytes { try flush() }
    }
    for column in columns { column.removeAll() }
  }

  /// Writes the last block.
  package func finish() throws { try flush() }

  private func flush() throws {
    guard rowsInBlock > 0 else { return }
    compressed.removeAll()
    try compression.compress(block.bytes, level: level, into: compressed)
    let head = AvroBytes()
    head.append(long: Int64(rowsInBlock))
    head.append(long: Int64(compressed.count))
    try output.write(head.bytes)
    try output.write(compressed.bytes)
    try marker.withUnsafeBytes { try output.write($0) }
    block.removeAll()
    rowsInBlock = 0
  }
}
