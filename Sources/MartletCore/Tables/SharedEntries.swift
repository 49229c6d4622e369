// Unsafe code. Invariant: that of `AggregationTable`; the elements that are read stay initialised and their owner's.

public import CMartlet

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
      let group = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      prefetch(group, size)
      for i in 0..<size {
        if let entry = find(&(group + i).pointee.0, hash: hashes[i]) {
          try update(&(entry + 0).pointee.1, (group + i).pointee.1)
        } else {
          insert((group + i).pointee.0, try create((group + i).pointee.1), hash: hashes[i])
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
      let group = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      prefetch(group, size)
      for i in 0..<size {
        guard let entry = find(&(group + i).pointee.0, hash: hashes[i]) else { continue }
        try update(&(entry + 0).pointee.1, (group + i).pointee.1)
      }
      done &+= size
    }
  }

  /// Hashes a group of keys and fetches their slots and entries.
  @inlinable @inline(__always)
  mutating func prefetch<Input>(_ group: UnsafeMutablePointer<(Key, Input)>, _ size: Int) {
    for i in 0..<size {
      let hash = slotHash(&(group + i).pointee.0, seed: seed)
      hashes[i] = hash
      martlet_prefetch(slots + (Int(truncatingIfNeeded: hash) & mask))
    }
    for i in 0..<size {
      let slot = slots[Int(truncatingIfNeeded: hashes[i]) & mask]
      martlet_prefetch(entries + (Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1))
    }
  }
}
