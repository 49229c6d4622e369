public import CMartletSIMD
@frozen public struct AggregationTable<Key: Hashable, Value>: ~Copyable {
  @usableFromInline package var slots: UnsafeMutablePointer<UInt64>
  @usableFromInline package var entries: UnsafeMutablePointer<(key: Key, value: Value)>
  @usableFromInline package var mask: Int
  @usableFromInline package var count: Int
  @usableFromInline package var capacity: Int
  @usableFromInline package let seed: UInt64
  @usableFromInline package let hashes = UnsafeMutablePointer<UInt64>.allocate(capacity: 64)
  @inlinable package init(seed: UInt64) {
    self.seed = seed
    let n = 1024
    slots = .allocate(capacity: n)
    slots.initialize(repeating: 0, count: n)
    entries = .allocate(capacity: n / 2)
    mask = n - 1
    count = 0
    capacity = n / 2
  }
  @inlinable deinit {
    entries.deinitialize(count: count)
    entries.deallocate()
    slots.deallocate()
  }
  @inlinable @inline(__always)
  package mutating func mergeAll(_ source: UnsafeMutablePointer<(Key, Value)>, _ count: Int, _ f: (Value, Value) throws -> Value) rethrows {
    var start = 0
    while start < count {
      let n = Swift.min(64, count &- start)
      let group = source + start
      for i in 0..<n {
        let hash = withUnsafePointer(to: &(group + i).pointee.0) { keyHash($0.pointee, seed: seed) }
        hashes[i] = hash
        martlet_prefetch(slots + (Int(truncatingIfNeeded: hash) & mask))
      }
      for i in 0..<n {
        let slot = slots[Int(truncatingIfNeeded: hashes[i]) & mask]
        martlet_prefetch(entries + (Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) - 1))
      }
      for i in 0..<n {
        try merge(group + i, hashes[i], f)
      }
      start &+= n
    }
  }
  @inlinable @inline(__always)
  package mutating func merge(_ source: UnsafeMutablePointer<(Key, Value)>, _ hash: UInt64, _ f: (Value, Value) throws -> Value) rethrows {
    let tag = hash &<< 32
    var i = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[i]
      if slot == 0 {
        (entries + count).initialize(to: source.move())
        count &+= 1
        slots[i] = tag | UInt64(truncatingIfNeeded: count)
        if count == capacity { grow() }
        return
      }
      if slot & 0xFFFF_FFFF_0000_0000 == tag {
        let e = entries + Int(truncatingIfNeeded: (slot & 0xFFFF_FFFF) &- 1)
        if e.pointee.key == source.pointee.0 {
          e.pointee.value = try f(e.pointee.value, source.pointee.1)
          if Key.self == Text.self && _isPOD(Value.self) {
            let t = UnsafeMutableRawPointer(source).assumingMemoryBound(to: Text.self)
            if !t.pointee.isInline { source.deinitialize(count: 1) }
          } else { source.deinitialize(count: 1) }
          return
        }
      }
      i = (i &+ 1) & mask
    }
  }
  @inlinable @inline(never)
  package mutating func grow() {
    let n = (mask + 1) * 2
    let newSlots = UnsafeMutablePointer<UInt64>.allocate(capacity: n)
    newSlots.initialize(repeating: 0, count: n)
    for i in 0...mask where slots[i] != 0 {
      var j = Int(truncatingIfNeeded: slots[i] &>> 32) & (n - 1)
      while newSlots[j] != 0 { j = (j + 1) & (n - 1) }
      newSlots[j] = slots[i]
    }
    let newEntries = UnsafeMutablePointer<(key: Key, value: Value)>.allocate(capacity: n / 2)
    newEntries.moveInitialize(from: entries, count: count)
    entries.deallocate()
    slots.deallocate()
    entries = newEntries
    slots = newSlots
    mask = n - 1
    capacity = n / 2
  }
}
