// Unsafe code. Invariant: only bytes within `bytes` are read.

/// The checksum of gzip and zip, which Avro appends to blocks that are compressed with Snappy.
package enum CRC32 {
  /// For each of 8 positions, the effect of a byte.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
      tables[byte] = value
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { table in
      var crc: UInt32 = ~0
      var i = 0
      while i &+ 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) ^ UInt64(crc)
        crc = 0
        for position in 0..<8 {
          let byte = Int(truncatingIfNeeded: word &>> UInt64(8 &* position) & 0xFF)
          crc ^= table[(7 &- position) &* 256 &+ byte]
        }
        i &+= 8
      }
      while i < bytes.count {
        crc = crc &>> 8 ^ table[Int((crc ^ UInt32(bytes[i])) & 0xFF)]
        i &+= 1
      }
      return ~crc
    }
  }
}
