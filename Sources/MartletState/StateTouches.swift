/// Which keys of a table may be due to time out, without looking at the others.
///
/// Keys are named by their tags, and lie in buckets by the time at which they were touched when they were put there. A
/// key that is touched again stays where it is: only when its bucket's time comes, the table looks when the key was
/// really touched, and puts it into that bucket. So touching costs nothing here, and each key is in one bucket.
@usableFromInline
package final class StateTouches {
  private struct Bucket {
    var start: Int64
    var tags: [UInt32]
  }

  /// In order of time, from `first` on.
  private var buckets: [Bucket] = []
  private var first = 0
  /// A bucket holds the tags of so many nanoseconds: the whole time-out has about a thousand buckets.
  private let width: Int64
  /// How many tags there are, those of keys included that have been removed.
  @usableFromInline package private(set) var count = 0

  package init(timeout: Int64) { width = max(1, timeout / 1024) }

  /// Adds a key that was touched at `time`.
  @usableFromInline
  package func add(_ tag: UInt32, at time: Int64) {
    count += 1
    let start = time - (time % width + width) % width
    if let last = buckets.last, last.start == start, buckets.count > first {
      buckets[buckets.count - 1].tags.append(tag)
      return
    }
    var low = first
    var high = buckets.count
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle].start < start { low = middle + 1 } else { high = middle }
    }
    if low < buckets.count && buckets[low].start == start {
      buckets[low].tags.append(tag)
    } else {
      buckets.insert(Bucket(start: start, tags: [tag]), at: low)
    }
  }

  /// Takes the tags of all keys that may have been touched last before `time`.
  @usableFromInline
  package func takeTouched(before time: Int64) -> [UInt32] {
    var taken: [UInt32] = []
    while first < buckets.count && buckets[first].start < time {
      if taken.isEmpty { taken = buckets[first].tags } else { taken += buckets[first].tags }
      buckets[first].tags = []
      first += 1
    }
    if first > 16 && first * 2 > buckets.count {
      buckets.removeFirst(first)
      first = 0
    }
    count -= taken.count
    return taken
  }

  package func removeAll() {
    buckets = []
    first = 0
    count = 0
  }
}
