// Unsafe code. Invariant: bytes are read from the file into buffers that have space for them.

package import MartletColumnar
import MartletCore

/// A file of Arrow, in the format for files or that for streams.
package final class ArrowFile: Sendable {
  package let path: String
  let schema: ArrowSchema
  /// The places of dictionaries and batches, if the file lists them; `nil` for a stream.
  let listed: (dictionaries: [ArrowPlace], batches: [ArrowPlace])?
  /// The place of the first message after the schema, in a stream.
  let start: Int
  private let file: SystemFile
  let size: Int

  static let magic: [UInt8] = Array("ARROW1".utf8)

  /// Opens a file and reads its schema.
  /// - Throws: `MartletError(.corruptData)` if it is no file of Arrow.
  package init(_ path: String) throws {
    self.path = path
    file = try SystemFile.read(path)
    size = try file.size()
    let reader = ArrowBytes(file: file, size: size)
    do {
      let head = try reader.read(0..<min(size, 8))
      if head.bytes.starts(with: Self.magic) {
        let footer = try reader.footer()
        (schema, listed, start) = (footer.schema, (footer.dictionaries, footer.batches), 0)
      } else {
        guard size > 0 else { throw ColumnarDamage("it is empty") }
        guard size >= 8, let message = try reader.message(at: 0), case .schema(let schema) = message.header else {
          throw ColumnarDamage("it does not begin with a schema of Arrow. Check that it is such a file, and complete")
        }
        (self.schema, listed, start) = (schema, nil, message.next)
      }
    } catch let damage as ColumnarDamage { throw Self.failure(path, "\(damage).") }
  }

  static func failure(_ path: String, _ reason: String) -> MartletError {
    MartletError(.corruptData, "Cannot read the Arrow file '\(path)': \(reason)")
  }

  func failure(_ damage: some Error, _ number: Int, _ offset: Int) -> MartletError {
    Self.failure(path, "message \(number), at byte \(offset): \(damage).")
  }

  var reader: ArrowBytes { ArrowBytes(file: file, size: size) }

  /// The columns. One of a type that is not read has no type here, and its name.
  package var columns: [(name: String, column: ColumnarField?, unreadable: String?)] {
    schema.fields.map { ($0.name, $0.column, $0.unreadable) }
  }
}

/// The place of a message in a file.
struct ArrowPlace: Sendable {
  var offset: Int
  var metadataLength: Int
  var bodyLength: Int
}

/// A message, and where it is.
struct ArrowPlacedMessage {
  var header: ArrowMessage.Header
  /// The first byte of the body.
  var body: Int
  var bodyLength: Int
  /// The place of the next message in a stream.
  var next: Int { body + bodyLength }
}

/// The bytes of a file, of which only those that are there are read.
struct ArrowBytes: Sendable {
  let file: SystemFile
  let size: Int

  func read(_ range: Range<Int>) throws -> ColumnarBuffer {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw ColumnarDamage(
        "it refers to byte \(range.upperBound), but the file has \(size). Check that the file is complete")
    }
    let buffer = ColumnarBuffer(capacity: range.count)
    buffer.count = try file.read(buffer.extend(by: range.count), count: range.count, at: range.lowerBound)
    guard buffer.count == range.count else { throw ColumnarDamage("the file became shorter while it was read") }
    return buffer
  }

  /// The message at a place in a stream; `nil` for the mark of its end.
  func message(at offset: Int) throws -> ArrowPlacedMessage? {
    guard offset < size else {
      throw ColumnarDamage("the mark of the stream's end is missing. Check that the file is complete")
    }
    var start = offset + 4
    var length = Int32(littleEndian: try read(offset..<start).load(0))
    if length == -1 {
      start += 4
      length = Int32(littleEndian: try read(start - 4..<start).load(0))
    }
    if length == 0 { return nil }
    guard length > 0 else { throw ColumnarDamage("its metadata has \(length) bytes") }
    return try message(start..<start + Int(length))
  }

  /// The message at a place that the file lists.
  func message(_ place: ArrowPlace) throws -> ArrowPlacedMessage {
    guard place.metadataLength >= 8 else { throw ColumnarDamage("its metadata has \(place.metadataLength) bytes") }
    // The mark of a message, and the length of its metadata, precede it; in old files, only the length.
    let isNew = (try read(place.offset..<place.offset + 4).load(0) as Int32) == -1
    let message = try message(place.offset + (isNew ? 8 : 4)..<place.offset + place.metadataLength)
    guard message.bodyLength == place.bodyLength else {
      throw ColumnarDamage("its body has \(message.bodyLength) bytes, but \(place.bodyLength) in the list of messages")
    }
    return message
  }

  private func message(_ metadata: Range<Int>) throws -> ArrowPlacedMessage {
    let bytes = try read(metadata)
    let message = try ArrowMessage(bytes.bytes)
    guard message.bodyLength <= size - metadata.upperBound else {
      throw ColumnarDamage(
        "its body has \(message.bodyLength) bytes, but the file ends after \(size - metadata.upperBound). Check that the file is complete"
      )
    }
    return ArrowPlacedMessage(header: message.header, body: metadata.upperBound, bodyLength: message.bodyLength)
  }

  /// The list of messages at the end of a file.
  func footer() throws -> (schema: ArrowSchema, dictionaries: [ArrowPlace], batches: [ArrowPlace]) {
    guard size >= 20 else { throw ColumnarDamage("it ends after \(size) bytes. Check that it is complete") }
    let end = try read(size - 10..<size)
    guard end.bytes.dropFirst(4).elementsEqual(ArrowFile.magic) else {
      throw ColumnarDamage("it does not end as a file of Arrow. Check that it is complete")
    }
    let length = Int(Int32(littleEndian: end.load(0)))
    guard length > 0, length <= size - 18 else { throw ColumnarDamage("its list of messages has \(length) bytes") }
    let bytes = try read(size - 10 - length..<size - 10)
    let table = try FlatBuffer(bytes.bytes).root
    guard let schema = try table.table(1) else { throw ColumnarDamage("it has no schema") }
    func places(_ field: Int) throws -> [ArrowPlace] {
      let vector = try table.vector(field, stride: 24)
      return try (0..<vector.count).map { index in
        let start = vector.start + 24 * index
        let offset: Int64 = try table.buffer.load(start)
        let metadata: Int32 = try table.buffer.load(start + 8)
        let body: Int64 = try table.buffer.load(start + 16)
        guard offset >= 8, metadata >= 0, body >= 0, offset <= size, body <= size else {
          throw ColumnarDamage("its list of messages has one at byte \(offset), with \(metadata) + \(body) bytes")
        }
        return ArrowPlace(offset: Int(offset), metadataLength: Int(metadata), bodyLength: Int(body))
      }
    }
    return (try ArrowSchema(schema), try places(2), try places(3))
  }
}
