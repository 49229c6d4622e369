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
      let pairs = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      fetch(pairs, size)
      for i in 0..<size {
        if let entry = fetchedEntry(pairs + i, i) {
          try update(&(entry + 0).pointee.1, pairs[i].1)
        } else {
          insert(pairs[i].0, try create(pairs[i].1), hash: group[i].hash)
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
      fetch(pairs, size)
      for i in 0..<size {
        guard let entry = fetchedEntry(pairs + i, i) else { continue }
        try update(&(entry + 0).pointee.1, pairs[i].1)
      }
      done &+= size
    }
  }

  /// Hashes a group of keys, and fetches their slots and probable entries.
  @inlinable @inline(__always)
  func fetch<Input>(_ pairs: UnsafeMutablePointer<(Key, Input)>, _ size: Int) {
    for i in 0..<size {
      let hash = slotHash(&(pairs + i).pointee.0, seed: seed)
      group[i].hash = hash
      martlet_prefetch(slots + (Int(truncatingIfNeeded: hash) & mask))
    }
    for i in 0..<size {
      group[i].entry = Int(truncatingIfNeeded: slot(of: group[i].hash) & 0xFFFF_FFFF) &- 1
      martlet_prefetch(entries + group[i].entry)
    }
  }

  /// The entry of a pair's key, which is number `i` of the group that was fetched.
  @inlinable @inline(__always)
  func fetchedEntry<Input>(_ pair: UnsafeMutablePointer<(Key, Input)>, _ i: Int) -> UnsafeMutablePointer<(Key, Value)>?
  {
    let probable = group[i].entry
    if probable >= 0 && entries[probable].0 == pair.pointee.0 { return entries + probable }
    return find(&pair.pointee.0, hash: group[i].hash)
  }
}
