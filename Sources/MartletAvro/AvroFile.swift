// Unsafe code. Invariant: bytes are read from the file into buffers that have space for them.

import MartletColumnar
import MartletCore

/// An object container file of Avro, for reading.
package final class AvroFile: Sendable {
  package let path: String
  /// The schema of the records, its writer's.
  package let schema: AvroSchema
  let compression: AvroCompression
  /// The 16 bytes that follow each block.
  private let marker: [UInt8]
  /// The place of the first block.
  let start: Int
  private let file: SystemFile
  private let size: Int

  static let magic: [UInt8] = Array("Obj\u{1}".utf8)
  static let markerSize = 16
  /// The most bytes of a header. Without a limit, a damaged one would bring the whole file into memory.
  private static let largestHeader = 1 << 26

  /// Opens a file and reads its header.
  /// - Throws: `MartletError(.corruptData)` if it is no file of Avro, or has a schema or compression that is unknown.
  package init(_ path: String) throws {
    self.path = path
    file = try SystemFile.read(path)
    size = try file.size()
    let header = try Self.header(file, size)
    start = header.size
    marker = header.marker
    guard let json = header.metadata["avro.schema"] else {
      throw Self.failure(path, "its header has no schema.")
    }
    do { schema = try AvroSchema(json: json) } catch { throw Self.failure(path, "\(error).") }
    let name = header.metadata["avro.codec"].map { String(decoding: $0, as: UTF8.self) } ?? "null"
    guard let compression = AvroCompression(rawValue: name) else {
      throw Self.failure(
        path,
        "its blocks are compressed with '\(name)'. Here, they can be compressed with "
          + "\(AvroCompression.allCases.dropFirst().map(\.rawValue).joined(separator: ", ")), or not at all.")
    }
    self.compression = compression
  }

  static func failure(_ path: String, _ reason: String) -> MartletError {
    MartletError(.corruptData, "Cannot read the Avro file '\(path)': \(reason)")
  }

  // MARK: Header

  private struct Header {
    var metadata: [String: [UInt8]] = [:]
    var marker: [UInt8] = []
    var size = 0
  }

  private static func header(_ file: SystemFile, _ size: Int) throws -> Header {
    // Most headers have a few hundred bytes; a long one is read again as a whole.
    var length = min(size, 1 << 16)
    while true {
      let buffer = ColumnarBuffer(capacity: length)
      let got = try file.read(buffer.extend(by: length), count: length, at: 0)
      guard got == length else { throw failure(file.path, "it became shorter while it was read.") }
      guard buffer.bytes.starts(with: magic) else {
        throw failure(
          file.path,
          size == 0
            ? "it is empty." : "it does not begin with the bytes of an Avro file. Check that it is one, and complete.")
      }
      do { return try header(buffer.bytes) } catch {
        guard length < min(size, largestHeader) else {
          throw failure(file.path, "its header, at byte \(magic.count): \(error).")
        }
        length = min(size, length * 16)
      }
    }
  }

  private static func header(_ bytes: UnsafeRawBufferPointer) throws(ColumnarDamage) -> Header {
    var input = AvroInput(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(magic.count)))
    var header = Header()
    while true {
      let count = try input.blockOfItems(takesNoBytes: false).count
      if count == 0 { break }
      for _ in 0..<count {
        let key = String(decoding: try input.bytes(), as: UTF8.self)
        header.metadata[key] = Array(try input.bytes())
      }
    }
    header.marker = Array(UnsafeRawBufferPointer(start: try input.take(markerSize), count: markerSize))
    header.size = magic.count + input.position
    return header
  }

  // MARK: Blocks

  /// Reads the block at a place; `nil` at the end of the file.
  /// - Throws: `MartletError(.corruptData)` with the number of the block and its place.
  func block(_ number: Int, at offset: Int) throws -> AvroBlock? {
    if offset == size { return nil }
    let head = ColumnarBuffer(capacity: 20)
    let got = try file.read(head.extend(by: 20), count: min(20, size - offset), at: offset)
    head.count = got
    var input = AvroInput(head.bytes)
    do {
      let count = try input.long()
      let bytes = try input.long()
      let data = offset + input.position
      guard count >= 0, bytes >= 0 else { throw ColumnarDamage("it has \(count) records in \(bytes) bytes") }
      guard bytes <= size - data - Self.markerSize else {
        throw ColumnarDamage(
          "it has \(bytes) bytes, but the file ends after \(max(0, size - data)). Check that the file is complete")
      }
      let length = Int(bytes) + Self.markerSize
      let buffer = ColumnarBuffer(capacity: length)
      buffer.count = try file.read(buffer.extend(by: length), count: length, at: data)
      guard buffer.count == length else { throw ColumnarDamage("the file became shorter while it was read") }
      guard buffer.bytes.suffix(Self.markerSize).elementsEqual(marker) else {
        throw ColumnarDamage("the marker after its \(bytes) bytes is not that of the file")
      }
      buffer.count = Int(bytes)
      return AvroBlock(
        file: self, number: number, offset: offset, next: data + length, count: Int(count), bytes: buffer)
    } catch let damage as ColumnarDamage { throw failure(damage, number, offset) }
  }

  func failure(_ damage: some Error, _ number: Int, _ offset: Int) -> MartletError {
    Self.failure(path, "block \(number), at byte \(offset): \(damage).")
  }
}

/// The records of a block, before they are decompressed and decoded.
package struct AvroBlock: Sendable {
  package let file: AvroFile
  /// The number of the block in the file, from 1.
  let number: Int
  /// The place of the block in the file.
  let offset: Int
  /// The place of the next one.
  let next: Int
  /// The number of records.
  package let count: Int
  let bytes: ColumnarBuffer
}
