/// Returns true if `a` is ordered before `b` in sorted elements: as by `<`, but for floating-point numbers in a total
/// order, that of Java's `Double.compare` and thus of Spark: all NaNs are equal and greater than all other numbers, and
/// -0.0 comes before 0.0.
///
/// With `<`, NaN is neither less nor greater than anything, and elements on either side of it would not be sorted. The
/// order is selected when the code is specialized: only floating-point numbers pay for theirs.
@inlinable @inline(__always)
package func precedes<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
  // The types are equal, so the casts change nothing.
  if Value.self == Double.self {
    return numberPrecedes(unsafeBitCast(a, to: Double.self), unsafeBitCast(b, to: Double.self))
  }
  if Value.self == Float.self {
    return numberPrecedes(unsafeBitCast(a, to: Float.self), unsafeBitCast(b, to: Float.self))
  }
  return a < b
}

@inlinable @inline(__always)
package func numberPrecedes<Number: FloatingPoint>(_ a: Number, _ b: Number) -> Bool {
  if a < b { return true }
  if a > b { return false }
  // Zeros are equal, whatever their signs.
  if a == b { return a.sign == .minus && b.sign == .plus }
  // At least one of them is NaN.
  return !a.isNaN
}
