import MartletColumnar
import MartletCore

/// The compression of the blocks of a file.
package enum AvroCompression: String, Sendable, CaseIterable {
  case none = "null"
  case deflate
  case snappy
  case zstandard

  /// Appends the bytes that a block was made of.
  func decompress(_ bytes: UnsafeRawBufferPointer, into output: ColumnarBuffer) throws {
    switch self {
    case .none: output.append(copying: bytes)
    case .deflate: try Deflate.decompress(bytes, into: output)
    case .zstandard: try Zstandard.decompress(bytes, into: output)
    case .snappy:
      guard bytes.count >= 4 else { throw ColumnarDamage("it has no checksum") }
      let start = output.count
      try Snappy.decompress(UnsafeRawBufferPointer(rebasing: bytes.dropLast(4)), into: output)
      let written = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: UInt32.self))
      guard CRC32.checksum(UnsafeRawBufferPointer(rebasing: output.bytes[start...])) == written else {
        throw ColumnarDamage("its bytes do not have the checksum that follows them")
      }
    }
  }

  /// Appends the compressed form of a block.
  func compress(_ bytes: UnsafeRawBufferPointer, level: Int?, into output: ColumnarBuffer) throws {
    switch self {
    case .none: output.append(copying: bytes)
    case .deflate: try Deflate.compress(bytes, level: level ?? -1, into: output)
    case .zstandard: try Zstandard.compress(bytes, level: level ?? 3, into: output)
    case .snappy:
      Snappy.compress(bytes, into: output)
      output.append(CRC32.checksum(bytes).bigEndian)
    }
  }
}
