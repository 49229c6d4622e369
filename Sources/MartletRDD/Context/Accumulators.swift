import MartletCore

/// A value that tasks add to and that the driver reads.
///
/// ```swift
/// let longest = sc.accumulator(0) { max($0, $1) }
/// try lines.foreach { longest.add($0.utf8Count) }
/// print(longest.value)
/// ```
/// What a task adds is merged into the value when the task has succeeded; what a failed task has added is dropped. An
/// RDD that is computed twice adds twice.
public final class Accumulator<Value: Sendable>: Sendable {
  /// The name, for people.
  public let name: String?
  private let storage: AccumulatorStorage<Value>
  private let merge: @Sendable (Value, Value) -> Value

  init(_ zero: Value, _ name: String?, _ merge: @escaping @Sendable (Value, Value) -> Value) {
    self.name = name
    self.merge = merge
    storage = AccumulatorStorage(zero) { $0 = merge($0, $1) }
  }

  /// Adds a value, from any thread.
  public func add(_ value: Value) { storage.update { [merge] in $0 = merge($0, value) } }

  /// Adds a value, from any thread.
  public static func += (accumulator: Accumulator, value: Value) { accumulator.add(value) }

  /// What all tasks that have succeeded have added.
  public var value: Value { storage.value }

  /// Starts again.
  public func reset() { storage.reset() }
}

/// A sum of whole numbers that tasks add to. See `Accumulator` for when what they add counts.
public final class LongAccumulator: Sendable {
  /// The name, for people.
  public let name: String?
  private let storage = AccumulatorStorage((sum: 0, count: 0)) {
    $0.sum &+= $1.sum
    $0.count &+= $1.count
  }

  init(_ name: String?) { self.name = name }

  /// Adds a number, from any thread. Sums that do not fit wrap around.
  public func add(_ number: Int) {
    storage.update {
      $0.sum &+= number
      $0.count &+= 1
    }
  }

  /// Adds a number, from any thread.
  public static func += (accumulator: LongAccumulator, number: Int) { accumulator.add(number) }

  /// The sum.
  public var value: Int { storage.value.sum }
  /// The sum.
  public var sum: Int { storage.value.sum }
  /// How many numbers have been added.
  public var count: Int { storage.value.count }
  /// The mean of the numbers; not a number if there are none.
  public var avg: Double {
    let (sum, count) = storage.value
    return Double(sum) / Double(count)
  }
  /// Whether nothing has been added.
  public var isZero: Bool { storage.value.count == 0 }

  /// Starts again.
  public func reset() { storage.reset() }
}

/// A sum of floating-point numbers that tasks add to. See `Accumulator` for when what they add counts.
public final class DoubleAccumulator: Sendable {
  /// The name, for people.
  public let name: String?
  private let storage = AccumulatorStorage((sum: 0.0, count: 0)) {
    $0.sum += $1.sum
    $0.count &+= $1.count
  }

  init(_ name: String?) { self.name = name }

  /// Adds a number, from any thread.
  public func add(_ number: Double) {
    storage.update {
      $0.sum += number
      $0.count &+= 1
    }
  }

  /// Adds a number, from any thread.
  public static func += (accumulator: DoubleAccumulator, number: Double) { accumulator.add(number) }

  /// The sum.
  public var value: Double { storage.value.sum }
  /// The sum.
  public var sum: Double { storage.value.sum }
  /// How many numbers have been added.
  public var count: Int { storage.value.count }
  /// The mean of the numbers; not a number if there are none.
  public var avg: Double {
    let (sum, count) = storage.value
    return sum / Double(count)
  }
  /// Whether nothing has been added.
  public var isZero: Bool { storage.value.count == 0 }

  /// Starts again.
  public func reset() { storage.reset() }
}

/// A collection that tasks add elements to, in no particular order. See `Accumulator` for when what they add counts.
///
/// Texts that keep much more input alive than they need are copied when they are added.
public final class CollectionAccumulator<Element: Sendable>: Sendable {
  /// The name, for people.
  public let name: String?
  private let storage = AccumulatorStorage([Element]()) { $0 += $1 }
  private let compact: (@Sendable (Element) -> Element)? = textCompaction()

  init(_ name: String?) { self.name = name }

  /// Adds an element, from any thread.
  public func add(_ element: Element) {
    let kept = compact.map { $0(element) } ?? element
    storage.update { $0.append(kept) }
  }

  /// The elements added.
  public var value: [Element] { storage.value }
  /// Whether nothing has been added.
  public var isZero: Bool { storage.value.isEmpty }

  /// Starts again.
  public func reset() { storage.reset() }
}

extension MartletContext {
  /// A sum of whole numbers that tasks can add to.
  public func longAccumulator(_ name: String? = nil) -> LongAccumulator { LongAccumulator(name) }

  /// A sum of floating-point numbers that tasks can add to.
  public func doubleAccumulator(_ name: String? = nil) -> DoubleAccumulator { DoubleAccumulator(name) }

  /// A collection that tasks can add elements to: `collectionAccumulator(of: Int.self)`.
  public func collectionAccumulator<Element: Sendable>(
    _ name: String? = nil, of type: Element.Type = Element.self
  ) -> CollectionAccumulator<Element> {
    CollectionAccumulator(name)
  }

  /// A value of your own that tasks can add to.
  ///
  /// - Parameters:
  ///   - zero: what each task begins with; must change nothing when it is merged.
  ///   - merge: combines two values; must be associative and commutative, and must not use the accumulator.
  public func accumulator<Value: Sendable>(
    _ zero: Value, name: String? = nil, _ merge: @escaping @Sendable (Value, Value) -> Value
  ) -> Accumulator<Value> {
    Accumulator(zero, name, merge)
  }
  /// A sum of whole numbers of the type of `zero` that tasks can add to. Sums that do not fit wrap around.
  public func accumulator<Value: FixedWidthInteger & Sendable>(
    _ zero: Value, name: String? = nil
  ) -> Accumulator<Value> {
    Accumulator(zero, name) { $0 &+ $1 }
  }

  /// A sum of floating-point numbers of the type of `zero` that tasks can add to.
  public func accumulator<Value: FloatingPoint & Sendable>(
    _ zero: Value, name: String? = nil
  ) -> Accumulator<Value> {
    Accumulator(zero, name) { $0 + $1 }
  }
}
