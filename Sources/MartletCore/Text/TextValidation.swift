// Unsafe code. Invariant: no function reads past `base + count`.

import CMartlet

/// Returns true if the `count` bytes at `base` are valid UTF-8. Scans ASCII 64 bytes at a time.
package func validatedUTF8(_ base: UnsafePointer<UInt8>, count: Int) -> Bool {
  let raw = UnsafeRawPointer(base)
  var i = 0
  while i < count {
    if base[i] < 0x80 {
      while i &+ 64 <= count && martlet_has_high_bit64(base + i) == 0 { i &+= 64 }
      while i &+ 8 <= count {
        let high = (raw + i).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080
        i &+= high.trailingZeroBitCount &>> 3
        if high != 0 { break }
      }
      while i < count && base[i] < 0x80 { i &+= 1 }
    }
    while i < count && base[i] >= 0x80 {
      let size = validScalarSize(base + i, count: count &- i)
      if size == 0 { return false }
      i &+= size
    }
  }
  return true
}

/// The size of the scalar that starts with `bytes[0]`, which is not ASCII, or 0 if it is not well-formed: the table
/// "Well-Formed UTF-8 Byte Sequences" of the Unicode standard.
@inline(__always)
private func validScalarSize(_ bytes: UnsafePointer<UInt8>, count: Int) -> Int {
  func continues(_ k: Int) -> Bool { bytes[k] & 0xC0 == 0x80 }
  switch bytes[0] {
  case 0xC2...0xDF:
    return count >= 2 && continues(1) ? 2 : 0
  case 0xE0...0xEF:
    guard count >= 3, continues(1), continues(2) else { return 0 }
    // Neither an overlong form of two bytes, nor a surrogate.
    if bytes[0] == 0xE0 && bytes[1] < 0xA0 || bytes[0] == 0xED && bytes[1] > 0x9F { return 0 }
    return 3
  case 0xF0...0xF4:
    guard count >= 4, continues(1), continues(2), continues(3) else { return 0 }
    // Neither an overlong form of three bytes, nor beyond U+10FFFF.
    if bytes[0] == 0xF0 && bytes[1] < 0x90 || bytes[0] == 0xF4 && bytes[1] > 0x8F { return 0 }
    return 4
  default:
    return 0
  }
}

extension Text {
  /// A text with its own copy of the `count` valid bytes at `base`.
  @inlinable
  package init(copying base: UnsafePointer<UInt8>, count: Int) {
    if count <= Text.inlineCapacity {
      self.init(words: loadExact16(base, count: count), count: count)
    } else {
      let buffer = TextBuffer(copying: base, count: count)
      self.init(buffer.base, count: count, in: buffer)
    }
  }

  /// A text with its own copy of the valid bytes in `bytes`.
  @inlinable
  package init(copying bytes: UnsafeBufferPointer<UInt8>) {
    if let base = bytes.baseAddress { self.init(copying: base, count: bytes.count) } else { self.init() }
  }

  /// A text with its own copy of the `count` bytes at `base`, with U+FFFD in place of invalid bytes, exactly as in
  /// `String(decoding:as:)`.
  package init(repairing base: UnsafePointer<UInt8>, count: Int) {
    if validatedUTF8(base, count: count) {
      self.init(copying: base, count: count)
    } else {
      self.init(String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self))
    }
  }

  /// The text at `[base, base + count)`, which is in `buffer`. If the bytes are valid it shares the buffer; otherwise
  /// it is a repaired copy.
  package init(repairing base: UnsafePointer<UInt8>, count: Int, in buffer: TextBuffer) {
    if validatedUTF8(base, count: count) {
      self.init(base, count: count, in: buffer)
    } else {
      self.init(repairing: base, count: count)
    }
  }

  /// A copy of `bytes` as text, with U+FFFD in place of invalid UTF-8, exactly as in `String(decoding:as:)`.
  ///
  /// ```swift
  /// Text(decoding: [0x68, 0x69, 0xFF])   // "hi\u{FFFD}"
  /// ```
  public init(decoding bytes: some Collection<UInt8>) {
    self = withContiguousBytes(bytes) { base, count in Text(repairing: base, count: count) } ?? Text()
  }

  /// A copy of `bytes` as text, or `nil` if they are not valid UTF-8.
  ///
  /// ```swift
  /// Text(validating: [0x68, 0x69, 0xFF])   // nil
  /// ```
  public init?(validating bytes: some Collection<UInt8>) {
    if bytes.isEmpty {
      self.init()
      return
    }
    let text = withContiguousBytes(bytes) { base, count in
      validatedUTF8(base, count: count) ? Text(copying: base, count: count) : nil
    }
    guard let text, let text else { return nil }
    self = text
  }
}

/// The result of `body` for the address and the number of `bytes`, or `nil` if there are none.
private func withContiguousBytes<Result>(
  _ bytes: some Collection<UInt8>, _ body: (UnsafePointer<UInt8>, Int) -> Result
) -> Result? {
  func call(_ buffer: UnsafeBufferPointer<UInt8>) -> Result? { buffer.baseAddress.map { body($0, buffer.count) } }
  return bytes.withContiguousStorageIfAvailable(call) ?? Array(bytes).withUnsafeBufferPointer(call)
}
