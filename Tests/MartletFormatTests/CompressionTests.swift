import Foundation
import MartletColumnar
import TestSupport
import Testing

@Suite("Compression") struct CompressionTests {
  private func text(_ seed: UInt64, _ count: Int, words: Int) -> [UInt8] {
    var chance = TestRandom(seed: seed)
    var bytes: [UInt8] = []
    while bytes.count < count {
      bytes += "word\(Int.random(in: 0..<words, using: &chance)) ".utf8
    }
    return Array(bytes.prefix(count))
  }

  private func noise(_ seed: UInt64, _ count: Int) -> [UInt8] {
    var chance = TestRandom(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &chance) }
  }

  private var inputs: [[UInt8]] {
    [[], [7], Array("abcdabcdabcdabcd".utf8), [UInt8](repeating: 1, count: 70_000)]
      + [15, 16, 17, 59, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000].flatMap {
        [text(UInt64($0), $0, words: 30), noise(UInt64($0), $0)]
      }
  }

  @Test("Bytes that are compressed with Snappy are the same when they are decompressed", .timeLimit(.minutes(30)))
  func snappy() throws {
    for input in inputs {
      let compressed = ColumnarBuffer(), output = ColumnarBuffer()
      input.withUnsafeBytes { Snappy.compress($0, into: compressed) }
      try Snappy.decompress(compressed.bytes, into: output)
      #expect(Array(output.bytes) == input)
    }
    let compressed = ColumnarBuffer()
    text(1, 100_000, words: 5).withUnsafeBytes { Snappy.compress($0, into: compressed) }
    #expect(compressed.count < 50_000)
  }

  @Test("Bytes that are deflated are the same when they are inflated", .timeLimit(.minutes(30)))
  func deflate() throws {
    for input in inputs {
      let compressed = ColumnarBuffer(), output = ColumnarBuffer()
      try input.withUnsafeBytes { try Deflate.compress($0, into: compressed) }
      try Deflate.decompress(compressed.bytes, into: output)
      #expect(Array(output.bytes) == input)
    }
  }

  @Test("A Snappy stream that claims another length, or refers to bytes that are not there, is refused")
  func snappyRefusals() throws {
    func failure(_ bytes: [UInt8]) -> String {
      do {
        try bytes.withUnsafeBytes { try Snappy.decompress($0, into: ColumnarBuffer()) }
        return "none"
      } catch { return "\(error)" }
    }
    // Four GiB that a few bytes cannot be.
    #expect(failure([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]).contains("cannot be the 4294967295"))
    #expect(failure([4, 0x01, 0x01]).contains("before its beginning"))
    #expect(failure([]).contains("ends too early"))
    #expect(failure([1, 0, 65, 0, 66]).contains("follow"))
    #expect(failure([1, 8, 65, 66, 67]).contains("longer"))
  }

  @Test("Damaged compressed data never crashes", .timeLimit(.minutes(30))) func damage() throws {
    var chance = TestRandom(seed: 11)
    let input = text(3, 3000, words: 40)
    let snappy = ColumnarBuffer(), deflated = ColumnarBuffer()
    try input.withUnsafeBytes {
      Snappy.compress($0, into: snappy)
      try Deflate.compress($0, into: deflated)
    }
    // An LZ4 frame with one block: a literal, and a copy of it that overlaps.
    let lz4: [UInt8] = [4, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82, 7, 0, 0, 0, 0x1A, 65, 1, 0, 0x10, 66, 0, 0, 0, 0]
    var refused = 0
    for _ in 0..<3000 {
      for (bytes, decompress) in [
        (Array(snappy.bytes), { try Snappy.decompress($0, into: ColumnarBuffer()) }),
        (Array(deflated.bytes), { try Deflate.decompress($0, into: ColumnarBuffer()) }),
        (lz4, { try LZ4.decompress($0, into: ColumnarBuffer()) }),
      ] as [([UInt8], (UnsafeRawBufferPointer) throws -> Void)] {
        do { try chance.damaged(bytes).withUnsafeBytes { try decompress($0) } } catch { refused += 1 }
      }
    }
    #expect(refused > 3000)
  }

  @Test("The checksum is that of gzip") func checksum() {
    #expect(Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) } == 0xCBF4_3926)
    #expect([UInt8]().withUnsafeBytes { CRC32.checksum($0) } == 0)
  }
}
