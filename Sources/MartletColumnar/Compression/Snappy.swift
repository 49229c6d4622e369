// Unsafe code. Invariant: `Input` reads only bytes before its end. The output of `decompress` has space for all bytes
// that its length announces, and no copy writes more or reads bytes that have not been written.

/// Google's Snappy, in its format without frames.
package enum Snappy {
  /// Appends the bytes that `input` was made of.
  package static func decompress(_ input: UnsafeRawBufferPointer, into output: ColumnarBuffer) throws(ColumnarDamage) {
    var input = CompressedInput(input)
    let length = try input.variable()
    // The shortest form of 64 bytes takes 3.
    guard length <= (input.left + 1) * 22 + 64 else {
      throw ColumnarDamage("\(input.left) bytes of Snappy cannot be the \(length) that they claim to be")
    }
    let base = output.extend(by: length)
    var done = 0
    while done < length {
      let tag = Int(try input.byte())
      var count = tag >> 2 + 1
      let distance: Int
      switch tag & 3 {
      case 0:
        if count > 60 { count = try input.little(bytes: count - 60) + 1 }
        guard count <= length - done else { throw tooLong(length) }
        let source = try input.take(count)
        (base + done).copyMemory(from: source, byteCount: count)
        done += count
        continue
      case 1:
        count = tag >> 2 & 7 + 4
        distance = (tag >> 5) << 8 | Int(try input.byte())
      case 2: distance = try input.little(bytes: 2)
      default: distance = try input.little(bytes: 4)
      }
      guard distance > 0, distance <= done else {
        throw ColumnarDamage("the compressed data refers to bytes before its beginning")
      }
      guard count <= length - done else { throw tooLong(length) }
      copyWithin(base + done, distance: distance, count: count)
      done += count
    }
    guard input.left == 0 else {
      throw ColumnarDamage("\(input.left) bytes follow the \(length) that were compressed with Snappy")
    }
  }

  private static func tooLong(_ length: Int) -> ColumnarDamage {
    ColumnarDamage("the compressed data is longer than the \(length) bytes that it claims to be")
  }

  /// Appends the compressed form of `input`, which must have less than 4 GiB.
  package static func compress(_ input: UnsafeRawBufferPointer, into output: ColumnarBuffer) {
    var length = UInt32(input.count)
    while length >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: length) | 0x80)
      length >>= 7
    }
    output.append(UInt8(length))
    var table = [UInt16](repeating: 0, count: 1 << hashBits)
    var start = 0
    while start < input.count {
      let count = min(1 << 16, input.count - start)
      compressFragment(UnsafeRawBufferPointer(rebasing: input[start..<start + count]), &table, output)
      start += count
    }
  }

  private static let hashBits: UInt32 = 14

  /// Compresses up to 64 KiB, whose copies refer only to bytes in it.
  private static func compressFragment(
    _ input: UnsafeRawBufferPointer, _ table: inout [UInt16], _ output: ColumnarBuffer
  ) {
    guard let base = input.baseAddress else { return }
    let count = input.count
    var literalStart = 0
    func emitLiteral(_ start: Int, _ end: Int) {
      let length = end - start
      guard length > 0 else { return }
      switch length - 1 {
      case ..<60: output.append(UInt8((length - 1) << 2))
      case ..<256:
        output.append(60 << 2 as UInt8)
        output.append(UInt8(length - 1))
      default:
        output.append(61 << 2 as UInt8)
        output.append(UInt16(length - 1).littleEndian)
      }
      output.append(copying: UnsafeRawBufferPointer(start: base + start, count: length))
    }
    func emitCopy(_ distance: Int, _ length: Int) {
      var left = length
      while left > 0 {
        // None of the pieces is shorter than 4 bytes.
        let piece = left >= 68 ? 64 : left > 64 ? 60 : left
        if piece >= 4, piece < 12, distance < 2048 {
          output.append(UInt8(1 | (piece - 4) << 2 | (distance >> 8) << 5))
          output.append(UInt8(truncatingIfNeeded: distance))
        } else {
          output.append(UInt8(2 | (piece - 1) << 2))
          output.append(UInt16(distance).littleEndian)
        }
        left -= piece
      }
    }
    if count >= 15 {
      table.withUnsafeMutableBufferPointer { table in
        table.update(repeating: 0)
        func word(_ position: Int) -> UInt32 { (base + position).loadUnaligned(as: UInt32.self) }
        func slot(_ word: UInt32) -> Int { Int((word &* 0x1E35_A7BD) &>> (32 - hashBits)) }
        let limit = count - 15
        var position = 1
        // The longer nothing is found, the more bytes are left out.
        var misses = 32
        while position < limit {
          let current = word(position)
          let index = slot(current)
          let candidate = Int(table[index])
          table[index] = UInt16(position)
          guard candidate < position, word(candidate) == current else {
            position += misses >> 5
            misses += 1
            continue
          }
          misses = 32
          emitLiteral(literalStart, position)
          let length = 4 + commonPrefix(base + candidate + 4, base + position + 4, count - position - 4)
          emitCopy(position - candidate, length)
          position += length
          literalStart = position
          if position < limit { table[slot(word(position - 1))] = UInt16(position - 1) }
        }
      }
    }
    emitLiteral(literalStart, count)
  }
}

/// The number of bytes that are the same at two places, at most `limit`.
private func commonPrefix(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ limit: Int) -> Int {
  var length = 0
  while length &+ 8 <= limit {
    let difference =
      UInt64(littleEndian: (a + length).loadUnaligned(as: UInt64.self))
      ^ UInt64(littleEndian: (b + length).loadUnaligned(as: UInt64.self))
    if difference != 0 { return length &+ difference.trailingZeroBitCount &>> 3 }
    length &+= 8
  }
  while length < limit, (a + length).load(as: UInt8.self) == (b + length).load(as: UInt8.self) { length &+= 1 }
  return length
}

/// Copies `count` bytes that begin `distance` bytes before `target`. They may overlap: the bytes that are copied first
/// are then copied again.
@inline(__always)
func copyWithin(_ target: UnsafeMutableRawPointer, distance: Int, count: Int) {
  let source = target - distance
  if distance >= count {
    target.copyMemory(from: source, byteCount: count)
  } else {
    for i in 0..<count { (target + i).storeBytes(of: (source + i).load(as: UInt8.self), as: UInt8.self) }
  }
}

/// The bytes that a decompressor reads.
struct CompressedInput {
  private var next: UnsafeRawPointer
  private(set) var left: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    next = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped  // 1 is not null, and is never read
    left = bytes.count
  }

  mutating func take(_ count: Int) throws(ColumnarDamage) -> UnsafeRawPointer {
    guard count >= 0, count <= left else { throw ColumnarDamage("the compressed data ends too early") }
    defer {
      next += count
      left -= count
    }
    return next
  }

  mutating func byte() throws(ColumnarDamage) -> UInt8 { try take(1).load(as: UInt8.self) }

  /// A number of 1 to 4 bytes.
  mutating func little(bytes: Int) throws(ColumnarDamage) -> Int {
    let source = try take(bytes)
    var number = 0
    for i in 0..<bytes { number |= Int((source + i).load(as: UInt8.self)) << (8 * i) }
    return number
  }

  mutating func variable() throws(ColumnarDamage) -> Int {
    var number = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = Int(try byte())
      number |= (byte & 0x7F) << shift
      if byte < 0x80 {
        guard number <= Int(UInt32.max) else { break }
        return number
      }
    }
    throw ColumnarDamage("the length of the compressed data is no number")
  }
}
