// Unsafe code. Invariant: that of `AggregationTable`; the elements that are read stay initialized, and their owner's.

// Tables that are read several times are merged without copying them first: a known key's value is combined in place,
// and only new keys are copied.
extension AggregationTable {
  /// The same as `merge`, for pairs that remain their owner's.
  @inlinable @inline(__always)
  package mutating func merge<Input>(
    sharing source: UnsafeMutablePointer<(Key, Input)>, _ sourceCount: Int, create: (Input) throws -> Value,
    update: (inout Value, Input) throws -> Void
  ) throws {
    var done = 0
    while done < sourceCount {
      let pairs = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      prefetch(pairs, size)
      for i in 0..<size {
        if let entry = findPrefetched(pairs + i, i) {
          try update(&(entry + 0).pointee.1, (pairs + i).pointee.1)
        } else {
          insert((pairs + i).pointee.0, try create((pairs + i).pointee.1), hash: group[i].hash)
        }
      }
      done &+= size
    }
  }

  /// Updates the values of existing keys with pairs that remain their owner's; other keys are ignored.
  @inlinable @inline(__always)
  package mutating func update<Input>(
    sharing source: UnsafeMutablePointer<(Key, Input)>, _ sourceCount: Int,
    _ update: (inout Value, Input) throws -> Void
  ) throws {
    var done = 0
    while done < sourceCount {
      let pairs = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      prefetch(pairs, size)
      for i in 0..<size {
        guard let entry = findPrefetched(pairs + i, i) else { continue }
        try update(&(entry + 0).pointee.1, (pairs + i).pointee.1)
      }
      done &+= size
    }
  }
}
