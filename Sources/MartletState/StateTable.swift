// Unsafe code. Invariant: `tables[0 ..< tableCount]` are initialized and owned by the table; every entry of `directory`
// is the number of one of them; a sub-table of depth d has the 2^(depth - d) neighboring entries of those tags whose
// first d bits are its own.

public import MartletCore

/// Keys with one state each, retained across batches.
///
/// The table uses extendible hashing: the keys are in sub-tables of a few thousand. A full sub-table splits in two, so
/// that no change ever moves more keys than one sub-table holds, and a snapshot can be taken piece by piece. A
/// sub-table stores its entries contiguously, and slots that point to them.
@frozen
@usableFromInline package struct StateTable<Key: Hashable, State>: ~Copyable {
  @usableFromInline var tables: UnsafeMutablePointer<StateSubTable<Key, State>>
  @usableFromInline package var tableCount = 1
  @usableFromInline var tableCapacity = 1
  @usableFromInline var directory: UnsafeMutablePointer<UInt32>
  @usableFromInline var depth = 0
  /// The number of keys.
  @usableFromInline package var count = 0
  @usableFromInline let seed: UInt64
  /// Detects keys that are not equal to themselves, if the type may have any.
  @usableFromInline let watch: KeyWatch<Key>?
  @usableFromInline let tags: UnsafeMutablePointer<UInt32>
  /// The number of keys at which a sub-table splits.
  @usableFromInline let limit: Int
  /// The keys that may time out; `nil` if none do.
  @usableFromInline package let touches: StateTouches?
  /// The time of the batch, at which keys are touched now.
  @usableFromInline package var now: Int64 = 0
  /// Logs changes, if needed.
  @usableFromInline package var log: StateLog<Key, State>?
  /// Copies keys and states out of the input that they came with.
  @usableFromInline let compaction: StateCompaction<Key, State>

  @inlinable package static var groupSize: Int { 64 }
  /// Sub-tables whose keys share this number of bits grow without splitting: their hashes are bad.
  @inlinable static var maximumDepth: Int { 18 }

  /// - Parameters:
  ///   - timeout: the number of nanoseconds after which keys time out, if they do.
  ///   - limit: the number of keys at which a sub-table splits.
  package init(timeout: Int64? = nil, limit: Int = 8192) {
    seed = processSeed
    watch = keyWatch(Key.self)
    self.limit = limit
    touches = timeout.map { StateTouches(timeout: $0) }
    compaction = StateCompaction()
    tables = .allocate(capacity: 1)
    tables.initialize(to: StateSubTable(expecting: 0, depth: 0, cycle: 0, isTimed: timeout != nil))
    directory = .allocate(capacity: 1)
    directory[0] = 0
    tags = .allocate(capacity: Self.groupSize)
  }

  @inlinable
  deinit {
    for number in 0..<tableCount { tables[number].free() }
    tables.deallocate()
    directory.deallocate()
    tags.deallocate()
  }

  /// The sub-table of a tag.
  @inlinable @inline(__always)
  func table(_ tag: UInt32) -> UnsafeMutablePointer<StateSubTable<Key, State>> {
    let place = UInt64(truncatingIfNeeded: tag) &>> UInt64(truncatingIfNeeded: 32 &- depth)
    return tables + Int(truncatingIfNeeded: directory[Int(truncatingIfNeeded: place)])
  }

  /// One of the sub-tables, from 0; their number only grows.
  @inlinable package subscript(number: Int) -> StateSubTable<Key, State> { tables[number] }

  // MARK: One key

  /// The state of `key`, if it has one.
  @inlinable
  package func get(_ key: Key) -> State? {
    var key = key
    let tag = stateTag(&key, seed: seed, watch: watch)
    let table = table(tag)
    let index = table.pointee.find(&key, tag: tag)
    return index < 0 ? nil : (table.pointee.entries + index).pointee.1
  }

  /// Sets the state of `key` at the current time.
  @inlinable
  package mutating func put(_ key: consuming Key, _ state: consuming State) throws {
    let tag = stateTag(&key, seed: seed, watch: watch)
    let table = table(tag)
    let index = table.pointee.find(&key, tag: tag)
    if index < 0 {
      try insert(key, state, tag: tag, isLast: true)
    } else {
      try replace(table, index, state, tag: tag, isLast: true)
    }
  }

  /// Removes `key`; returns `false` if it does not exist.
  @inlinable @discardableResult
  package mutating func remove(_ key: consuming Key) throws -> Bool {
    let tag = stateTag(&key, seed: seed, watch: watch)
    let table = table(tag)
    let index = table.pointee.find(&key, tag: tag)
    guard index >= 0 else { return false }
    try remove(table, index, tag: tag)
    return true
  }

  // MARK: Changes of entries

  // With `isLast`, the key is not changed again before the batch ends, so that no earlier change need be looked up.

  /// Adds a new key.
  @inlinable @inline(never)
  mutating func insert(
    _ key: consuming Key, _ state: consuming State, tag: UInt32, isLast: Bool = false
  ) throws {
    var table = table(tag)
    while table.pointee.count >= limit && table.pointee.depth < Self.maximumDepth {
      split(table - tables)
      table = self.table(tag)
    }
    let index = table.pointee.append(compaction.key(key), compaction.state(state), tag: tag, at: now)
    count &+= 1
    if let touches { touches.add(tag, at: now) }
    if let log { try note(table, index, tag, log, isLast) }
  }

  @inlinable @inline(__always)
  func note(
    _ table: UnsafeMutablePointer<StateSubTable<Key, State>>, _ index: Int, _ tag: UInt32,
    _ log: StateLog<Key, State>, _ isLast: Bool
  ) throws {
    if isLast || log.changed.insert(tag) {
      try log.set(table.pointee.entries + index)
    } else {
      log.changedAgain.insert(tag)
    }
  }

  /// Sets the state of an entry. An equal state is not logged, unless the time of the change matters.
  @inlinable @inline(__always)
  func replace(
    _ table: UnsafeMutablePointer<StateSubTable<Key, State>>, _ index: Int, _ state: consuming State, tag: UInt32,
    isLast: Bool = false
  ) throws {
    let entry = table.pointee.entries + index
    guard let log else {
      entry.pointee.1 = compaction.state(state)
      if let touched = table.pointee.touched { touched[index] = now }
      return
    }
    let isSame = table.pointee.touched == nil && log.comparison.areSame(&entry.pointee.1, &state)
    entry.pointee.1 = compaction.state(state)
    if let touched = table.pointee.touched { touched[index] = now }
    if !isSame { try note(table, index, tag, log, isLast) }
  }

  @inlinable @inline(__always)
  func touch(
    _ table: UnsafeMutablePointer<StateSubTable<Key, State>>, _ index: Int, tag: UInt32, isLast: Bool = false
  ) throws {
    guard let touched = table.pointee.touched, touched[index] != now else { return }
    touched[index] = now
    if let log { try note(table, index, tag, log, isLast) }
  }

  @inlinable @inline(__always)
  mutating func remove(
    _ table: UnsafeMutablePointer<StateSubTable<Key, State>>, _ index: Int, tag: UInt32
  ) throws {
    if let log { log.remove(&(table.pointee.entries + index).pointee.0) }
    table.pointee.remove(at: index, tag: tag, seed: seed, watch: watch)
    count &-= 1
  }

  /// Splits a sub-table in two; the new one becomes the last.
  @inlinable @inline(never)
  mutating func split(_ number: Int) {
    if tables[number].depth == depth { doubleDirectory() }
    if tableCount == tableCapacity {
      let larger = UnsafeMutablePointer<StateSubTable<Key, State>>.allocate(capacity: tableCapacity * 2)
      larger.moveInitialize(from: tables, count: tableCount)
      tables.deallocate()
      tables = larger
      tableCapacity *= 2
    }
    (tables + tableCount).initialize(to: tables[number].split())
    // Of the directory's entries for both, the second half belongs to the new one.
    let span = 1 << (depth - tables[number].depth)
    var place = 0
    while directory[place] != UInt32(truncatingIfNeeded: number) { place += 1 }
    for i in place + span..<place + 2 * span { directory[i] = UInt32(truncatingIfNeeded: tableCount) }
    tableCount += 1
  }

  @usableFromInline
  mutating func doubleDirectory() {
    let size = 1 << depth
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: size * 2)
    for i in 0..<size {
      larger[2 * i] = directory[i]
      larger[2 * i + 1] = directory[i]
    }
    directory.deallocate()
    directory = larger
    depth += 1
  }

  /// Makes space for about `expected` keys, if there are none yet, so that nothing grows while they are added.
  package mutating func reserve(_ expected: Int) {
    guard count == 0, tableCount == 1, expected > limit else { return }
    var bits = 0
    while expected >> bits > limit * 3 / 4 && bits < Self.maximumDepth { bits += 1 }
    let cycle = tables[0].cycle
    tables[0].free()
    tables.deallocate()
    directory.deallocate()
    tableCount = 1 << bits
    tableCapacity = tableCount
    tables = .allocate(capacity: tableCount)
    directory = .allocate(capacity: tableCount)
    depth = bits
    for number in 0..<tableCount {
      (tables + number).initialize(
        to: StateSubTable(expecting: expected >> bits, depth: bits, cycle: cycle, isTimed: touches != nil))
      directory[number] = UInt32(truncatingIfNeeded: number)
    }
  }
}
