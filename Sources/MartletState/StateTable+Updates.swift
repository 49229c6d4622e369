// Unsafe code. Invariant: of `source`, the pairs from `done` on are initialized; earlier ones have been deinitialized.

public import CMartlet
public import MartletCore

/// What becomes of a key's state.
@frozen @usableFromInline
package enum StateChange<State> {
  /// Nothing.
  case unchanged
  /// It stays as it is, and the key's time-out begins anew.
  case touched
  case set(State)
  case removed
}

extension StateTable {
  /// For each pair, lets `body` decide what becomes of the state of its key. The pairs are consumed, also if it throws.
  @inlinable @inline(__always)
  package mutating func updateEach<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>
  ) throws {
    var done = 0
    do {
      while done < sourceCount {
        let group = source + done
        let size = Swift.min(Self.groupSize, sourceCount &- done)
        prefetch(group, size)
        for i in 0..<size {
          let pair = group + i
          let tag = tags[i]
          let table = table(tag)
          let index = table.pointee.find(&pair.pointee.0, tag: tag)
          if index >= 0 {
            let state = (table.pointee.entries + index).pointee.1
            switch try body(&pair.pointee.0, pair.pointee.1, state) {
            case .unchanged: break
            case .touched: try touch(table, index, tag: tag)
            case .set(let new): try replace(table, index, new, tag: tag)
            case .removed: try remove(table, index, tag: tag)
            }
          } else if case .set(let new) = try body(&pair.pointee.0, pair.pointee.1, nil) {
            try insert(pair.pointee.0, new, tag: tag)
          }
          destroy(pair)
          done &+= 1
        }
      }
    } catch {
      (source + done).deinitialize(count: sourceCount &- done)
      throw error
    }
  }

  /// Hashes a group of keys, and prefetches the memory for their look-up.
  @inlinable @inline(__always)
  func prefetch<Value>(_ group: UnsafeMutablePointer<(Key, Value)>, _ size: Int) {
    for i in 0..<size { tags[i] = stateTag(&(group + i).pointee.0, seed: seed, watch: watch) }
    prefetch(tags: tags, size)
  }

  /// Prefetches the memory for the look-up of keys with these tags.
  @inlinable @inline(__always)
  func prefetch(tags: UnsafeMutablePointer<UInt32>, _ size: Int) {
    for i in 0..<size {
      let table = table(tags[i])
      martlet_prefetch(table.pointee.slots + (Int(truncatingIfNeeded: tags[i]) & table.pointee.mask))
    }
    for i in 0..<size {
      let table = table(tags[i])
      let slot = table.pointee.slots[Int(truncatingIfNeeded: tags[i]) & table.pointee.mask]
      let index = Int(truncatingIfNeeded: slot & 0xFFFF_FFFF) &- 1
      martlet_prefetch(table.pointee.entries + index)
      if let touched = table.pointee.touched { martlet_prefetch(touched + index) }
    }
  }

  /// Lets `body` decide for every key, once each: with its value if the key is among the pairs, otherwise with
  /// `absent`. Pairs have different keys, and are consumed, also if it throws.
  ///
  /// Finds the entries of all pairs first, so that nothing moves meanwhile; then visits the sub-tables, each from its
  /// end, because a removed entry is replaced by the last one; then adds the new keys.
  @inlinable @inline(__always)
  package mutating func updateAll<Value>(
    _ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int, absent: Value,
    _ body: (UnsafePointer<Key>, Value, State?) throws -> StateChange<State>
  ) throws {
    defer { source.deinitialize(count: sourceCount) }
    let plan = locate(source, sourceCount)
    for number in 0..<tableCount {
      plan.turn(to: number, entries: tables[number].count)
      var index = tables[number].count &- 1
      while index >= 0 {
        let table = tables + number
        let entry = table.pointee.entries + index
        let pair = plan.pair(index)
        let state = entry.pointee.1
        let change =
          try pair < 0
          ? body(&entry.pointee.0, absent, state)
          : body(&entry.pointee.0, (source + pair).pointee.1, state)
        switch change {
        case .unchanged: break
        case .touched: try touch(table, index, tag: 0, isLast: true)
        case .set(let new): try replace(table, index, new, tag: 0, isLast: true)
        case .removed: try remove(table, index, tag: stateTag(&entry.pointee.0, seed: seed, watch: watch))
        }
        index &-= 1
      }
    }
    for i in 0..<plan.newPairs.count {
      let pair = source + plan.newPairs[i]
      if case .set(let new) = try body(&pair.pointee.0, pair.pointee.1, nil) {
        try insert(pair.pointee.0, new, tag: stateTag(&pair.pointee.0, seed: seed, watch: watch), isLast: true)
      }
    }
  }

  /// Finds the entry of each pair.
  @inlinable @inline(__always)
  func locate<Value>(_ source: UnsafeMutablePointer<(Key, Value)>, _ sourceCount: Int) -> StateUpdatePlan {
    let plan = StateUpdatePlan(pairs: sourceCount, tables: tableCount)
    var done = 0
    while done < sourceCount {
      let group = source + done
      let size = Swift.min(Self.groupSize, sourceCount &- done)
      prefetch(group, size)
      for i in 0..<size {
        let table = table(tags[i])
        let index = table.pointee.find(&(group + i).pointee.0, tag: tags[i])
        plan.add(pair: done &+ i, table: table - tables, entry: index)
      }
      done &+= size
    }
    return plan
  }

  /// Removes the keys that were touched last before `time`, each after a call of `body`.
  @inlinable @inline(__always)
  package mutating func expire(
    before time: Int64, _ body: (UnsafePointer<Key>, State) throws -> Void
  ) throws {
    guard let touches else { return }
    for tag in touches.takeTouched(before: time) {
      let table = table(tag)
      // Keys may share a tag. One item among the touches stands for all of them: that of the first to time out.
      var earliest = Int64.max
      var slot = Int(truncatingIfNeeded: tag) & table.pointee.mask
      while table.pointee.slots[slot] != 0 {
        let found = table.pointee.slots[slot]
        if UInt32(truncatingIfNeeded: found &>> 32) == tag, let touched = table.pointee.touched {
          let index = Int(truncatingIfNeeded: found & 0xFFFF_FFFF) &- 1
          if touched[index] < time {
            let entry = table.pointee.entries + index
            try body(&entry.pointee.0, entry.pointee.1)
            try remove(table, index, tag: tag)
            slot = Int(truncatingIfNeeded: tag) & table.pointee.mask
            continue
          }
          earliest = Swift.min(earliest, touched[index])
        }
        slot = (slot &+ 1) & table.pointee.mask
      }
      if earliest < Int64.max { touches.add(tag, at: earliest) }
    }
    if touches.count > 2 &* count &+ 1024 { rebuildTouches() }
  }

  /// Forgets the items of removed keys.
  @usableFromInline @inline(never)
  func rebuildTouches() {
    guard let touches else { return }
    touches.removeAll()
    for number in 0..<tableCount {
      guard let touched = tables[number].touched else { continue }
      for slot in 0...tables[number].mask where tables[number].slots[slot] != 0 {
        let found = tables[number].slots[slot]
        touches.add(
          UInt32(truncatingIfNeeded: found &>> 32), at: touched[Int(truncatingIfNeeded: found & 0xFFFF_FFFF) - 1])
      }
    }
  }

  /// Applies a part of a record; returns `false`, and changes nothing, if a key belongs to another partition.
  @inlinable @inline(__always)
  package mutating func apply(
    _ frame: borrowing StateFrame<Key, State>, isOwn: (UnsafePointer<Key>) throws -> Bool, skipsOthers: Bool
  ) throws -> Bool {
    let sets = frame.sets
    let removals = frame.removals
    if !skipsOthers {
      for i in 0..<sets.count where try !isOwn(&(sets.base + i).pointee.0) { return false }
      for i in 0..<removals.count where try !isOwn(removals.base + i) { return false }
    }
    var done = 0
    while done < sets.count {
      let group = sets.base + done
      let size = Swift.min(Self.groupSize, sets.count &- done)
      prefetch(group, size)
      for i in 0..<size {
        let pair = group + i
        if try skipsOthers && !isOwn(&pair.pointee.0) { continue }
        now = frame.times[frame.times.count == 1 ? 0 : done &+ i]
        let table = table(tags[i])
        let index = table.pointee.find(&pair.pointee.0, tag: tags[i])
        if index < 0 {
          try insert(pair.pointee.0, pair.pointee.1, tag: tags[i])
        } else {
          try replace(table, index, pair.pointee.1, tag: tags[i])
        }
      }
      done &+= size
    }
    for i in 0..<removals.count {
      if try skipsOthers && !isOwn(removals.base + i) { continue }
      try remove((removals.base + i).pointee)
    }
    return true
  }
}

