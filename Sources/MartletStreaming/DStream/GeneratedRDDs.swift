import MartletCore

/// An RDD that a stream has made for a batch.
struct GeneratedRDD {
  var time: Time
  var rdd: AnyObject
  /// True if the stream, and not the program, has persisted the RDD.
  var isPersistedByStream: Bool
  /// True if it is only needed for its own batch, although others are retained for later ones.
  var isPassing = false
}

/// The RDDs that a stream remembers, by the times of their batches. Look-up takes logarithmic time, because long
/// windows request very many. The type of the elements is not part of the type: accessing types created at run time
/// costs more than everything else in an empty batch.
struct GeneratedRDDs {
  /// In the order of their times; those before `start` have been removed.
  private var made: [GeneratedRDD?] = []
  private var start = 0

  subscript(time: Time) -> AnyObject? {
    let position = position(of: time)
    guard position < made.count, let found = made[position], found.time.nanoseconds == time.nanoseconds else {
      return nil
    }
    return found.rdd
  }

  /// Adds an RDD, which is nearly always the last; `slice` may have one made later.
  mutating func insert(_ new: GeneratedRDD) { made.insert(new, at: position(of: new.time)) }

  /// The oldest RDD, if its batch is not after `limit`.
  mutating func takeOldest(through limit: Time) -> GeneratedRDD? {
    guard start < made.count, let oldest = made[start], oldest.time.nanoseconds <= limit.nanoseconds else { return nil }
    made[start] = nil
    start += 1
    if start > 16 && start > made.count / 2 {
      made.removeFirst(start)
      start = 0
    }
    return oldest
  }

  /// The RDD of the batch at `time`, if later batches do not need it.
  mutating func takePassing(at time: Time) -> GeneratedRDD? {
    let position = position(of: time)
    guard position < made.count, let found = made[position], found.isPassing,
      found.time.nanoseconds == time.nanoseconds
    else { return nil }
    made.remove(at: position)
    return found
  }

  /// The position of the first one that is not before `time`.
  private func position(of time: Time) -> Int {
    var low = start
    var high = made.count
    // Most callers request the last one, or one that is yet to be made.
    if let last = made.last ?? nil, last.time.nanoseconds < time.nanoseconds { return high }
    while low < high {
      let middle = (low + high) / 2
      if let candidate = made[middle], candidate.time.nanoseconds < time.nanoseconds {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
