// Unsafe code. Invariant: the entries `entries[0 ..< count]` are initialized and owned by the table; each has exactly
// one slot, which holds the low 32 bits of its hash in its high half and its index + 1 in its low half; a slot of zero
// is free, and at most half of the slots are taken.

public import CMartlet

/// Keys with one value each, in the order in which the keys first appeared.
///
/// The table uses linear probing over small slots that point into dense entries. It hashes a whole group of keys,
/// prefetches their slots and then their entries, and only then merges them, so that waits for memory overlap: large
/// tables become about twice as fast. Slots are seeded per process, so that chosen keys cannot make them collide; the
/// order of the entries depends only on the input.
@frozen
@usableFromInline package struct AggregationTable<Key: Hashable, Value>: ~Copyable {
  @usableFromInline package var slots: UnsafeMutablePointer<UInt64>
  @usableFromInline package var entries: UnsafeMutablePointer<(Key, Value)>
  @usableFromInline package var mask: Int
  /// The number of keys.
  @usableFromInline package var count: Int
  @usableFromInline package var capacity: Int
  /// The expected number of keys: a table that outgrows its first size is resized for them at once.
  @usableFromInline let expectedCount: Int
  @usableFromInline package let seed: UInt64
  /// Detects keys that are not equal to themselves, if the type may have any.
  @usableFromInline let watch: KeyWatch<Key>?
  @usableFromInline package let group: UnsafeMutablePointer<GroupMember>

  @inlinable package static var groupSize: Int { 128 }

  @inlinable
  package init(expectedCount: Int = 0) {
    // Small at first, so that a table that stays small costs little, whatever was expected.
    let slotCount = Self.slotCount(for: Swift.min(expectedCount, 1024))
    self.expectedCount = expectedCount
    seed = processSeed
    watch = keyWatch(Key.self)
    slots = Self.allocateSlots(slotCount)
    entries = Self.allocateEntries(slotCount / 2)
    group = .allocate(capacity: Self.groupSize)
    mask = slotCount - 1
    count = 0
    capacity = slotCount / 2
  }

  @inlinable
  deinit {
    entries.deinitialize(count: count)
    Self.free(entries, capacity)
    Self.free(slots, mask + 1)
    group.deallocate()
  }

  /// Merges `sourceCount` pairs: a new key gets the value of `create`, a known one is changed by `update`.
  ///
  /// If a closure throws, the pairs not yet merged are deinitialized, and the table stays valid.
  @inlinable @inline(__always)
  package mutating func merge<Input>(
    _ source: UnsafeMutablePointer<(Key, Input)>, _ sourceCount: Int, create: (Input) throws -> Value,
    update: (inout Value, Input) throws -> Void
  ) throws {
    var done = 0
    do {
      while done < sourceCount {
        let pairs = source + done
        let size = Swift.min(Self.groupSize, sourceCount &- done)
        prefetch(pairs, size)
        for i in 0..<size {
          let pair = pairs + i
          if let entry = findPrefetched(pair, i) {
            try update(&(entry + 0).pointee.1, pair.pointee.1)
            destroy(pair)
          } else {
            let value = try create(pair.pointee.1)
            insert(pair.pointee.0, value, hash: group[i].hash)
            pair.deinitialize(count: 1)
          }
          done &+= 1
        }
      }
    } catch {
      (source + done).deinitialize(count: sourceCount &- done)
      throw error
    }
  }

  /// Hashes a group of keys and prefetches their slots, then their entries.
  @inlinable @inline(__always)
  mutating func prefetch<Input>(_ pairs: UnsafeMutablePointer<(Key, Input)>, _ size: Int) {
    for i in 0..<size {
      let hash = slotHash(&(pairs + i).pointee.0, seed: seed)
      group[i].hash = hash
      martlet_prefetch(slots + (Int(truncatingIfNeeded: hash) & mask))
    }
    if !isPlainKey(Key.self), let watch { rehashUnequal(pairs, size, watch) }
    for i in 0..<size {
      // The slot with the same hash bits is almost certainly the key's own: prefetch its entry.
      let found = slot(of: group[i].hash)
      group[i].entry = Int(truncatingIfNeeded: found & 0xFFFF_FFFF) &- 1
      martlet_prefetch(entries + group[i].entry)
    }
  }

  /// Rehashes the keys of a group that are not equal to themselves by their parts.
  @inlinable @inline(never)
  func rehashUnequal<Input>(_ pairs: UnsafeMutablePointer<(Key, Input)>, _ size: Int, _ watch: KeyWatch<Key>) {
    for i in 0..<size where watch.differs(&(pairs + i).pointee.0) {
      group[i].hash = hashOfUnequal(&(pairs + i).pointee.0, seed: seed)
    }
  }

  /// The entry of the key of the `i`th pair of a group, if it exists.
  @inlinable @inline(__always)
  func findPrefetched<Input>(
    _ pair: UnsafeMutablePointer<(Key, Input)>, _ i: Int
  ) -> UnsafeMutablePointer<(Key, Value)>? {
    let probable = group[i].entry
    if probable >= 0 && entries[probable].0 == pair.pointee.0 { return entries + probable }
    // The key first appeared in this group, or another key has the same hash bits.
    return find(&pair.pointee.0, hash: group[i].hash)
  }

  /// The first slot in the probe sequence of `hash` that has the same hash bits, or is free.
  @inlinable @inline(__always)
  func slot(of hash: UInt64) -> UInt64 {
    let tag = hash &<< 32
    var i = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[i]
      if slot == 0 || slot & 0xFFFF_FFFF_0000_0000 == tag { return slot }
      i = (i &+ 1) & mask
    }
  }

  /// The entry of `key`, if it exists.
  @inlinable @inline(__always)
  package func find(_ key: UnsafePointer<Key>, hash: UInt64) -> UnsafeMutablePointer<(Key, Value)>? {
    let tag = hash &<< 32
    var i = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[i]
      if slot == 0 { return nil }
      if slot & 0xFFFF_FFFF_0000_0000 == tag {
        let entry = entries + (Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1)
        if entry.pointee.0 == key.pointee || areSameThoughUnequal(&(entry + 0).pointee.0, key) { return entry }
      }
      i = (i &+ 1) & mask
    }
  }

  /// Adds a new key. Text keys are compacted, so that they never keep their batch alive.
  @inlinable @inline(never)
  package mutating func insert(_ key: consuming Key, _ value: consuming Value, hash: UInt64) {
    if count == capacity { grow() }
    (entries + count).initialize(to: (ownedKey(key), value))
    count &+= 1
    place(hash &<< 32 | UInt64(truncatingIfNeeded: count))
  }

  @inlinable @inline(__always)
  mutating func place(_ slot: UInt64) {
    var i = Int(truncatingIfNeeded: slot &>> 32) & mask
    while slots[i] != 0 { i = (i &+ 1) & mask }
    slots[i] = slot
  }

  /// Doubles the slots, so that at most half of them are taken.
  @usableFromInline
  static func slotCount(for count: Int) -> Int {
    var slotCount = 32
    while slotCount < count * 2 { slotCount *= 2 }
    return slotCount
  }

  @usableFromInline
  mutating func grow() {
    let oldSlots = slots
    let oldSlotCount = mask + 1
    let slotCount = Swift.max(oldSlotCount * 2, Self.slotCount(for: expectedCount))
    slots = Self.allocateSlots(slotCount)
    mask = slotCount - 1
    for i in 0..<oldSlotCount where oldSlots[i] != 0 { place(oldSlots[i]) }
    Self.free(oldSlots, oldSlotCount)
    let larger = Self.allocateEntries(slotCount / 2)
    larger.moveInitialize(from: entries, count: count)
    Self.free(entries, capacity)
    entries = larger
    capacity = slotCount / 2
  }

  /// Allocates entries on a cache line, so that those of 16, 32 or 64 bytes never straddle two.
  @usableFromInline
  static func allocateEntries(_ count: Int) -> UnsafeMutablePointer<(Key, Value)> {
    martlet_allocate_table(count * MemoryLayout<(Key, Value)>.stride).bindMemory(to: (Key, Value).self, capacity: count)
  }

  /// Allocates free slots.
  @usableFromInline
  static func allocateSlots(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    martlet_allocate_table(count * MemoryLayout<UInt64>.stride).bindMemory(to: UInt64.self, capacity: count)
  }

  @usableFromInline
  static func free<Item>(_ items: UnsafeMutablePointer<Item>, _ count: Int) {
    martlet_free_table(items, count * MemoryLayout<Item>.stride)
  }

  /// Returns all entries; the table must not be used for anything else afterwards.
  @inlinable
  package mutating func takeAll() -> Chunk<(Key, Value)> {
    defer { count = 0 }
    return Chunk(entries, count)
  }
}

/// A key to be merged into a table.
@frozen @usableFromInline
package struct GroupMember {
  @usableFromInline var hash: UInt64
  /// The index of its probable entry, or -1.
  @usableFromInline var entry: Int
}

/// Deinitializes a pair. Short text keys with plain values need nothing, and skipping it saves a call.
@inlinable @inline(__always)
package func destroy<Key, Value>(_ pair: UnsafeMutablePointer<(Key, Value)>) {
  if Key.self == Text.self && _isPOD(Value.self) {
    let key = UnsafeMutableRawPointer(pair).assumingMemoryBound(to: Text.self)
    if key.pointee.isInline { return }
  }
  pair.deinitialize(count: 1)
}

/// `key`, copied out of the block of input that it was read from.
@inlinable @inline(__always)
package func ownedKey<Key>(_ key: consuming Key) -> Key {
  if Key.self == Text.self {
    let text = unsafeBitCast(key, to: Text.self)
    if !text.isInline { return unsafeBitCast(text.compacted(), to: Key.self) }
  }
  return key
}