// Unsafe code. Invariant: `next` and `entry` have one item for each pair, `heads` for each sub-table, and `current` for
// each entry of the largest sub-table so far.

/// The entries of a table that pairs belong to, by sub-table.
@usableFromInline
package final class StateUpdatePlan {
  /// For each sub-table, its last pair + 1.
  private var heads: [UInt32]
  /// For each pair, the previous one in the same sub-table + 1, and the entry.
  private var links: [(next: UInt32, entry: UInt32)]
  @usableFromInline private(set) var newPairs: [Int] = []
  /// For each entry of the current sub-table, its pair; -1 if it has none.
  @usableFromInline var current: UnsafeMutablePointer<Int32>
  @usableFromInline var hasPairs = false
  private var capacity = 0
  private var marked: [Int] = []

  @usableFromInline
  init(pairs: Int, tables: Int) {
    heads = Array(repeating: 0, count: tables)
    links = Array(repeating: (0, 0), count: pairs)
    current = .allocate(capacity: 0)
  }

  deinit { current.deallocate() }

  @usableFromInline
  func add(pair: Int, table: Int, entry: Int) {
    if entry < 0 {
      newPairs.append(pair)
    } else {
      links[pair] = (heads[table], UInt32(truncatingIfNeeded: entry))
      heads[table] = UInt32(truncatingIfNeeded: pair + 1)
    }
  }

  /// Begins a sub-table.
  @usableFromInline
  func turn(to table: Int, entries: Int) {
    if entries > capacity {
      current.deallocate()
      capacity = entries * 2
      current = .allocate(capacity: capacity)
      current.initialize(repeating: -1, count: capacity)
      marked = []
    }
    for entry in marked { current[entry] = -1 }
    marked.removeAll(keepingCapacity: true)
    var link = heads[table]
    hasPairs = link != 0
    while link != 0 {
      let pair = Int(link) - 1
      current[Int(links[pair].entry)] = Int32(truncatingIfNeeded: pair)
      marked.append(Int(links[pair].entry))
      link = links[pair].next
    }
  }

  /// The pair of an entry of the current sub-table; -1 if it has none.
  @inlinable @inline(__always)
  func pair(_ entry: Int) -> Int { hasPairs ? Int(current[entry]) : -1 }
}
