internal import MartletDuckDB

extension EngineFunctions {
  // A null leaves the hash of the values in front of it as it is.
  static let hashes: [ScalarFunction] = [
    ScalarFunction("martlet_hash_int") { (value: Int32?, seed: Int32) in
      value.map { Murmur3.hash($0, UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_long") { (value: Int64?, seed: Int32) in
      value.map { Murmur3.hash($0, UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_float") { (value: Float?, seed: Int32) in
      value.map { Murmur3.hash(Int32(bitPattern: bits($0)), UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_double") { (value: Double?, seed: Int32) in
      value.map { Murmur3.hash(Int64(bitPattern: bits($0)), UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_text") { (value: String?, seed: Int32) in
      value.map { Murmur3.hash(Array($0.utf8), UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_hex") { (value: String?, seed: Int32) in
      value.map { Murmur3.hash(bytes(hex: $0), UInt32(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_hash_decimal") { (value: String?, isLong: Bool, seed: Int32) in
      guard let number = value.flatMap({ SQLDecimal($0) }) else { return seed }
      return isLong
        ? Murmur3.hash(Int64(number.unscaled), UInt32(bitPattern: seed))
        : Murmur3.hash(bigEndian(number.unscaled), UInt32(bitPattern: seed))
    },
    ScalarFunction("martlet_xxhash64_int") { (value: Int32?, seed: Int64) in
      value.map { XXHash64.hash($0, UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_long") { (value: Int64?, seed: Int64) in
      value.map { XXHash64.hash($0, UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_float") { (value: Float?, seed: Int64) in
      value.map { XXHash64.hash(Int32(bitPattern: bits($0)), UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_double") { (value: Double?, seed: Int64) in
      value.map { XXHash64.hash(Int64(bitPattern: bits($0)), UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_text") { (value: String?, seed: Int64) in
      value.map { XXHash64.hash(Array($0.utf8), UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_hex") { (value: String?, seed: Int64) in
      value.map { XXHash64.hash(bytes(hex: $0), UInt64(bitPattern: seed)) } ?? seed
    },
    ScalarFunction("martlet_xxhash64_decimal") { (value: String?, isLong: Bool, seed: Int64) in
      guard let number = value.flatMap({ SQLDecimal($0) }) else { return seed }
      return isLong
        ? XXHash64.hash(Int64(number.unscaled), UInt64(bitPattern: seed))
        : XXHash64.hash(bigEndian(number.unscaled), UInt64(bitPattern: seed))
    },
    ScalarFunction("martlet_bitmap") { (positions: String) -> String in
      var bytes = [UInt8](repeating: 0, count: 4096)
      for position in positions.split(separator: ",") {
        guard let bit = Int(position), (0..<32768).contains(bit) else { continue }
        bytes[bit / 8] |= 1 << UInt8(bit % 8)
      }
      return EngineFunctions.hex(bytes)
    },
    ScalarFunction("martlet_bitmap_or") { (bitmaps: String) -> String in
      EngineFunctions.hex(combined(bitmaps, [UInt8](repeating: 0, count: 4096), |))
    },
    ScalarFunction("martlet_bitmap_and") { (bitmaps: String) -> String in
      EngineFunctions.hex(combined(bitmaps, [UInt8](repeating: 255, count: 4096), &))
    },
    ScalarFunction("martlet_sha2") { (hex: String, length: Int32) -> String? in
      SHA2(bits: length == 0 ? 256 : Int(length)).map { EngineFunctions.hex($0.digest(bytes(hex: hex))) }
    },
    ScalarFunction("martlet_hmac") { (key: String, message: String, name: String) throws -> String in
      let length = Int(name.filter(\.isNumber).suffix(3)) ?? 0
      guard name.uppercased().hasPrefix("SHA"), let function = SHA2(bits: length) else {
        throw EngineFault(
          "[INVALID_PARAMETER_VALUE.HASH_ALGORITHM] hmac knows SHA224, SHA256, SHA384 and SHA512, not '\(name)'.")
      }
      return EngineFunctions.hex(function.authenticationCode(bytes(hex: message), key: bytes(hex: key)))
    },
  ]

  /// The bits of a number; those of zero do not depend on its sign, and all NaN are equal.
  private static func bits(_ value: Float) -> UInt32 {
    value.isNaN ? 0x7fc0_0000 : value.isZero ? 0 : value.bitPattern
  }

  private static func bits(_ value: Double) -> UInt64 {
    value.isNaN ? 0x7ff8_0000_0000_0000 : value.isZero ? 0 : value.bitPattern
  }

  private static func combined(
    _ bitmaps: String, _ start: [UInt8], _ combine: (UInt8, UInt8) -> UInt8
  ) -> [UInt8] {
    var result = start
    for bitmap in bitmaps.split(separator: ",") {
      let bytes = bytes(hex: String(bitmap))
      // A short bitmap ends with zeros.
      for i in result.indices { result[i] = combine(result[i], i < bytes.count ? bytes[i] : 0) }
    }
    return result
  }

  static func bytes(hex text: String) -> [UInt8] {
    let digits = text.utf8.map { $0 < 58 ? $0 - 48 : ($0 | 32) - 87 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The shortest bytes that hold a signed number, as Java's `BigInteger` writes it.
  private static func bigEndian(_ number: Int128) -> [UInt8] {
    var bytes = (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * (15 - $0))) }
    let filler: UInt8 = number < 0 ? 255 : 0
    while bytes.count > 1, bytes[0] == filler, bytes[1] >> 7 == filler >> 7 { bytes.removeFirst() }
    return bytes
  }
}

/// The hash function of `hash`, with the variant for the last bytes that Spark has.
enum Murmur3 {
  private static func mixed(_ value: UInt32, _ hash: UInt32) -> UInt32 {
    var value = value &* 0xcc9e_2d51
    value = value << 15 | value >> 17
    var hash = hash ^ (value &* 0x1b87_3593)
    hash = hash << 13 | hash >> 19
    return hash &* 5 &+ 0xe654_6b64
  }

  private static func finished(_ hash: UInt32, _ length: Int) -> Int32 {
    var hash = hash ^ UInt32(truncatingIfNeeded: length)
    hash = (hash ^ hash >> 16) &* 0x85eb_ca6b
    hash = (hash ^ hash >> 13) &* 0xc2b2_ae35
    return Int32(bitPattern: hash ^ hash >> 16)
  }

  static func hash(_ value: Int32, _ seed: UInt32) -> Int32 { finished(mixed(UInt32(bitPattern: value), seed), 4) }

  static func hash(_ value: Int64, _ seed: UInt32) -> Int32 {
    let low = mixed(UInt32(truncatingIfNeeded: value), seed)
    return finished(mixed(UInt32(truncatingIfNeeded: value >> 32), low), 8)
  }

  static func hash(_ bytes: [UInt8], _ seed: UInt32) -> Int32 {
    var hash = seed
    let aligned = bytes.count & ~3
    for i in stride(from: 0, to: aligned, by: 4) {
      hash = mixed((0..<4).reduce(0) { $0 | UInt32(bytes[i + $1]) << UInt32(8 * $1) }, hash)
    }
    for byte in bytes[aligned...] { hash = mixed(UInt32(bitPattern: Int32(Int8(bitPattern: byte))), hash) }
    return finished(hash, bytes.count)
  }
}

/// The hash function of `xxhash64`.
enum XXHash64 {
  private static let p1: UInt64 = 0x9e37_79b1_85eb_ca87
  private static let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
  private static let p3: UInt64 = 0x1656_67b1_9e37_79f9
  private static let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
  private static let p5: UInt64 = 0x27d4_eb2f_1656_67c5

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

  private static func finished(_ hash: UInt64) -> Int64 {
    var hash = (hash ^ hash >> 33) &* p2
    hash = (hash ^ hash >> 29) &* p3
    return Int64(bitPattern: hash ^ hash >> 32)
  }

  private static func round(_ hash: UInt64, _ value: UInt64) -> UInt64 { rotated(hash &+ value &* p2, 31) &* p1 }

  private static func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    rotated(hash ^ round(0, value), 27) &* p1 &+ p4
  }

  private static func mixed4(_ hash: UInt64, _ value: UInt64) -> UInt64 {
    rotated(hash ^ value &* p1, 23) &* p2 &+ p3
  }

  static func hash(_ value: Int32, _ seed: UInt64) -> Int64 {
    finished(mixed4(seed &+ p5 &+ 4, UInt64(UInt32(bitPattern: value))))
  }

  static func hash(_ value: Int64, _ seed: UInt64) -> Int64 {
    finished(mixed(seed &+ p5 &+ 8, UInt64(bitPattern: value)))
  }

  static func hash(_ bytes: [UInt8], _ seed: UInt64) -> Int64 {
    func word(_ position: Int, _ count: Int) -> UInt64 {
      (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }
    var position = 0
    var hash: UInt64
    if bytes.count >= 32 {
      var lanes = [seed &+ p1 &+ p2, seed &+ p2, seed, seed &- p1]
      while position + 32 <= bytes.count {
        for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(position + 8 * lane, 8)) }
        position += 32
      }
      hash = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
      for lane in lanes { hash = (hash ^ round(0, lane)) &* p1 &+ p4 }
    } else {
      hash = seed &+ p5
    }
    hash = hash &+ UInt64(bytes.count)
    while position + 8 <= bytes.count {
      hash = mixed(hash, word(position, 8))
      position += 8
    }
    if position + 4 <= bytes.count {
      hash = mixed4(hash, word(position, 4))
      position += 4
    }
    for byte in bytes[position...] { hash = rotated(hash ^ UInt64(byte) &* p5, 11) &* p1 }
    return finished(hash)
  }
}

/// The hash functions SHA-224, SHA-256, SHA-384 and SHA-512.
struct SHA2 {
  private let bits: Int

  init?(bits: Int) {
    guard [224, 256, 384, 512].contains(bits) else { return nil }
    self.bits = bits
  }

  private var isLong: Bool { bits > 256 }
  private var blockSize: Int { isLong ? 128 : 64 }

  func authenticationCode(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    var key = key.count > blockSize ? digest(key) : key
    key += [UInt8](repeating: 0, count: blockSize - key.count)
    return digest(key.map { $0 ^ 0x5c } + digest(key.map { $0 ^ 0x36 } + message))
  }

  func digest(_ message: [UInt8]) -> [UInt8] {
    var padded = message + [0x80]
    let lengthSize = isLong ? 16 : 8
    while padded.count % blockSize != blockSize - lengthSize { padded.append(0) }
    if isLong { padded += [UInt8](repeating: 0, count: 8) }
    padded += (0..<8).map { UInt8(truncatingIfNeeded: (UInt64(message.count) * 8) >> UInt64(8 * (7 - $0))) }
    let bytes = isLong ? longDigest(padded) : shortDigest(padded)
    return Array(bytes.prefix(bits / 8))
  }

  private func longDigest(_ padded: [UInt8]) -> [UInt8] {
    Self.compressed(
      padded, bits == 512 ? Self.sha512 : Self.sha384, Self.constants, rotations: [14, 18, 41, 28, 34, 39],
      schedule: [1, 8, 7, 19, 61, 6])
  }

  private func shortDigest(_ padded: [UInt8]) -> [UInt8] {
    // The constants of the short functions are the upper halves of those of the long ones; SHA-224 has lower halves.
    let start = bits == 256 ? Self.sha512.map { UInt32($0 >> 32) } : Self.sha384.map { UInt32(truncatingIfNeeded: $0) }
    return Self.compressed(
      padded, start, Self.constants.prefix(64).map { UInt32($0 >> 32) }, rotations: [6, 11, 25, 2, 13, 22],
      schedule: [7, 18, 3, 17, 19, 10])
  }

  private static func compressed<Word: FixedWidthInteger & UnsignedInteger>(
    _ padded: [UInt8], _ start: [Word], _ constants: [Word], rotations r: [Word], schedule s: [Word]
  ) -> [UInt8] {
    func rotated(_ value: Word, _ bits: Word) -> Word { value >> bits | value << (Word(Word.bitWidth) - bits) }
    let size = Word.bitWidth / 8
    var state = start
    var words = [Word](repeating: 0, count: constants.count)
    for block in stride(from: 0, to: padded.count, by: 16 * size) {
      for i in 0..<16 { words[i] = (0..<size).reduce(0) { $0 << 8 | Word(padded[block + i * size + $1]) } }
      for i in 16..<words.count {
        let (a, b) = (words[i - 15], words[i - 2])
        words[i] =
          words[i - 16] &+ (rotated(a, s[0]) ^ rotated(a, s[1]) ^ a >> s[2]) &+ words[i - 7]
          &+ (rotated(b, s[3]) ^ rotated(b, s[4]) ^ b >> s[5])
      }
      var v = state
      for i in 0..<words.count {
        let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
        let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
        let first =
          v[7] &+ (rotated(v[4], r[0]) ^ rotated(v[4], r[1]) ^ rotated(v[4], r[2])) &+ choice &+ constants[i]
          &+ words[i]
        let second = (rotated(v[0], r[3]) ^ rotated(v[0], r[4]) ^ rotated(v[0], r[5])) &+ majority
        v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
      }
      for i in 0..<8 { state[i] &+= v[i] }
    }
    return state.flatMap { word in (0..<size).map { UInt8(truncatingIfNeeded: word >> Word(8 * (size - 1 - $0))) } }
  }

  /// The first 64 bits of the fractions of the roots of prime numbers: square roots here, cube roots below.
  private static let sha512 = fractions(primes(8), root: 2)
  private static let sha384 = fractions(Array(primes(16)[8...]), root: 2)
  private static let constants = fractions(primes(80), root: 3)

  private static func primes(_ count: Int) -> [UInt64] {
    var primes: [UInt64] = []
    var candidate: UInt64 = 2
    while primes.count < count {
      if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes
  }

  /// The largest 64 bits `f` for which (w + f / 2^64)^root is at most the number, bit by bit.
  private static func fractions(_ numbers: [UInt64], root: Int) -> [UInt64] {
    numbers.map { number in
      var whole: UInt64 = 1
      while (root == 2 ? (whole + 1) * (whole + 1) : (whole + 1) * (whole + 1) * (whole + 1)) <= number { whole += 1 }
      var fraction: UInt64 = 0
      for bit in (0..<64).reversed() {
        let candidate = fraction | 1 << UInt64(bit)
        if isAtMost(whole, candidate, root, number) { fraction = candidate }
      }
      return fraction
    }
  }

  /// Compares a power of `whole + fraction / 2^64` with a number, in words of 64 bits, the least first.
  private static func isAtMost(_ whole: UInt64, _ fraction: UInt64, _ root: Int, _ number: UInt64) -> Bool {
    func product(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] {
      var result = [UInt64](repeating: 0, count: a.count + b.count)
      for i in a.indices {
        var carry: UInt64 = 0
        for j in b.indices {
          let (high, low) = a[i].multipliedFullWidth(by: b[j])
          let (sum, overflow) = result[i + j].addingReportingOverflow(low)
          let (sum2, overflow2) = sum.addingReportingOverflow(carry)
          result[i + j] = sum2
          carry = high + (overflow ? 1 : 0) + (overflow2 ? 1 : 0)
        }
        result[i + b.count] = carry
      }
      return result
    }
    let value = [fraction, whole]
    var power = product(value, value)
    if root == 3 { power = product(power, value) }
    // The number stands above `root` words of fractions.
    return power[root] < number || power[root] == number && power[..<root].allSatisfy { $0 == 0 }
  }
}
