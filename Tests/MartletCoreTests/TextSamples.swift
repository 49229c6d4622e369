import MartletCore

/// Random strings and bytes, the same in every run.
struct TextSamples: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private static let ascii = Array("aAbBzZ@[`{ ,,  \t\r\n09.\0\u{7F}".unicodeScalars)
  private static let wide = Array(
    "éÉßẞİıΣσςжЖ漢字、€\u{A0}\u{85}\u{3000}\u{2003}\u{1680}\u{301}\u{308}👩‍👩‍👧🇩🇪😀ﬁŉ".unicodeScalars)

  /// A scalar, mostly ASCII if `isASCII`, of one to four bytes otherwise.
  mutating func scalar(isASCII: Bool) -> Unicode.Scalar {
    if isASCII { return Self.ascii.randomElement(using: &self) ?? "a" }
    if Int.random(in: 0..<8, using: &self) > 0 {
      return (Bool.random(using: &self) ? Self.ascii : Self.wide).randomElement(using: &self) ?? "a"
    }
    return Unicode.Scalar(UInt32.random(in: 0...0x10_FFFF, using: &self)) ?? "\u{FFFF}"
  }

  /// A string whose length is often near 15, 16, 64 or 128 bytes.
  mutating func string() -> String {
    let lengths = [0, 1, 3, 7, 8, 9, 14, 15, 16, 17, 31, 33, 62, 63, 64, 65, 66, 127, 128, 130, 200]
    let length = lengths.randomElement(using: &self) ?? 0
    let isASCII = Int.random(in: 0..<3, using: &self) == 0
    var string = ""
    while string.utf8.count < length { string.unicodeScalars.append(scalar(isASCII: isASCII)) }
    return string
  }

  /// A text of `string`: with a buffer of its own, or a slice in the middle of a larger buffer.
  mutating func text(of string: String) -> Text {
    if Bool.random(using: &self) { return Text(string) }
    let before = Int.random(in: 0...70, using: &self)
    let after = Int.random(in: 0...70, using: &self)
    let bytes = Array(repeating: 0x20, count: before) + Array(string.utf8) + Array(repeating: 0x20, count: after)
    let buffer = bytes.withUnsafeBufferPointer { bytes in
      // Only the address of an empty array may be nil.
      bytes.baseAddress.map { TextBuffer(copying: $0, count: bytes.count) } ?? TextBuffer(capacity: 0)
    }
    return Text(UnsafePointer(buffer.base + before), count: string.utf8.count, in: buffer)
  }

  /// A string and a text of it.
  mutating func pair() -> (string: String, text: Text) {
    let string = string()
    return (string, text(of: string))
  }

  /// Bytes that are often not valid UTF-8.
  mutating func bytes() -> [UInt8] {
    var bytes = Array(string().utf8)
    for _ in 0..<Int.random(in: 0...2, using: &self) where !bytes.isEmpty {
      let at = Int.random(in: bytes.indices, using: &self)
      switch Int.random(in: 0..<3, using: &self) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes.remove(at: at)
      default: bytes.insert(UInt8.random(in: 0x80...0xFF, using: &self), at: at)
      }
    }
    return bytes
  }

  /// A short piece of `string`, of one scalar or two, or another scalar.
  mutating func piece(of string: String) -> String {
    let scalars = Array(string.unicodeScalars)
    guard let first = scalars.indices.randomElement(using: &self), Int.random(in: 0..<6, using: &self) > 0 else {
      return String(scalar(isASCII: true))
    }
    let last = Swift.min(scalars.count, first + Int.random(in: 1...2, using: &self))
    return scalars[first..<last].string
  }
}

extension Sequence<Unicode.Scalar> {
  /// The string of these scalars.
  var string: String {
    var string = ""
    string.unicodeScalars.append(contentsOf: self)
    return string
  }
}

extension Text {
  /// The bytes.
  var bytes: [UInt8] { withUTF8Bytes { Array($0) } }

  /// True if the text has the one canonical form of its bytes.
  var isCanonical: Bool {
    guard utf8Count <= 15 else { return !isInline && owner != nil && longCount == utf8Count }
    var words: (UInt64, UInt64) = (0, UInt64(utf8Count) << 56)
    for (i, byte) in bytes.enumerated() {
      if i < 8 { words.0 |= UInt64(byte) << UInt64(8 * i) } else { words.1 |= UInt64(byte) << UInt64(8 * (i - 8)) }
    }
    return isInline && owner == nil && words == (word0, word1)
  }
}

extension String {
  /// The bytes: canonically equivalent strings may differ in them.
  var bytes: [UInt8] { Array(utf8) }
}
