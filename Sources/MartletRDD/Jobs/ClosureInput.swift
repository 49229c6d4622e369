import MartletCore

/// The elements of a partition on their way to a user's closure that gets all of them.
///
/// Such a closure may commit what it has made of the elements when they end. So they are computed before it is called, in
/// memory and, beyond the memory of a task, on disk: an error is thrown then. Elements on disk may turn out to be
/// unreadable later; a closure over these runs in an `AbandonableCall`.
final class ClosureInput<Element>: ClosureInputs {
  let elements: PartitionIterator<Element>
  private let call: AbandonableCall
  private let isInMemory: Bool
  private let isTransparent: Bool

  /// How many elements are computed before a closure with transparent results is called. Fewer than that is what most
  /// partitions of a stream hold: their closures need no threads.
  static var lookAhead: Int { 16 * chunkCapacity }

  /// Computes the elements of `reader`.
  ///
  /// - Parameter isTransparent: whether the closure only returns a sequence that is taken later and hides the end of the
  ///   elements. Then it is enough to compute the first ones.
  init(_ reader: ChunkReader<Element>, _ context: MartletContext, isTransparent: Bool, _ call: AbandonableCall) throws {
    let kept = try isTransparent ? lookingAhead(reader, Self.lookAhead) : wholePartition(reader, SpillSpace(context))
    elements = PartitionIterator(kept.reader) { call.abandon($0) }
    isInMemory = kept.isInMemory
    self.isTransparent = isTransparent
    self.call = call
  }

  /// Whether the closure, while it runs, may ask for an element that cannot be had.
  var mayFail: Bool { !isInMemory && !elements.isAtEnd }
  var failure: (any Error)? { elements.failure }
}

/// A `ClosureInput`, whatever its elements are.
protocol ClosureInputs {
  var mayFail: Bool { get }
  /// Why the elements ended before their time.
  var failure: (any Error)? { get }
}

/// All elements of `reader`, computed.
func wholePartition<Element>(
  _ reader: ChunkReader<Element>, _ space: SpillSpace<Element>
) throws -> (reader: ChunkReader<Element>, isInMemory: Bool) {
  let whole = ElementBuffer<Element>()
  // Elements that few of their neighbours are left of keep whole blocks of text alive: they are cut loose now and then.
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

/// The elements of `reader`, of which the first `count` are computed.
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
