package import MartletCore

/// Sorts more elements than fit in memory: sorts runs that fit, writes them to disk, and merges them.
///
/// The sort is stable. Elements without a codec are sorted in memory, regardless of their number.
/// ```swift
/// let sorter = ExternalSorter(context, by: <)
/// try reader.forEachChunk(sorter.add)
/// return try sorter.sorted()
/// ```
package final class ExternalSorter<Element> {
  package typealias Order = (Element, Element) throws -> Bool

  private let maximumFanIn: Int
  private let space: SpillSpace<Element>
  private let areInIncreasingOrder: Order
  private let sort: (UnsafeMutablePointer<Element>, Int) throws -> Void
  private let buffer = ElementBuffer<Element>()
  private var meter: MemoryMeter<Element>
  private var runs: [SpillRun] = []

  /// - Parameters:
  ///   - budget: the number of bytes that may be in memory; by default the setting for tasks.
  ///   - maximumFanIn: the maximum number of runs in a merge; more are merged in several steps, so that each has memory
  ///     for a chunk.
  ///   - sort: a stable in-place sort of a run, for callers with their own loop.
  package init(
    _ context: MartletContext, budget: Int? = nil, maximumFanIn: Int = 64, by areInIncreasingOrder: @escaping Order,
    sort: ((UnsafeMutablePointer<Element>, Int) throws -> Void)? = nil
  ) {
    space = SpillSpace(context, budget: budget)
    meter = MemoryMeter(space)
    self.maximumFanIn = max(2, maximumFanIn)
    self.areInIncreasingOrder = areInIncreasingOrder
    self.sort =
      sort ?? { base, count in
        var elements = UnsafeMutableBufferPointer(start: base, count: count)
        try elements.sort(by: areInIncreasingOrder)
      }
  }

  /// The number of runs that have been written to disk.
  package var runCount: Int { runs.count }

  /// Takes the elements of a chunk.
  package func add(_ chunk: Chunk<Element>) throws {
    let isFull = meter.add(chunk)
    buffer.append(chunk)
    if isFull { try spill() }
  }

  /// Returns all elements in order. Called once, when all have been added.
  package func sorted() throws -> ChunkReader<Element> {
    if runs.isEmpty {
      try sort(buffer.base, buffer.count)
      return DrainingReader(buffer)
    }
    if buffer.count > 0 { try spill() }
    while runs.count > maximumFanIn { try mergeFirstRuns() }
    return try merge(runs)
  }

  private func spill() throws {
    var run = SpillRun()
    try sort(buffer.base, buffer.count)
    try space.write(buffer.base, buffer.count, to: &run)
    buffer.takeAll().discard()
    runs.append(run)
    meter.reset()
  }

  /// Merges runs in the order of their elements, so that the sort stays stable.
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
