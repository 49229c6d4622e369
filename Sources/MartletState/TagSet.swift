// Unsafe code. Invariant: `storage` is initialized for the lifetime of the set; its `tags` have space for `capacity`
// tags, of which the first `count` are set; `slots` has twice as many items, a power of two, each of which is 0 or one
// of the tags.

/// A set of the tags of keys, in insertion order.
@usableFromInline
package final class TagSet {
  @frozen @usableFromInline
  struct Storage {
    @usableFromInline var tags: UnsafeMutablePointer<UInt32>
    @usableFromInline var slots: UnsafeMutablePointer<UInt32>
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0
    /// 0 marks free slots, so the tag 0 has none.
    var hasZero = false

    init(capacity: Int) {
      self.capacity = capacity
      tags = .allocate(capacity: capacity)
      slots = .allocate(capacity: capacity * 2)
      slots.initialize(repeating: 0, count: capacity * 2)
    }

    func free() {
      tags.deallocate()
      slots.deallocate()
    }
  }

  /// Behind a pointer, because each access to a variable of an object is checked.
  @usableFromInline let storage: UnsafeMutablePointer<Storage>
  /// The capacity that is retained between batches.
  private let least = 1024

  package init() {
    storage = .allocate(capacity: 1)
    storage.initialize(to: Storage(capacity: least))
  }

  deinit {
    storage.pointee.free()
    storage.deallocate()
  }

  @inlinable package var count: Int { storage.pointee.count }
  /// The `count` tags, valid until the next change.
  @inlinable package var tags: UnsafeMutablePointer<UInt32> { storage.pointee.tags }

  /// Adds `tag`; returns `false` if it exists.
  @inlinable @inline(__always) @discardableResult
  package func insert(_ tag: UInt32) -> Bool {
    let slots = storage.pointee.slots
    let mask = storage.pointee.capacity &* 2 &- 1
    var i = Int(truncatingIfNeeded: tag) & mask
    while slots[i] != 0 {
      if slots[i] == tag { return false }
      i = (i &+ 1) & mask
    }
    return add(tag)
  }

  @usableFromInline @inline(never)
  func add(_ tag: UInt32) -> Bool {
    if tag == 0 {
      if storage.pointee.hasZero { return false }
      storage.pointee.hasZero = true
    }
    if storage.pointee.count == storage.pointee.capacity { grow() }
    storage.pointee.tags[storage.pointee.count] = tag
    storage.pointee.count += 1
    place(tag)
    return true
  }

  private func grow() {
    let old = storage.pointee
    storage.pointee = Storage(capacity: old.capacity * 2)
    storage.pointee.hasZero = old.hasZero
    storage.pointee.tags.update(from: old.tags, count: old.count)
    storage.pointee.count = old.count
    for i in 0..<old.count { place(old.tags[i]) }
    old.free()
  }

  private func place(_ tag: UInt32) {
    guard tag != 0 else { return }
    let mask = storage.pointee.capacity * 2 - 1
    var i = Int(truncatingIfNeeded: tag) & mask
    while storage.pointee.slots[i] != 0 { i = (i + 1) & mask }
    storage.pointee.slots[i] = tag
  }

  /// Removes all tags. Frees half of the memory if it was hardly used.
  @usableFromInline
  package func removeAll() {
    let (count, capacity) = (storage.pointee.count, storage.pointee.capacity)
    if capacity > least && count < capacity / 8 {
      storage.pointee.free()
      storage.pointee = Storage(capacity: capacity / 2)
    } else if count > 0 {
      storage.pointee.slots.update(repeating: 0, count: capacity * 2)
      storage.pointee.count = 0
      storage.pointee.hasZero = false
    }
  }
}
