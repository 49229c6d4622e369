/// The count, mean, variance, minimum and maximum of numbers, computed in one pass.
public struct StatCounter: Sendable, Equatable, CustomStringConvertible {
  /// The number of numbers.
  public private(set) var count = 0
  /// Their mean; 0 if there are none.
  public var mean: Double { center }
  /// The least number; infinity if there are none, NaN if one of them is NaN.
  public private(set) var min = Double.infinity
  /// The greatest number; minus infinity if there are none, NaN if one of them is NaN.
  public private(set) var max = -Double.infinity
  private var center = 0.0
  private var squares = 0.0

  /// Creates an empty counter.
  public init() {}

  /// Creates a counter of these numbers.
  public init(_ values: some Sequence<Double>) {
    for value in values { merge(value) }
  }

  /// Adds a number.
  public mutating func merge(_ value: Double) {
    count += 1
    let distance = value - center
    center += distance / Double(count)
    squares += distance * (value - center)
    widen(to: value, value)
  }

  /// Adds the numbers of the other counter.
  public mutating func merge(_ other: StatCounter) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let distance = other.center - center
    let total = Double(count + other.count)
    center += distance * Double(other.count) / total
    squares += other.squares + distance * distance * Double(count) * Double(other.count) / total
    count += other.count
    widen(to: other.min, other.max)
  }

  /// NaN stays both the least and the greatest number, as in Java's `Math.min` and `Math.max`.
  private mutating func widen(to low: Double, _ high: Double) {
    if low < min || low.isNaN { min = low }
    if high > max || high.isNaN { max = high }
  }

  /// The sum of the numbers.
  public var sum: Double { center * Double(count) }
  /// The mean of the squared deviations from the mean; NaN if there are no numbers.
  public var variance: Double { count > 0 ? squares / Double(count) : .nan }
  /// The square root of the variance.
  public var stdev: Double { variance.squareRoot() }
  /// The variance of the population that the numbers are a sample of: divided by one less; NaN if there are fewer than
  /// two.
  public var sampleVariance: Double { count > 1 ? squares / Double(count - 1) : .nan }
  /// The square root of the sample variance.
  public var sampleStdev: Double { sampleVariance.squareRoot() }

  public var description: String { "(count: \(count), mean: \(mean), stdev: \(stdev), max: \(max), min: \(min))" }
}
