#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Estimates how many different hashes it has been given, in a few hundred bytes: HyperLogLog with registers for 64-bit
/// hashes, read by Ertl's estimator (2017), which needs no tables and is as good for few as for many.
@usableFromInline
package struct HyperLogLog: Sendable {
  private let precision: Int
  /// As long as there are few: registers with what is in them, six bits.
  private var few: [UInt32] = []
  /// For each register, the most zeros that a hash has begun with, and one more; empty as long as `few` is used.
  private var registers: [UInt8] = []

  private static var fewAtMost: Int { 32 }

  /// How many bits of a hash choose the register, for so large a standard error; `nil` if it cannot be so small or large.
  static func precision(relativeSD: Double) -> Int? {
    guard relativeSD >= 0.00026 && relativeSD < 1 else { return nil }
    return Swift.max(4, Int((2 * log2(1.054 / relativeSD)).rounded(.up)))
  }

  @usableFromInline
  package init(precision: Int) { self.precision = precision }

  @usableFromInline
  package mutating func add(_ hash: UInt64) {
    let register = Int(hash &>> UInt64(64 - precision))
    // The bit behind the hash stops the count.
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

  /// About how many different hashes there were.
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
