/// Whether `a` comes before `b` where elements are sorted: as `<` has it, but for floating-point numbers in an order in
/// which each of them has a place, that of Java's `Double.compare` and so of Spark: NaN is as great as NaN and greater
/// than all other numbers, and -0.0 comes before 0.0.
///
/// With `<`, NaN is neither before nor behind anything, and where it stands between other elements these are not sorted.
/// Which of the orders is meant is known when the code is specialised: only floating-point numbers pay for theirs.
@inlinable @inline(__always)
package func precedes<Value: Comparable>(_ a: Value, _ b: Value) -> Bool {
  // The types are the same, so the casts change nothing.
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
