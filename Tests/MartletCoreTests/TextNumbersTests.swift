import MartletCore
import Testing

@Suite struct TextNumbersTests {
  @Test func `integers are parsed as from strings`() {
    let strings = [
      "", "+", "-", "0", "-0", "+0", "7", "-7", "+7", "007", " 7", "7 ", "1_000", "1.5", "1e3", "--1", "٣", "0x10",
      "127", "128", "-128", "-129", "255", "256", "9223372036854775807", "9223372036854775808",
      "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
      "000000000000000000000000000000000000000127", "-000000000000000000000000000000000000000128",
      "99999999999999999999999999999999999999999", "12345678901234567890x", "1234567890123456789012345678 ",
    ]
    for string in strings {
      let text = Text(string)
      #expect(Int(text) == Int(string), "\(string)")
      #expect(UInt(text) == UInt(string), "\(string)")
      #expect(Int8(text) == Int8(string), "\(string)")
      #expect(UInt8(text) == UInt8(string), "\(string)")
      #expect(Int32(text) == Int32(string), "\(string)")
      #expect(UInt64(text) == UInt64(string), "\(string)")
      #expect(Int128(text) == Int128(string), "\(string)")
    }
    #expect(Int("8080") == 8080)
  }

  @Test func `random integers are parsed as from strings`() {
    var samples = TextSamples(seed: 60)
    for _ in 0..<2000 {
      let value = Int.random(in: .min ... .max, using: &samples) >> Int.random(in: 0..<64, using: &samples)
      #expect(Int(Text("\(value)")) == value)
      #expect(Int(Text("\(value)\(value.magnitude)")) == Int("\(value)\(value.magnitude)"))
      let (string, text) = samples.pair()
      #expect(Int(text) == Int(string))
    }
  }

  @Test func `floating-point numbers are parsed as from strings`() {
    let strings = [
      "", "+", "-", ".", "0", "-0", "+5", "1.", ".5", "-.5", "1.5", "-12.75", "0.1", "0.3", "1e5", "1E-5", "inf",
      "-inf",
      "infinity", "nan", "NaN", "0x1p3", " 1", "1 ", "1,5", "1.2.3", "123456789012345", "1234567890123456",
      "0.000000000000001", "00000000000000000001.5", "9007199254740993", "1e400", "4.9e-324", "1.5x", "٣",
      "179769313486231570000000000000000000000000000000000000000000000000000000000000000000000000000",
    ]
    for string in strings {
      let read = Double(Text(string))
      #expect(read?.bitPattern == Double(string)?.bitPattern, "\(string)")
    }
    #expect(Double("1.5") == 1.5)
  }

  @Test func `fractions with more digits than a number holds are rounded once`() {
    var samples = TextSamples(seed: 62)
    for _ in 0..<2000 {
      // Beyond 2^53, and, with a point, still short enough for the short path.
      let digits = "\(Int.random(in: 9_007_199_254_740_993...9_999_999_999_999_999, using: &samples) | 1)"
      let point = Int.random(in: 1..<digits.count, using: &samples)
      let string = digits.prefix(point) + "." + digits.dropFirst(point)
      #expect(Double(Text(String(string)))?.bitPattern == Double(string)?.bitPattern, "\(string)")
    }
  }

  @Test func `random decimal fractions are parsed as from strings`() {
    var samples = TextSamples(seed: 61)
    for _ in 0..<3000 {
      let digits = "\(UInt64.random(in: .min ... .max, using: &samples) >> UInt64.random(in: 0..<64, using: &samples))"
      let point = Int.random(in: 1...digits.count, using: &samples)
      let string = (Bool.random(using: &samples) ? "-" : "") + digits.prefix(point) + "." + digits.dropFirst(point)
      #expect(Double(Text(string))?.bitPattern == Double(string)?.bitPattern, "\(string)")
      let value = Double(bitPattern: UInt64.random(in: .min ... .max, using: &samples))
      #expect(Double(Text("\(value)"))?.bitPattern == Double("\(value)")?.bitPattern)
    }
  }

  @Test func `other numbers and Booleans are parsed as from strings`() {
    for string in ["", "1.5", "-0", "1e3", "nan", "inf", "0x1p4", " 1", "true", "false", "True", "yes"] {
      let text = Text(string)
      #expect(Float(text)?.bitPattern == Float(string)?.bitPattern, "\(string)")
      #expect(Bool(text) == Bool(string), "\(string)")
      #if arch(x86_64)
        #expect(Float80(text).map { "\($0)" } == Float80(string).map { "\($0)" }, "\(string)")
      #endif
      #if !(os(macOS) && arch(x86_64))
        #expect(Float16(text)?.bitPattern == Float16(string)?.bitPattern, "\(string)")
      #endif
    }
    for string in ["ff", "-ff", "0b1", "z", ""] {
      #expect(Int(Text(string), radix: 16) == Int(string, radix: 16), "\(string)")
      #expect(UInt8(Text(string), radix: 36) == UInt8(string, radix: 36), "\(string)")
    }
  }
}
