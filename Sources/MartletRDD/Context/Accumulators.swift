import MartletCore

/// A value that tasks add to and that the driver reads.
///
/// ```swift
/// let longest = sc.accumulator(0) { max($0, $1) }
/// try lines.foreach { longest.add($0.utf8Count) }
/// print(longest.value)
/// ```
/// The additions of a task are merged into the value when the task has succeeded; those of a failed task are dropped.
/// An RDD that is computed twice adds twice.
public final class Accumulator<Value: Sendable>: Sendable {
  /// A name for display.
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

  /// The additions of all tasks that have succeeded.
  public var value: Value { storage.value }

  /// Resets the value to zero.
  public func reset() { storage.reset() }
}

/// A sum of integers that tasks add to. `Accumulator` explains when additions count.
public final class LongAccumulator: Sendable {
  /// A name for display.
  public let name: String?
  private let storage = AccumulatorStorage((sum: 0, count: 0)) {
    $0.sum &+= $1.sum
    $0.count &+= $1.count
  }

  init(_ name: String?) { self.name = name }

  /// Adds a number, from any thread. The sum wraps around on overflow.
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
  /// The number of additions.
  public var count: Int { storage.value.count }
  /// The mean of the numbers; NaN if there are none.
  public var avg: Double {
    let (sum, count) = storage.value
    return Double(sum) / Double(count)
  }
  /// A Boolean value that indicates whether nothing has been added.
  public var isZero: Bool { storage.value.count == 0 }

  /// Resets the sum to zero.
  public func reset() { storage.reset() }
}

/// A sum of floating-point numbers that tasks add to. `Accumulator` explains when additions count.
public final class DoubleAccumulator: Sendable {
  /// A name for display.
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
  /// The number of additions.
  public var count: Int { storage.value.count }
  /// The mean of the numbers; NaN if there are none.
  public var avg: Double {
    let (sum, count) = storage.value
    return sum / Double(count)
  }
  /// A Boolean value that indicates whether nothing has been added.
  public var isZero: Bool { storage.value.count == 0 }

  /// Resets the sum to zero.
  public func reset() { storage.reset() }
}

/// A collection that tasks add elements to, in no particular order. `Accumulator` explains when additions count.
///
/// Texts that keep much more input alive than they need are copied when they are added.
public final class CollectionAccumulator<Element: Sendable>: Sendable {
  /// A name for display.
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
  /// A Boolean value that indicates whether nothing has been added.
  public var isZero: Bool { storage.value.isEmpty }

  /// Removes all elements.
  public func reset() { storage.reset() }
}

extension MartletContext {
  /// Creates a sum of integers that tasks can add to.
  public func longAccumulator(_ name: String? = nil) -> LongAccumulator { LongAccumulator(name) }

  /// Creates a sum of floating-point numbers that tasks can add to.
  public func doubleAccumulator(_ name: String? = nil) -> DoubleAccumulator { DoubleAccumulator(name) }

  /// Creates a collection that tasks can add elements to: `collectionAccumulator(of: Int.self)`.
  public func collectionAccumulator<Element: Sendable>(
    _ name: String? = nil, of type: Element.Type = Element.self
  ) -> CollectionAccumulator<Element> {
    CollectionAccumulator(name)
  }

  /// Creates an accumulator of your own values.
  ///
  /// - Parameters:
  ///   - zero: the initial value of each task; must be neutral when it is merged.
  ///   - merge: combines two values; must be associative and commutative, and must not use the accumulator.
  public func accumulator<Value: Sendable>(
    _ zero: Value, name: String? = nil, _ merge: @escaping @Sendable (Value, Value) -> Value
  ) -> Accumulator<Value> {
    Accumulator(zero, name, merge)
  }
  /// Creates a sum of integers of the type of `zero`. The sum wraps around on overflow.
  public func accumulator<Value: FixedWidthInteger & Sendable>(
    _ zero: Value, name: String? = nil
  ) -> Accumulator<Value> {
    Accumulator(zero, name) { $0 &+ $1 }
  }

  /// Creates a sum of floating-point numbers of the type of `zero`.
  public func accumulator<Value: FloatingPoint & Sendable>(
    _ zero: Value, name: String? = nil
  ) -> Accumulator<Value> {
    Accumulator(zero, name) { $0 + $1 }
  }
}
