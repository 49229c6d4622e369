// Unsafe code. Invariant: no function reads past `end` or the count that it is given. `unescape` writes no more bytes
// than it reads.

/// The escapes in strings.
enum JSONStrings {
  /// The number of bytes of the escape at `p`, two of which may be halves of one character; `nil` if it is none.
  static func escapeSize(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int? {
    guard end - p >= 2 else { return nil }
    switch p[1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      guard let unit = unit(p, end), unit & 0xFC00 != 0xDC00 else { return nil }
      guard unit & 0xFC00 == 0xD800 else { return 6 }
      guard let low = Self.unit(p + 6, end), low & 0xFC00 == 0xDC00 else { return nil }
      return 12
    default: return nil
    }
  }

  /// The number in an escape of the form `\u1234`.
  private static func unit(_ p: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UInt32? {
    guard end - p >= 6, p[0] == UInt8(ascii: "\\"), p[1] == UInt8(ascii: "u") else { return nil }
    var value: UInt32 = 0
    for i in 2..<6 {
      let digit: UInt8
      switch p[i] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = p[i] - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = p[i] - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = p[i] - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Writes the string of `count` checked bytes at `source` without escapes; returns the number of bytes, which is at
  /// most `count`.
  static func unescape(_ source: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
    let end = source + count
    var p = source
    var out = target
    while p < end {
      guard p.pointee == UInt8(ascii: "\\"), p + 1 < end else {
        out.initialize(to: p.pointee)
        out += 1
        p += 1
        continue
      }
      let byte: UInt8
      switch p[1] {
      case UInt8(ascii: "b"): byte = 8
      case UInt8(ascii: "f"): byte = 12
      case UInt8(ascii: "n"): byte = 10
      case UInt8(ascii: "r"): byte = 13
      case UInt8(ascii: "t"): byte = 9
      case UInt8(ascii: "u"):
        var value = unit(p, end) ?? 0xFFFD
        p += 6
        if value & 0xFC00 == 0xD800 {
          value = 0x10000 + (value & 0x3FF) << 10 + (unit(p, end) ?? 0) & 0x3FF
          p += 6
        }
        for byte in UTF8.encode(Unicode.Scalar(value) ?? "\u{FFFD}").unsafelyUnwrapped {  // any scalar has an encoding
          out.initialize(to: byte)
          out += 1
        }
        continue
      default: byte = p[1]
      }
      out.initialize(to: byte)
      out += 1
      p += 2
    }
    return out - target
  }

  /// The bytes of a string or key without escapes.
  static func unescaped(_ base: UnsafePointer<UInt8>, _ node: JSONNode) -> [UInt8] {
    if node.isEscaped { return unescaped(base + node.offset, node.count) }
    return Array(UnsafeBufferPointer(start: base + node.offset, count: node.count))
  }

  static func unescaped(_ source: UnsafePointer<UInt8>, _ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { bytes, size in
      size = bytes.baseAddress.map { unescape(source, count, to: $0) } ?? 0
    }
  }
}
