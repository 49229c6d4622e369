import Testing

@testable import MartletSQL

/// The functions in Swift that the engine calls: each is compared with values of its specification, or of Java.
@Suite struct EngineFunctionTests {
  @Test("Digests are those of the specification, for one block and for several")
  func digests() throws {
    let short = Array("abc".utf8)
    let long = [UInt8](repeating: UInt8(ascii: "a"), count: 200)
    let digests: [(bits: Int, short: String, long: String)] = [
      (224, "23097d223405d822", "2559984fd15e055f"), (256, "ba7816bf8f01cfea", "c2a908d98f5df987"),
      (384, "cb00753f45a35e8b", "0691b6e978614b67"), (512, "ddaf35a193617aba", "4b11459c33f52a22"),
    ]
    for digest in digests {
      let function = try #require(SHA2(bits: digest.bits))
      #expect(EngineFunctions.hex(function.digest(short)).hasPrefix(digest.short))
      #expect(EngineFunctions.hex(function.digest(long)).hasPrefix(digest.long))
      #expect(function.digest(short).count == digest.bits / 8)
    }
    #expect(SHA2(bits: 1) == nil)
  }

  @Test("Numbers are rounded by the digits that they print as")
  func rounding() throws {
    let cases: [(text: String, scale: Int, up: String, even: String)] = [
      ("2.5", 0, "3", "2"), ("-2.5", 0, "-3", "-2"), ("1.005", 2, "1.01", "1.00"), ("9.99", 1, "10.0", "10.0"),
      ("0.04", 1, "0.0", "0.0"), ("15", -1, "20", "20"), ("25", -1, "30", "20"), ("1e-7", 3, "0.000", "0.000"),
      ("1.5e3", 0, "1500", "1500"), ("-0.001", 2, "0.00", "0.00"),
    ]
    for item in cases {
      var up = try #require(DecimalDigits(item.text))
      var even = up
      up.round(item.scale)
      even.round(item.scale, isEven: true)
      #expect(up.text(max(0, item.scale)) == item.up, "\(item.text)")
      #expect(even.text(max(0, item.scale)) == item.even, "\(item.text)")
    }
    #expect(DecimalDigits("1.2.3") == nil)
    #expect(DecimalDigits("") == nil)
  }

  @Test("Formats of numbers are read and written")
  func numberFormats() throws {
    let dollars = try #require(NumberFormat("$99,999.99"))
    #expect(dollars.type == .decimal(precision: 7, scale: 2))
    #expect(dollars.number("$12,345.60") == "12345.60")
    #expect(dollars.number("12,345.60") == nil)
    #expect(dollars.number("$1234,5.60") == nil)
    #expect(dollars.text("1234.5")?.contains("$1,234.50") == true)
    #expect(dollars.text("123456")?.contains("#") == true)
    #expect(NumberFormat("9x9") == nil)
    let signed = try #require(NumberFormat("S999"))
    #expect(signed.number("-7") == "-7")
    #expect(signed.number("+7") == "7")
  }

  @Test("Offsets of time zones are read in all of their forms")
  func offsets() {
    #expect(TimePattern.offset("+02:00") == 7200)
    #expect(TimePattern.offset("-5") == -18000)
    #expect(TimePattern.offset("GMT+1") == 3600)
    #expect(TimePattern.offset("Z") == 0)
    #expect(TimePattern.offset("Europe/Berlin") == nil)
    #expect(TimePattern.offset("+25:00") == nil)
    #expect(TimePattern.zone(-5400, "XXX") == "-01:30")
    #expect(TimePattern.zone(0, "XXX") == "Z")
    #expect(TimePattern.microseconds("1970-01-01 01:00:00+0100", "yyyy-MM-dd HH:mm:ssZ") == 0)
    #expect(TimePattern.microseconds("1970-02-30 01:00:00+0100", "yyyy-MM-dd HH:mm:ssZ") == nil)
    #expect(TimePattern.microseconds("Jan 1, 70 1 AM", "MMM d, yy h a") == 3_155_763_600_000_000)
  }

  @Test("Intervals are written with the fields of their types")
  func intervals() {
    let time = SQLInterval(days: 1, microseconds: 7_384_500_000)
    #expect(time.description(as: .dayTimeInterval(from: .day, to: .second)) == "INTERVAL '1 02:03:04.5' DAY TO SECOND")
    #expect(time.description(as: .dayTimeInterval(from: .hour, to: .minute)) == "INTERVAL '26:03' HOUR TO MINUTE")
    let negative = SQLInterval(months: -14)
    #expect(negative.description(as: .yearMonthInterval(from: .year, to: .month)) == "INTERVAL '-1-2' YEAR TO MONTH")
    #expect(negative.description(as: .yearMonthInterval(from: .month, to: .month)) == "INTERVAL '-14' MONTH")
    #expect(DataType.dayTimeInterval(from: .day, to: .day).description == "interval day")
  }

  @Test("Paths in JSON are written for the engine")
  func paths() {
    #expect(JSONPath("$.a['b c'][0]")?.engineText == "$.\"a\".\"b c\"[0]")
    #expect(JSONPath("$.a[*].b")?.hasWildcard == true)
    #expect(JSONPath("a") == nil)
    #expect(JSONPath("$.a[x]") == nil)
  }
}
