package import MartletCore

/// Sorts more elements than memory holds: sorts what fits, writes it to disk, and merges all such runs.
///
/// The sort is stable. Elements without a codec are sorted in memory, however many there are.
/// ```swift
/// let sorter = ExternalSorter(context, by: <)
/// try reader.forEachChunk(sorter.add)
/// return try sorter.sorted()
/// ```
package final class ExternalSorter<Element> {
  package typealias Order = (Element, Element) throws -> Bool

  /// More runs than this are merged in several steps, so that each has memory for a chunk.
  private let maximumFanIn = 64
  private let space: SpillSpace<Element>
  private let areInIncreasingOrder: Order
  private let buffer = ElementBuffer<Element>()
  private var meter: MemoryMeter<Element>
  private var runs: [SpillRun] = []

  /// - Parameter budget: bytes that may be held in memory; the setting for tasks if none are given.
  package init(_ context: MartletContext, budget: Int? = nil, by areInIncreasingOrder: @escaping Order) {
    space = SpillSpace(context, budget: budget)
    meter = MemoryMeter(space)
    self.areInIncreasingOrder = areInIncreasingOrder
  }

  /// How many runs have been written to disk.
  package var runCount: Int { runs.count }

  /// Takes the elements of a chunk.
  package func add(_ chunk: Chunk<Element>) throws {
    let isFull = meter.add(chunk)
    buffer.append(chunk)
    if isFull { try spill() }
  }

  /// All elements in order. Called once, when all have been added.
  package func sorted() throws -> ChunkReader<Element> {
    if runs.isEmpty { return ArrayReader(try sortedBuffer()) }
    if buffer.count > 0 { try spill() }
    while runs.count > maximumFanIn { try mergeFirstRuns() }
    return try merge(runs)
  }

  private func sortedBuffer() throws -> [Element] {
    var elements = buffer.takeArray()
    try elements.sort(by: areInIncreasingOrder)
    return elements
  }

  private func spill() throws {
    var run = SpillRun()
    let elements = try sortedBuffer()
    try elements.withUnsafeBufferPointer { elements in
      if let base = elements.baseAddress { try space.write(base, elements.count, to: &run) }
    }
    runs.append(run)
    meter.reset()
  }

  /// Runs stay in the order in which their elements came, so that the sort stays stable.
  private func mergeFirstRuns() throws {
    var merged: [SpillRun] = []
    for start in stride(from: 0, to: runs.count, by: maximumFanIn) {
      var run = SpillRun()
      try merge(Array(runs[start..<min(start + maximumFanIn, runs.count)])).forEachChunk { chunk in
        defer { chunk.discard() }
        try space.write(chunk.base, chunk.count, to: &run)
      }
      merged.append(run)
    }
    runs = merged
  }

  private func merge(_ runs: [SpillRun]) throws -> ChunkReader<Element> {
    MergeReader(try runs.map { try space.reader($0) }, by: areInIncreasingOrder)
  }
}
