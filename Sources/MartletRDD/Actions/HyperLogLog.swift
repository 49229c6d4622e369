#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Estimates the number of distinct hashes in a few hundred bytes: HyperLogLog with registers for 64-bit hashes, read
/// by Ertl's estimator (2017), which needs no tables and is equally accurate for small and large numbers.
@usableFromInline
package struct HyperLogLog: Sendable {
  private let precision: Int
  /// The registers while they are few, each with its value of six bits.
  private var few: [UInt32] = []
  /// For each register, the largest number of leading zeros of a hash, plus one; empty while `few` is used.
  private var registers: [UInt8] = []

  private static var fewAtMost: Int { 32 }

  /// The number of bits of a hash that select the register for this standard error; `nil` if the error is out of range.
  static func precision(relativeSD: Double) -> Int? {
    guard relativeSD >= 0.00026 && relativeSD < 1 else { return nil }
    return Swift.max(4, Int((2 * log2(1.054 / relativeSD)).rounded(.up)))
  }

  @usableFromInline
  package init(precision: Int) { self.precision = precision }

  @usableFromInline
  package mutating func add(_ hash: UInt64) {
    let register = Int(hash &>> UInt64(64 - precision))
    // The bit after the hash stops the count.
    let rest = hash &<< UInt64(precision) | 1 &<< UInt64(precision - 1)
    raise(register, to: UInt8(rest.leadingZeroBitCount + 1))
  }

  private mutating func raise(_ register: Int, to value: UInt8) {
    if !registers.isEmpty {
      if registers[register] < value { registers[register] = value }
      return
    }
    if let place = few.firstIndex(where: { $0 >> 6 == register }) {
      if few[place] & 63 < value { few[place] = UInt32(register) << 6 | UInt32(value) }
    } else if few.count < Self.fewAtMost {
      few.append(UInt32(register) << 6 | UInt32(value))
    } else {
      registers = Array(repeating: 0, count: 1 << precision)
      for pair in few { registers[Int(pair >> 6)] = UInt8(pair & 63) }
      few = []
      raise(register, to: value)
    }
  }

  @usableFromInline
  package mutating func merge(_ other: HyperLogLog) {
    for pair in other.few { raise(Int(pair >> 6), to: UInt8(pair & 63)) }
    for (register, value) in other.registers.enumerated() where value > 0 { raise(register, to: value) }
  }

  /// The approximate number of distinct hashes.
  @usableFromInline package var estimate: Int {
    let size = 1 << precision
    let most = 64 - precision
    var counts = Array(repeating: 0, count: most + 2)
    if registers.isEmpty {
      counts[0] = size - few.count
      for pair in few { counts[Int(pair & 63)] += 1 }
    } else {
      for value in registers { counts[Int(value)] += 1 }
    }
    if counts[0] == size { return 0 }
    let m = Double(size)
    var z = m * tau(1 - Double(counts[most + 1]) / m)
    for value in stride(from: most, through: 1, by: -1) { z = (z + Double(counts[value])) / 2 }
    z += m * sigma(Double(counts[0]) / m)
    return Int((m * m / (2 * log(2) * z)).rounded())
  }

  private func sigma(_ x: Double) -> Double {
    var (x, y, z) = (x, 1.0, x)
    while true {
      x *= x
      let before = z
      z += x * y
      y += y
      if z == before || !z.isFinite { return z }
    }
  }

  private func tau(_ x: Double) -> Double {
    if x <= 0 || x >= 1 { return 0 }
    var (x, y, z) = (x, 1.0, 1 - x)
    while true {
      x = x.squareRoot()
      let before = z
      y /= 2
      z -= (1 - x) * (1 - x) * y
      if z == before { return z / 3 }
    }
  }
}
