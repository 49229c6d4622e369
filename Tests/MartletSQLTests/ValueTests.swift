import MartletSQL
import Testing

@testable import struct MartletSQL.ValueText

@Suite("Values") struct ValueTests {
  @Test(
    "A decimal prints all its digits",
    arguments: [
      ("0", "0"), ("12.50", "12.50"), ("-0.05", "-0.05"), ("+1", "1"), (".5", "0.5"), ("5.", "5"), ("1.5e3", "1500"),
      ("1.25e-3", "0.00125"), ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
      ("-0.00000000000000000000000000000000000001", "-0.00000000000000000000000000000000000001"),
    ]) func decimalText(text: String, expected: String) throws
  {
    #expect(try #require(SQLDecimal(text)).description == expected)
  }

  @Test(
    "Text that is not a decimal of 38 digits is refused",
    arguments: [
      "", "-", ".", "1.2.3", "1e", "1e200", "abc", "1 ", "123456789012345678901234567890123456789", "NaN", "1_0",
    ]) func badDecimals(text: String)
  { #expect(SQLDecimal(text) == nil) }

  @Test("Decimals are equal and ordered as numbers, whatever their scale") func decimalOrder() throws {
    let numbers = try ["-1.5", "-1.25", "0", "0.10", "0.2", "12", "12.01"].map { try #require(SQLDecimal($0)) }
    #expect(numbers.shuffled().sorted() == numbers)
    #expect(SQLDecimal("12.30") == SQLDecimal("12.3"))
    #expect(Set([SQLDecimal("1.0"), SQLDecimal("1"), SQLDecimal("1.00")]).count == 1)
    #expect(SQLDecimal("99999999999999999999999999999999999999")! > SQLDecimal("0.5")!)
    #expect(SQLDecimal("0.00000000000000000000000000000000000001")! < SQLDecimal(1))
    #expect(SQLDecimal("12.00")!.integerValue == 12 && SQLDecimal("12.5")!.integerValue == nil)
    #expect(SQLDecimal(0.1)?.description == "0.1" && SQLDecimal(Double.nan) == nil)
  }

  @Test(
    "A date prints as in Spark",
    arguments: [
      (2024, 2, 29, "2024-02-29"), (44, 3, 15, "0044-03-15"), (10_000, 1, 1, "+10000-01-01"), (-1, 1, 1, "-0001-01-01"),
      (0, 1, 1, "0000-01-01"), (1582, 10, 4, "1582-10-04"), (1970, 1, 1, "1970-01-01"),
    ]) func dateText(year: Int, month: Int, day: Int, expected: String) throws
  {
    let date = try #require(SQLDate(year: year, month: month, day: day))
    #expect(date.description == expected)
    #expect(date.components == (year, month, day))
    #expect(SQLDate(expected) == date)
  }

  @Test("Every day follows the one before it") func daysFollow() throws {
    var previous = SQLDate(days: -800_000).components
    for days in -799_999...800_000 {
      let date = SQLDate(days: Int32(days))
      let (year, month, day) = date.components
      let isNext =
        day == previous.day + 1 && month == previous.month && year == previous.year
        || day == 1 && month == previous.month + 1 && year == previous.year
        || day == 1 && month == 1 && previous.month == 12 && year == previous.year + 1
      guard isNext, SQLDate(year: year, month: month, day: day) == date else {
        Issue.record("\(date) follows \(previous)")
        return
      }
      previous = (year, month, day)
    }
    #expect(SQLDate(days: 19_782).description == "2024-02-29")
  }

  @Test(
    "Text that is not a date is refused",
    arguments: ["", "2024-02-30", "2023-02-29", "2024-13-01", "24-01-01", "2024-01-01x", "2024-", "2024-1-1 10:00"])
  func badDates(text: String) { #expect(SQLDate(text) == nil) }

  @Test(
    "A time is read with and without parts",
    arguments: [
      ("2024-02-29", "2024-02-29 00:00:00"), (" 2024-2-9 1:2 ", "2024-02-09 01:02:00"),
      ("2024-02-29T12:30:00.5Z", "2024-02-29 12:30:00.5"), ("2024-02-29 12:30:00+01:00", "2024-02-29 11:30:00"),
      ("2024-02-29 00:00:00 -0230", "2024-02-29 02:30:00"),
      ("1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"),
      ("2024-01-01 00:00:00.000001", "2024-01-01 00:00:00.000001"),
      ("2024-01-01 00:00:00.123456789", "2024-01-01 00:00:00.123456"), ("2024", "2024-01-01 00:00:00"),
      ("2024-01-01 00:00:00UTC", "2024-01-01 00:00:00"),
    ]) func timestamps(text: String, expected: String) throws
  {
    #expect(try #require(SQLTimestamp(text)).description == expected)
  }

  @Test(
    "Text that is not a time is refused",
    arguments: [
      "", "2024-01-01 24:00", "2024-01-01 10", "2024-01-01 10:60", "2024-01-01 10:00:00.", "2024-01-01 10:00 X",
    ]
  ) func badTimestamps(text: String) { #expect(SQLTimestamp(text) == nil) }

  @Test("A time prints in a time zone, and far from today as in Spark") func timestampText() {
    #expect(SQLTimestamp(microseconds: -62_135_596_800_000_001).description == "0000-12-31 23:59:59.999999")
    #expect(SQLTimestamp(microseconds: 253_402_300_800_000_000).description == "+10000-01-01 00:00:00")
    #expect(SQLTimestamp(microseconds: 0).description(secondsFromUTC: -3600) == "1969-12-31 23:00:00")
  }

  @Test(
    "An interval prints as in Spark",
    arguments: [
      (0, 0, 0, "0 seconds"), (14, 3, 14_706_789_000, "1 years 2 months 3 days 4 hours 5 minutes 6.789 seconds"),
      (-14, -3, -14_706_789_000, "-1 years -2 months -3 days -4 hours -5 minutes -6.789 seconds"),
      (13, 0, 500_000, "1 years 1 months 0.5 seconds"), (0, 0, -1, "-0.000001 seconds"),
      (0, 15, 113_500_000_000, "15 days 31 hours 31 minutes 40 seconds"),
    ]) func intervals(months: Int32, days: Int32, microseconds: Int64, expected: String)
  {
    #expect(SQLInterval(months: months, days: days, microseconds: microseconds).description == expected)
  }

  @Test(
    "A floating-point number prints as in Java",
    arguments: [
      (1.0, "1.0"), (0.001, "0.001"), (0.0001, "1.0E-4"), (1_234_567.0, "1234567.0"), (12_345_678.0, "1.2345678E7"),
      (9_999_999.999, "9999999.999"), (1e7, "1.0E7"), (9.999e-4, "9.999E-4"),
      (1.797_693_134_862_315_7e308, "1.7976931348623157E308"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
      (-0.0, "-0.0"), (0, "0.0"), (100, "100.0"), (123_456_789_012.5, "1.234567890125E11"), (2e22, "2.0E22"),
      (.nan, "NaN"), (1e10, "1.0E10"), (-1234.5, "-1234.5"), (0.1, "0.1"), (1e16, "1.0E16"), (123e15, "1.23E17"),
    ]) func doubles(number: Double, expected: String)
  {
    #expect(Value.double(number).description == expected)
  }

  @Test(
    "A float prints its own digits",
    arguments: [
      (Float(0.1), "0.1"), (1.0e7, "1.0E7"), (16_777_216, "1.6777216E7"), (0.0009, "9.0E-4"), (33_333.332, "33333.332"),
    ]
  ) func floats(number: Float, expected: String) { #expect(Value.float(number).description == expected) }

  @Test("Values of different widths are equal if they are the same number") func equality() {
    #expect(Value.integer(1) == Value.long(1) && Value.byte(1) != Value.short(2))
    #expect(Value.integer(1).hashValue == Value.long(1).hashValue)
    #expect(Value.double(.nan) == Value.double(.nan) && Value.float(0.5) == Value.double(0.5))
    #expect(Value.double(-.nan).hashValue == Value.float(.nan).hashValue)
    #expect(Value.long(1) != Value.double(1) && Value.null == nil && Value.null != 0)
    #expect(Value.array([.integer(1), nil]) == [1, nil])
  }

  @Test("A value tells its type") func types() {
    #expect(Value.decimal(SQLDecimal("12.50")!).type == .decimal(precision: 4, scale: 2))
    #expect(Value.decimal(SQLDecimal("0.05")!).type == .decimal(precision: 2, scale: 2))
    #expect(Value.array([nil, 1]).type == .array(.long))
    #expect(Value.map([.init("a", nil), .init("b", true)]).type == .map(key: .string, value: .boolean))
  }
}
