// Unsafe code. Invariant: that of `AggregationTable`; the elements that are read stay initialised and their owner's.

// Tables that are read again and again are merged without being copied first: a value that is found is combined in
// place, and only keys that are new are copied.
extension AggregationTable {
  /// As `merge`, of pairs that stay their owner's.
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

  /// Changes the values of the keys that are there by those of pairs that stay their owner's; other keys are passed over.
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
