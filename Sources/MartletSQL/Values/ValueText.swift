/// The text of values as Spark's `show` and casts to strings write them.
package struct ValueText {
  /// The seconds that a time zone is east of Greenwich at a time.
  package var secondsFromUTC: @Sendable (SQLTimestamp) -> Int

  package init(secondsFromUTC: @escaping @Sendable (SQLTimestamp) -> Int = { _ in 0 }) {
    self.secondsFromUTC = secondsFromUTC
  }

  package func text(of value: Value) -> String {
    switch value {
    case .null: "NULL"
    case .boolean(let value): String(value)
    case .byte(let value): String(value)
    case .short(let value): String(value)
    case .integer(let value): String(value)
    case .long(let value): String(value)
    case .float(let value): javaText(value)
    case .double(let value): javaText(value)
    case .decimal(let value): value.description
    case .string(let value): value
    case .binary(let value): "[\(value.map(hexadecimal).joined(separator: " "))]"
    case .date(let value): value.description
    case .timestamp(let value): value.description(secondsFromUTC: secondsFromUTC(value))
    case .timestampNTZ(let value): value.description
    case .interval(let value): value.description
    case .array(let elements): "[\(elements.map(text(of:)).joined(separator: ", "))]"
    case .map(let entries):
      "{\(entries.map { "\(text(of: $0.key)) -> \(text(of: $0.value))" }.joined(separator: ", "))}"
    case .row(let row): "{\(row.values.map(text(of:)).joined(separator: ", "))}"
    }
  }

  /// The text of a value of a column.
  func text(of value: Value, as type: DataType) -> String {
    if case .interval(let value) = value { return value.description(as: type) }
    return text(of: value)
  }

  private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }
}

/// A floating-point number as Java prints it: `1.0`, `1.0E10`, `1.0E-4`, `NaN`, `Infinity`.
func javaText<Number: BinaryFloatingPoint & CustomStringConvertible>(_ number: Number) -> String {
  if number.isNaN { return "NaN" }
  if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
  if number.isZero { return number.sign == .minus ? "-0.0" : "0.0" }
  // Swift writes the shortest digits that give the number, with or without an exponent.
  var exponent = 0
  var mantissa = Substring(number.magnitude.description)
  if let mark = mantissa.firstIndex(of: "e") {
    exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
    mantissa = mantissa[..<mark]
  }
  let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
  var digits = parts.joined()
  // The number is 0.digits * 10^point.
  var point = parts[0].count + exponent
  let leading = digits.prefix { $0 == "0" }.count
  digits.removeFirst(leading)
  point -= leading
  while digits.count > 1, digits.last == "0" { digits.removeLast() }
  let sign = number < 0 ? "-" : ""
  func zeros(_ count: Int) -> String { String(repeating: "0", count: max(0, count)) }
  guard (-2...7).contains(point) else {
    return "\(sign)\(digits.prefix(1)).\(digits.count > 1 ? String(digits.dropFirst()) : "0")E\(point - 1)"
  }
  if point <= 0 { return "\(sign)0.\(zeros(-point))\(digits)" }
  let rest = digits.dropFirst(point)
  return "\(sign)\(digits.prefix(point))\(zeros(point - digits.count)).\(rest.isEmpty ? "0" : rest)"
}

/// The digits of a decimal as Java prints it: with an exponent, such as `0E-18`, if it is less than 10^-6.
func javaText(decimal text: String) -> String {
  guard let point = text.firstIndex(of: ".") else { return text }
  let scale = text.distance(from: point, to: text.endIndex) - 1
  let sign = text.hasPrefix("-") ? "-" : ""
  var digits = text.filter { $0.isNumber }.drop { $0 == "0" }
  if digits.isEmpty { digits = "0" }
  let exponent = digits.count - 1 - scale
  guard exponent < -6 else { return text }
  let rest = digits.dropFirst()
  return "\(sign)\(digits.prefix(1))\(rest.isEmpty ? "" : ".")\(rest)E\(exponent)"
}
