import MartletCore

/// An RDD that a stream has made for a batch.
struct GeneratedRDD {
  var time: Time
  var rdd: AnyObject
  /// Whether the stream, and not the program, has persisted the RDD.
  var isPersistedByStream: Bool
  /// Whether it is there for its own batch alone, though others are kept for later ones.
  var isPassing = false
}

/// The RDDs that a stream remembers, by the times of their batches: found in logarithmic time, since long windows ask for
/// very many. It does not name the elements' type: to get at types made at run time costs more than all else that an empty
/// batch does.
struct GeneratedRDDs {
  /// In order of their times; those before `start` have been taken away.
  private var made: [GeneratedRDD?] = []
  private var start = 0

  subscript(time: Time) -> AnyObject? {
    let position = position(of: time)
    guard position < made.count, let found = made[position], found.time.nanoseconds == time.nanoseconds else {
      return nil
    }
    return found.rdd
  }

  /// Adds an RDD, which is nearly always the last: who looks back may have one made later.
  mutating func insert(_ new: GeneratedRDD) { made.insert(new, at: position(of: new.time)) }

  /// The oldest RDD, if its batch is not behind `limit`.
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

  /// Of the first one that is not before `time`.
  private func position(of time: Time) -> Int {
    var low = start
    var high = made.count
    // Most ask for the last, or for one that is yet to be made.
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
