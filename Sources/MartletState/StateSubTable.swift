// Unsafe code. Invariant: the entries `entries[0 ..< count]` are initialized and owned by the table, and so are
// `touched[0 ..< count]`, if there are any; each entry has exactly one slot, which holds its tag in its high half and
// its index + 1 in its low half; a slot of zero is free, and at most three of four slots are taken.

public import MartletCore

/// A part of a `StateTable`: the keys whose tags begin with the same bits.
///
/// A plain value that moves together with the memory it points to. Call `free` before discarding it.
@frozen @usableFromInline
package struct StateSubTable<Key: Hashable, State> {
  @usableFromInline package var slots: UnsafeMutablePointer<UInt64>
  @usableFromInline package var entries: UnsafeMutablePointer<(Key, State)>
  /// The times when each key was last touched; only in tables whose keys time out.
  @usableFromInline package var touched: UnsafeMutablePointer<Int64>?
  @usableFromInline package var mask: Int
  @usableFromInline package var count = 0
  /// The number of entries for which there is memory. Pages that have not been written take no space.
  @usableFromInline package var capacity: Int
  /// The number of entries that fit in the memory and the slots.
  @usableFromInline var room: Int
  /// The number of leading bits of their tags that all keys share.
  @usableFromInline var depth: Int
  /// The last cycle of snapshots that included this sub-table.
  @usableFromInline var cycle: Int

  /// A sub-table for `expected` entries.
  @usableFromInline
  init(expecting expected: Int, depth: Int, cycle: Int, isTimed: Bool) {
    capacity = Self.capacity(for: expected)
    self.depth = depth
    self.cycle = cycle
    entries = Self.allocate(capacity)
    touched = isTimed ? Self.allocate(capacity) : nil
    let slotCount = Self.slotCount(for: expected * 9 / 8)
    slots = Self.freeSlots(slotCount)
    mask = slotCount - 1
    room = Swift.min(capacity, slotCount / 4 * 3)
  }

  @inlinable static var smallest: Int { 12 }

  /// The number of entries to allocate memory for if there are `count`: some more, or twice as many if that costs
  /// nothing.
  static func capacity(for count: Int) -> Int {
    count * 2 * MemoryLayout<(Key, State)>.stride >= StateMemory.pagedBytes
      ? count * 2 : Swift.max(Self.smallest, count * 9 / 8)
  }

  /// The least power of two of which `count` is at most three quarters.
  static func slotCount(for count: Int) -> Int {
    var slotCount = 16
    while slotCount * 3 < count * 4 { slotCount *= 2 }
    return slotCount
  }

  static func allocate<Item>(_ count: Int) -> UnsafeMutablePointer<Item> {
    StateMemory.allocate(count * MemoryLayout<Item>.stride, alignment: MemoryLayout<Item>.alignment)
      .bindMemory(to: Item.self, capacity: count)
  }

  @inlinable
  static func deallocate<Item>(_ items: UnsafeMutablePointer<Item>, _ count: Int) {
    StateMemory.free(items, count * MemoryLayout<Item>.stride)
  }

  static func freeSlots(_ count: Int) -> UnsafeMutablePointer<UInt64> {
    let slots: UnsafeMutablePointer<UInt64> = allocate(count)
    // Pages from the system are zero.
    if count * MemoryLayout<UInt64>.stride < StateMemory.pagedBytes { slots.initialize(repeating: 0, count: count) }
    return slots
  }

  /// Deinitializes the entries and frees the memory.
  @inlinable
  func free() {
    entries.deinitialize(count: count)
    Self.deallocate(entries, capacity)
    Self.deallocate(slots, mask + 1)
    if let touched { Self.deallocate(touched, capacity) }
  }

  /// The index of the entry of `key`; -1 if there is none.
  @inlinable @inline(__always)
  func find(_ key: UnsafePointer<Key>, tag: UInt32) -> Int {
    var i = Int(truncatingIfNeeded: tag) & mask
    while true {
      let slot = slots[i]
      if slot == 0 { return -1 }
      if UInt32(truncatingIfNeeded: slot &>> 32) == tag {
        let index = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
        let entry = entries + index
        if entry.pointee.0 == key.pointee || areSameThoughUnequal(&(entry + 0).pointee.0, key) { return index }
      }
      i = (i &+ 1) & mask
    }
  }

  /// Adds an entry for a new key, and returns its index.
  @inlinable @inline(__always)
  mutating func append(_ key: consuming Key, _ state: consuming State, tag: UInt32, at time: Int64) -> Int {
    if count == room { grow() }
    (entries + count).initialize(to: (key, state))
    if let touched { touched[count] = time }
    count &+= 1
    place(UInt64(truncatingIfNeeded: tag) &<< 32 | UInt64(truncatingIfNeeded: count))
    return count &- 1
  }

  @inlinable @inline(__always)
  func place(_ slot: UInt64) {
    var i = Int(truncatingIfNeeded: slot &>> 32) & mask
    while slots[i] != 0 { i = (i &+ 1) & mask }
    slots[i] = slot
  }

  /// Removes the entry at `index`; the last one takes its place.
  @inlinable
  mutating func remove(at index: Int, tag: UInt32, seed: UInt64, watch: KeyWatch<Key>?) {
    vacate(slot(of: index, tag: tag))
    (entries + index).deinitialize(count: 1)
    count &-= 1
    if index != count {
      let lastTag = stateTag(&(entries + count).pointee.0, seed: seed, watch: watch)
      slots[slot(of: count, tag: lastTag)] =
        UInt64(truncatingIfNeeded: lastTag) &<< 32 | UInt64(truncatingIfNeeded: index &+ 1)
      (entries + index).moveInitialize(from: entries + count, count: 1)
      if let touched { touched[index] = touched[count] }
    }
    if count &* 4 < room && room > Self.smallest { shrink() }
  }

  /// The position of the slot of an entry.
  @inlinable @inline(__always)
  func slot(of index: Int, tag: UInt32) -> Int {
    let wanted = UInt64(truncatingIfNeeded: tag) &<< 32 | UInt64(truncatingIfNeeded: index &+ 1)
    var i = Int(truncatingIfNeeded: tag) & mask
    while slots[i] != wanted { i = (i &+ 1) & mask }
    return i
  }

  /// Frees a slot and moves later ones up, so that no search ends too early.
  @inlinable @inline(__always)
  func vacate(_ slot: Int) {
    var hole = slot
    var next = (hole &+ 1) & mask
    while slots[next] != 0 {
      let home = Int(truncatingIfNeeded: slots[next] &>> 32) & mask
      if ((next &- home) & mask) >= ((next &- hole) & mask) {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next &+ 1) & mask
    }
    slots[hole] = 0
  }

  /// Makes space for at least one more entry.
  @usableFromInline @inline(never)
  mutating func grow() {
    if count == capacity { moveEntries(to: Swift.max(Self.capacity(for: count), count + count / 4 + Self.smallest)) }
    if count == (mask + 1) / 4 * 3 { moveSlots(to: (mask + 1) * 2) }
    room = Swift.min(capacity, (mask + 1) / 4 * 3)
  }

  /// Frees memory if there are far fewer entries than before.
  @usableFromInline @inline(never)
  mutating func shrink() {
    room = Swift.max(Self.smallest, count * 2)
    moveEntries(to: room)
    let slotCount = Self.slotCount(for: room)
    if slotCount != mask + 1 { moveSlots(to: slotCount) }
  }

  private mutating func moveEntries(to newCapacity: Int) {
    let moved: UnsafeMutablePointer<(Key, State)> = Self.allocate(newCapacity)
    moved.moveInitialize(from: entries, count: count)
    Self.deallocate(entries, capacity)
    entries = moved
    if let old = touched {
      let times: UnsafeMutablePointer<Int64> = Self.allocate(newCapacity)
      times.update(from: old, count: count)
      Self.deallocate(old, capacity)
      touched = times
    }
    capacity = newCapacity
  }

  private mutating func moveSlots(to slotCount: Int) {
    let old = slots
    let oldCount = mask + 1
    slots = Self.freeSlots(slotCount)
    mask = slotCount - 1
    for i in 0..<oldCount where old[i] != 0 { place(old[i]) }
    Self.deallocate(old, oldCount)
  }

  /// Moves the entries whose next bit is set into a new sub-table, which is returned.
  @inlinable @inline(never)
  mutating func split() -> StateSubTable {
    let tags = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
    defer { tags.deallocate() }
    for i in 0...mask where slots[i] != 0 {
      tags[Int(truncatingIfNeeded: slots[i] & 0xFFFF_FFFF) - 1] = UInt32(truncatingIfNeeded: slots[i] &>> 32)
    }
    let bit = UInt32(1) &<< UInt32(31 - depth)
    var moving = 0
    for i in 0..<count where tags[i] & bit != 0 { moving += 1 }
    let isTimed = touched != nil
    var zeros = StateSubTable(expecting: count - moving, depth: depth + 1, cycle: cycle, isTimed: isTimed)
    var ones = StateSubTable(expecting: moving, depth: depth + 1, cycle: cycle, isTimed: isTimed)
    for i in 0..<count {
      let time = touched.map { $0[i] } ?? 0
      if tags[i] & bit == 0 {
        zeros.take(entries + i, tag: tags[i], at: time)
      } else {
        ones.take(entries + i, tag: tags[i], at: time)
      }
    }
    count = 0
    free()
    self = zeros
    return ones
  }

  /// Adds an entry that is moved from `entry`; there is space for it.
  @inlinable @inline(__always)
  mutating func take(_ entry: UnsafeMutablePointer<(Key, State)>, tag: UInt32, at time: Int64) {
    (entries + count).moveInitialize(from: entry, count: 1)
    if let touched { touched[count] = time }
    count += 1
    place(UInt64(truncatingIfNeeded: tag) &<< 32 | UInt64(truncatingIfNeeded: count))
  }
}

/// The part of a key's hash that a `StateTable` uses: its high bits select the sub-table, its low bits the slot.
///
/// - Parameter watch: detects keys that are not equal to themselves.
@inlinable @inline(__always)
package func stateTag<Key: Hashable>(_ key: UnsafePointer<Key>, seed: UInt64, watch: KeyWatch<Key>?) -> UInt32 {
  if !isPlainKey(Key.self), let watch, watch.differs(key) {
    return UInt32(truncatingIfNeeded: hashOfUnequal(key, seed: seed) &>> 32)
  }
  return UInt32(truncatingIfNeeded: slotHash(key, seed: seed) &>> 32)
}
