/// Count, mean, variance, minimum and maximum of numbers, gathered in one pass.
public struct StatCounter: Sendable, Equatable, CustomStringConvertible {
  /// How many numbers there are.
  public private(set) var count = 0
  /// Their mean; 0 if there are none.
  public var mean: Double { center }
  /// The least of them; infinity if there are none, not a number if one of them is none.
  public private(set) var min = Double.infinity
  /// The greatest of them; minus infinity if there are none, not a number if one of them is none.
  public private(set) var max = -Double.infinity
  private var center = 0.0
  private var squares = 0.0

  /// The facts about no numbers.
  public init() {}

  /// The facts about these numbers.
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

  /// Adds the numbers that the other one has counted.
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

  /// What is not a number stays both the least and the greatest, as in Java's `Math.min` and `Math.max`.
  private mutating func widen(to low: Double, _ high: Double) {
    if low < min || low.isNaN { min = low }
    if high > max || high.isNaN { max = high }
  }

  /// The sum of the numbers.
  public var sum: Double { center * Double(count) }
  /// The mean of the squared distances from the mean; not a number if there are no numbers.
  public var variance: Double { count > 0 ? squares / Double(count) : .nan }
  /// The square root of the variance.
  public var stdev: Double { variance.squareRoot() }
  /// The variance of what the numbers are a sample of: divided by one less; not a number if there are no numbers.
  public var sampleVariance: Double { count > 1 ? squares / Double(count - 1) : .nan }
  /// The square root of the sample variance.
  public var sampleStdev: Double { sampleVariance.squareRoot() }

  public var description: String { "(count: \(count), mean: \(mean), stdev: \(stdev), max: \(max), min: \(min))" }
}
