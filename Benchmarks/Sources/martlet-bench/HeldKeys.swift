import Martlet

/// A key of 12 bytes, without a pattern that would help hashing.
func heldKey(_ number: Int) -> Text {
  var digits = Array("k00000000000".utf8)
  var left = number
  var place = digits.count - 1
  while left > 0 {
    digits[place] = UInt8(48 + left % 10)
    left /= 10
    place -= 1
  }
  return Text(String(decoding: digits, as: UTF8.self))
}

/// An error for a result that differs from an independent computation.
struct WrongResult: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
