public import MartletCore
public import MartletRDD

/// The function of `mapWithState` and its settings.
///
/// ```swift
/// let running = StateSpec.function { (word: Text, one: Int?, state: State<Int>) in
///   let sum = (state.getOption() ?? 0) + (one ?? 0)
///   if !state.isTimingOut() { try state.update(sum) }
///   return (word, sum)
/// }
/// let counts = pairs.mapWithState(running.timeout(.seconds(60)))
/// ```
public struct StateSpec<Key: Hashable & Sendable, Value: Sendable, S: Sendable, Mapped: Sendable>: Sendable {
  let task: StateTask<Key, Value, S, Mapped>
  var initial: (@Sendable (MartletContext) -> RDD<(Key, S)>)?
  var partitions: Int?
  var keyPartitioner: Partitioner<Key>?
  var timeoutDuration: Duration?

  @usableFromInline
  init(_ task: @escaping StateTask<Key, Value, S, Mapped>) { self.task = task }

  /// A function that is called for each pair, with its value, and for each key that times out, without a value. Its
  /// results are the elements of the stream.
  @inlinable @inline(__always)
  public static func function(
    _ transform: @escaping @Sendable (Key, Value?, State<S>) throws -> Mapped
  ) -> StateSpec { StateSpec(mapWithStateTask { _, key, value, state in try transform(key, value, state) }) }

  /// The same as `function`, with the time of the batch. If it returns `nil`, nothing is added to the stream.
  @inlinable @inline(__always)
  public static func function(
    _ transform: @escaping @Sendable (Time, Key, Value?, State<S>) throws -> Mapped?
  ) -> StateSpec { StateSpec(mapWithStateTask(transform)) }

  /// Sets the states before the first batch. Ignored when states come from a checkpoint.
  public func initialState(_ states: RDD<(Key, S)>) -> StateSpec { changed { $0.initial = { _ in states } } }

  /// Sets the states before the first batch. Ignored when states come from a checkpoint.
  public func initialState(_ states: [(Key, S)]) -> StateSpec {
    changed { $0.initial = { context in context.parallelize(states) } }
  }

  /// Sets the number of partitions of the keys; by default the default parallelism.
  public func numPartitions(_ count: Int) -> StateSpec {
    changed {
      $0.partitions = count
      $0.keyPartitioner = nil
    }
  }

  /// Sets the partitioner of the keys.
  public func partitioner(_ partitioner: Partitioner<Key>) -> StateSpec {
    changed {
      $0.partitions = nil
      $0.keyPartitioner = partitioner
    }
  }

  /// Removes keys that have had no value for longer than `duration`.
  ///
  /// In the first batch with a later time, the function is called for such a key, without a value; `isTimingOut()` of
  /// its state is `true`, and the state cannot be changed. (Spark looks for such keys when it makes a checkpoint.)
  public func timeout(_ duration: Duration) -> StateSpec { changed { $0.timeoutDuration = duration } }

  private func changed(_ change: (inout StateSpec) -> Void) -> StateSpec {
    var copy = self
    change(&copy)
    return copy
  }
}
