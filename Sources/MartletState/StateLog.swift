// Unsafe code. Invariant: `sets` and `removals` own the copies that they hold.

public import MartletCore

/// The changes of a batch to a table, as bytes that `StateReplay` reads.
///
/// A record is a version byte, then frames: the operation, the number of keys, the times when these were touched, and
/// the keys, with their states if they are set. Frames are applied in order. A key that is removed and set again in the
/// same batch is not among the removed ones, because removals come last. A batch with many changes makes several
/// records, so that no buffer grows large.
@usableFromInline package final class StateLog<Key: Hashable, State> {
  @usableFromInline package let comparison: StateComparison<State>
  @usableFromInline let sets = ElementBuffer<(Key, State)>(capacity: StateLog.capacity)
  @usableFromInline let removals = ElementBuffer<Key>()
  /// The tags of the keys that the batch has changed, and of those that it has changed again, whose states are written
  /// once more at its end. A key is thus written at most twice, and most keys are written while they are in the cache.
  @usableFromInline let changed = TagSet()
  @usableFromInline let changedAgain = TagSet()
  private let codec: StateCodec<Key, State>
  private var full: [StateRecordBytes] = []
  private var open = StateRecordBytes()
  private var time: Int64 = 0

  @usableFromInline static var capacity: Int { chunkCapacity }

  package init(_ codec: StateCodec<Key, State>, _ comparison: StateComparison<State>) {
    self.codec = codec
    self.comparison = comparison
  }

  /// Writes an entry that has a new state.
  @inlinable @inline(__always)
  func set(_ entry: UnsafeMutablePointer<(Key, State)>) throws {
    if sets.count == Self.capacity { try encodeSets() }
    (sets.base + sets.count).initialize(to: entry.pointee)
    sets.count &+= 1
  }

  /// Records that a key is being removed.
  @inlinable @inline(__always)
  func remove(_ key: UnsafePointer<Key>) {
    let base = removals.count == removals.capacity ? removals.grow(count: removals.count) : removals.base
    (base + removals.count).initialize(to: key.pointee)
    removals.count &+= 1
  }

  /// Records the time of the batch.
  @usableFromInline
  func begin(_ time: Int64) { self.time = time }

  @usableFromInline @inline(never)
  func encodeSets() throws {
    let chunk = sets.takeAll()
    defer { chunk.discard() }
    guard chunk.count > 0 else { return }
    open.keysSet += chunk.count
    try codec.write(set: chunk.base, chunk.count, touched: .all(time), to: open.bytes)
    if open.isFull {
      full.append(open)
      open = StateRecordBytes()
    }
  }

  /// Ends the batch: the keys in `removals` are removed for good.
  @usableFromInline
  func end() throws {
    try encodeSets()
    let chunk = removals.takeAll()
    defer { chunk.discard() }
    open.keysRemoved += chunk.count
    var done = 0
    while done < chunk.count {
      let size = min(chunkCapacity, chunk.count - done)
      try codec.write(removed: chunk.base + done, size, to: open.bytes)
      done += size
    }
  }

  /// The next record of the changes; `nil` if there are no more.
  package func take() -> StateRecordBytes? {
    if !full.isEmpty { return full.removeFirst() }
    guard open.bytes.count > 0 else { return nil }
    defer { open = StateRecordBytes() }
    return open
  }
}

/// A record, and the number of its keys.
package struct StateRecordBytes {
  package var bytes = ByteBuffer()
  package var keysSet = 0
  package var keysRemoved = 0

  /// True if the next frame goes into another record.
  var isFull: Bool { bytes.count >= 128 << 10 }
}

extension StateTable {
  /// The batch is over: what it has changed can be taken from the log.
  @inlinable
  package mutating func end() throws {
    guard let log else { return }
    try writeChangedAgain(log)
    let removals = log.removals
    var kept = 0
    for i in 0..<removals.count {
      let key = removals.base + i
      let tag = stateTag(key, seed: seed, watch: watch)
      if table(tag).pointee.find(key, tag: tag) < 0 {
        if kept != i { swap(&(removals.base + kept).pointee, &(removals.base + i).pointee) }
        kept &+= 1
      }
    }
    (removals.base + kept).deinitialize(count: removals.count &- kept)
    removals.count = kept
    try log.end()
  }

  /// Writes the states of the keys that have changed again.
  @inlinable
  func writeChangedAgain(_ log: StateLog<Key, State>) throws {
    let changed = log.changedAgain
    defer {
      log.changed.removeAll()
      log.changedAgain.removeAll()
    }
    var done = 0
    while done < changed.count {
      let group = changed.tags + done
      let size = Swift.min(Self.groupSize, changed.count &- done)
      prefetch(tags: group, size)
      for i in 0..<size {
        let tag = group[i]
        let table = table(tag)
        // Several keys may have the tag. Writing an unchanged one again does no harm, but a new time for it would.
        var slot = Int(truncatingIfNeeded: tag) & table.pointee.mask
        while table.pointee.slots[slot] != 0 {
          let found = table.pointee.slots[slot]
          if UInt32(truncatingIfNeeded: found &>> 32) == tag {
            let index = Int(truncatingIfNeeded: found & 0xFFFF_FFFF) &- 1
            if table.pointee.touched.map({ $0[index] == now }) ?? true { try log.set(table.pointee.entries + index) }
          }
          slot = (slot &+ 1) & table.pointee.mask
        }
      }
      done &+= size
    }
  }

  /// Begins a batch: from now on keys are touched at `time`.
  @inlinable
  package mutating func begin(_ time: Int64) {
    now = time
    log?.begin(time)
  }

  /// Begins to log all changes.
  package mutating func keepLog(_ log: StateLog<Key, State>) {
    self.log = log
    log.begin(now)
  }

  /// Stops logging changes.
  package mutating func dropLog() { log = nil }

  /// A record with snapshots of whole sub-tables that are not in the cycle yet, from the `cursor`-th on, until the
  /// budget is spent or the record is full; `nil` if there is nothing more to write.
  package mutating func snapshot(
    _ cycle: Int, from cursor: inout Int, _ codec: StateCodec<Key, State>, takeBudget: (Int) -> Bool
  ) throws -> StateRecordBytes? {
    var record = StateRecordBytes()
    while cursor < tableCount && !record.isFull {
      if tables[cursor].cycle < cycle {
        let table = tables[cursor]
        if table.count > 0 {
          guard takeBudget(0) else { break }
          if record.keysSet == 0 {
            record.bytes = ByteBuffer(capacity: table.count * MemoryLayout<(Key, State)>.stride + 64)
          }
          let before = record.bytes.count
          var done = 0
          while done < table.count {
            let size = min(chunkCapacity, table.count - done)
            let touched = table.touched.map { StateCodec<Key, State>.Touched.each($0 + done) } ?? .all(now)
            try codec.write(set: table.entries + done, size, touched: touched, to: record.bytes)
            done += size
          }
          record.keysSet += table.count
          _ = takeBudget(record.bytes.count - before)
        }
        tables[cursor].cycle = cycle
      }
      cursor += 1
    }
    return record.keysSet > 0 ? record : nil
  }
}
