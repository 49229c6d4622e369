import MartletCore

/// The elements of a partition for a user's closure that gets all of them.
///
/// Such a closure may commit its results when the elements end. They are therefore computed before it is called, in
/// memory and, beyond the memory of a task, on disk, so that an error is thrown before the call. Elements on disk may
/// turn out to be unreadable later; a closure over these runs in an `AbandonableCall`.
final class ClosureInput<Element>: ClosureInputs {
  let elements: PartitionIterator<Element>
  private let call: AbandonableCall
  private let isInMemory: Bool
  private let isTransparent: Bool

  /// The number of elements that are computed before a closure with transparent results is called. Most partitions of a
  /// stream have fewer: their closures need no threads.
  static var lookAhead: Int { 16 * chunkCapacity }

  /// Computes the elements of `reader`.
  ///
  /// - Parameter isTransparent: true if the closure only returns a sequence that is consumed later and hides the end of
  ///   the elements. Then it is sufficient to compute the first ones.
  init(_ reader: ChunkReader<Element>, _ context: MartletContext, isTransparent: Bool, _ call: AbandonableCall) throws {
    let kept = try isTransparent ? lookingAhead(reader, Self.lookAhead) : wholePartition(reader, SpillSpace(context))
    elements = PartitionIterator(kept.reader) { call.abandon($0) }
    isInMemory = kept.isInMemory
    self.isTransparent = isTransparent
    self.call = call
  }

  /// True if the closure, while it runs, may request an element that cannot be read.
  var mayFail: Bool { !isInMemory && !elements.isAtEnd }
  var failure: (any Error)? { elements.failure }
}

/// A `ClosureInput` for any type of elements.
protocol ClosureInputs {
  var mayFail: Bool { get }
  /// The error that ended the elements early.
  var failure: (any Error)? { get }
}

/// All elements of `reader`, computed.
func wholePartition<Element>(
  _ reader: ChunkReader<Element>, _ space: SpillSpace<Element>
) throws -> (reader: ChunkReader<Element>, isInMemory: Bool) {
  let whole = ElementBuffer<Element>()
  // A few elements may keep whole blocks of text alive: they are copied out of them occasionally.
  var fresh = ElementBuffer<Element>()
  var meter = MemoryMeter(space)
  var run = SpillRun()
  func settle() {
    fresh = compactedTexts(fresh, space)
    whole.append(fresh.takeAll())
  }
  try reader.forEachChunk { chunk in
    let isFull = meter.add(chunk)
    fresh.append(chunk)
    if isFull {
      settle()
      try space.write(whole.base, whole.count, to: &run)
      whole.takeAll().discard()
      meter.reset()
    } else if fresh.count >= 64 * chunkCapacity {
      settle()
    }
  }
  settle()
  guard run.count > 0 else { return (DrainingReader(whole), true) }
  return (ConcatenatedReader(0..<2) { $0 == 0 ? try space.reader(run) : DrainingReader(whole) }, false)
}

/// The elements of `reader`, of which the first `count` are already computed.
private func lookingAhead<Element>(
  _ reader: ChunkReader<Element>, _ count: Int
) throws -> (reader: ChunkReader<Element>, isInMemory: Bool) {
  let first = ElementBuffer<Element>()
  while first.count < count {
    guard let chunk = try reader.next() else { return (DrainingReader(first), true) }
    first.append(chunk)
  }
  return (ConcatenatedReader(0..<2) { $0 == 0 ? DrainingReader(first) : reader }, false)
}
