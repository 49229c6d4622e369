package import MartletColumnar
import MartletCore

/// The blocks of a file one after another.
package struct AvroBlocks: Sendable {
  package let file: AvroFile
  private var number = 1
  private var offset: Int

  package init(_ file: AvroFile) {
    self.file = file
    offset = file.start
  }

  /// The next block; `nil` at the end.
  /// - Throws: `MartletError(.corruptData)` with the number of the block and its place.
  package mutating func next() throws -> AvroBlock? {
    guard let block = try file.block(number, at: offset) else { return nil }
    number += 1
    offset = block.next
    return block
  }
}

/// Decodes the records of blocks of one file into columns. One thread at a time uses it.
package final class AvroBlockReader {
  private let file: AvroFile
  /// One for each column of the reader's schema; `nil` for one that is not needed.
  private let columns: [ColumnarArray?]
  private let rows: AvroDecoder
  private let content = ColumnarBuffer()
  private var block: AvroBlock?
  private var position = 0
  private var rowsLeft = 0

  /// - Parameters:
  ///   - reader: the schema that defines the columns: the user's, or that of the first file.
  ///   - isStrict: true for a schema of the user.
  ///   - wanted: for each column, whether it is needed.
  /// - Throws: `MartletError(.corruptData)` if the file's records do not have these columns.
  package init(_ file: AvroFile, reader: AvroSchema, isStrict: Bool, wanted: [Bool]) throws {
    self.file = file
    do {
      columns = zip(try reader.columns, wanted).map { $1 ? ColumnarArray($0.type) : nil }
      rows = try AvroResolution(isStrict: isStrict).rows(file.schema, reader, columns)
    } catch let fault as AvroSchemaFault { throw AvroFile.failure(file.path, "\(fault).") }
  }

  /// Takes a block of the file.
  package func begin(_ block: AvroBlock) throws {
    self.block = block
    content.removeAll()
    position = 0
    do {
      try file.compression.decompress(block.bytes.bytes, into: content)
      guard block.count <= (file.schema.takesNoBytes ? largestCountWithoutBytes : content.count) else {
        throw ColumnarDamage("\(content.count) bytes cannot be \(block.count) records")
      }
    } catch let damage as ColumnarDamage { throw file.failure(damage, block.number, block.offset) }
    rowsLeft = block.count
    if rowsLeft == 0 { try expectEnd() }
  }

  /// The next rows of the block, at most `limit`; `nil` at its end. The columns are valid until the next call.
  package func next(_ limit: Int) throws -> ColumnarBatch? {
    guard let block, rowsLeft > 0 else { return nil }
    for column in columns { column?.removeAll() }
    let count = min(limit, rowsLeft)
    var input = AvroInput(UnsafeRawBufferPointer(rebasing: content.bytes[position...]))
    var done = 0
    do {
      while done < count {
        try rows.decode(&input)
        done += 1
      }
    } catch {
      let record = block.count - rowsLeft + done + 1
      throw file.failure(
        ColumnarDamage("record \(record), at byte \(position + input.position) of the block's content: \(error)"),
        block.number, block.offset)
    }
    position += input.position
    rowsLeft -= count
    if rowsLeft == 0 { try expectEnd() }
    return ColumnarBatch(columns, count: count)
  }

  private func expectEnd() throws {
    guard let block, position < content.count else { return }
    throw file.failure(
      ColumnarDamage("\(content.count - position) bytes follow its \(block.count) records"), block.number, block.offset)
  }
}
