// Unsafe code. Invariant: `CompressedInput` reads only bytes before its end. The space for a block is as large as its
// frame allows, and no copy writes more or reads bytes that have not been written.

/// LZ4 in frames, as Arrow compresses buffers. It is only read.
package enum LZ4 {
  /// Appends the bytes that `input` was made of: one frame.
  package static func decompress(_ input: UnsafeRawBufferPointer, into output: ColumnarBuffer) throws(ColumnarDamage) {
    var input = CompressedInput(input)
    guard try input.little(bytes: 4) == 0x184D_2204 else { throw ColumnarDamage("its data is no frame of LZ4") }
    let flags = try input.byte()
    let blockFlags = try input.byte()
    guard flags >> 6 == 1, flags & 1 == 0, (4...7).contains(blockFlags >> 4 & 7) else {
      throw ColumnarDamage("its frame of LZ4 has a version or a dictionary that is unknown")
    }
    let largestBlock = 1 << (8 + 2 * Int(blockFlags >> 4 & 7))
    // The size of the content, if it is there, and the checksum of the header.
    _ = try input.take((flags & 8 != 0 ? 8 : 0) + 1)
    let start = output.count
    while true {
      let word = try input.little(bytes: 4)
      if word == 0 { break }
      let size = word & 0x7FFF_FFFF
      guard size <= largestBlock else { throw ColumnarDamage("a block of LZ4 is longer than its frame allows") }
      let block = UnsafeRawBufferPointer(start: try input.take(size), count: size)
      if word & 0x8000_0000 != 0 {
        output.append(copying: block)
      } else {
        try decompressBlock(block, start, largestBlock, output)
      }
      if flags & 16 != 0 { _ = try input.take(4) }
      guard output.count - start <= Deflate.largestResult else {
        throw ColumnarDamage("its LZ4 data is more than \(Deflate.largestResult) bytes long")
      }
    }
    if flags & 4 != 0 { _ = try input.take(4) }
    guard input.left == 0 else { throw ColumnarDamage("\(input.left) bytes follow its frame of LZ4") }
  }

  /// - Parameter start: the first byte of the frame, to which copies may refer.
  private static func decompressBlock(
    _ block: UnsafeRawBufferPointer, _ start: Int, _ largest: Int, _ output: ColumnarBuffer
  ) throws(ColumnarDamage) {
    var input = CompressedInput(block)
    let before = output.count
    func length(_ short: Int, _ input: inout CompressedInput) throws(ColumnarDamage) -> Int {
      guard short == 15 else { return short }
      var length = 15
      while true {
        let byte = Int(try input.byte())
        length += byte
        guard length <= largest else { throw ColumnarDamage("a block of LZ4 is longer than its frame allows") }
        if byte < 255 { return length }
      }
    }
    while true {
      let token = Int(try input.byte())
      let literals = try length(token >> 4, &input)
      let source = try input.take(literals)
      output.append(copying: UnsafeRawBufferPointer(start: source, count: literals))
      if input.left == 0 { break }
      let distance = try input.little(bytes: 2)
      let count = try length(token & 15, &input) + 4
      guard distance > 0, distance <= output.count - start else {
        throw ColumnarDamage("the compressed data refers to bytes before its beginning")
      }
      guard output.count - before + count <= largest else {
        throw ColumnarDamage("a block of LZ4 is longer than its frame allows")
      }
      copyWithin(output.extend(by: count), distance: distance, count: count)
    }
    guard output.count - before <= largest else {
      throw ColumnarDamage("a block of LZ4 is longer than its frame allows")
    }
  }
}
