/// The keys of a table that may time out, without a scan of the others.
///
/// Keys are identified by their tags, and are in buckets by the time at which they were touched when they were added. A
/// key that is touched again stays in its bucket: only when the time of the bucket comes, the table looks up when the
/// key was last touched, and adds it to that bucket. Touching therefore costs nothing here, and each key is in one
/// bucket.
@usableFromInline
package final class StateTouches {
  private struct Bucket {
    var start: Int64
    var tags: [UInt32]
  }

  /// In order of time, beginning with `first`.
  private var buckets: [Bucket] = []
  private var first = 0
  /// The number of nanoseconds that a bucket covers: the whole time-out has about a thousand buckets.
  private let width: Int64
  /// The number of tags, including those of removed keys.
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

  /// Takes the tags of all keys that may have been last touched before `time`.
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
