package import MartletCore

extension RDD {
  /// The first `count` elements, in the order of the partitions; fewer if there are not enough, and none if `count` is
  /// less than 1.
  ///
  /// Computes the first partition; if that is not enough, four times as many partitions more, and so on. Texts are
  /// copied as by `collect()`.
  public func take(_ count: Int, file: StaticString = #fileID, line: UInt = #line) throws -> [Element] {
    try take(count, OperatorSite("take", file, line))
  }

  package func take(_ wanted: Int, _ site: OperatorSite) throws -> [Element] {
    let count = Swift.max(0, wanted)
    let compaction = TextCompaction<Element>.shared
    var taken: [Element] = []
    var scanned = 0
    var step = 1
    while true {
      let missing = count - taken.count
      let parts = try context.runJob(self, partitions: scanned..<scanned + step, site, skipsNothing: true) { reader in
        let first = try reader.readFirst(missing)
        compaction.compact(first)
        return first
      }
      if parts.count == 0 { return taken }
      for part in parts { taken += part.takeArray().prefix(count - taken.count) }
      scanned += step
      if taken.count >= count || scanned >= partitionCount { return taken }
      step = Swift.min(scanned * 4, partitionCount - scanned)
    }
  }

  /// The first element.
  ///
  /// - Throws: `MartletError` with the code `emptyCollection` if there is none.
  public func first(file: StaticString = #fileID, line: UInt = #line) throws -> Element {
    let site = OperatorSite("first", file, line)
    guard let first = try take(1, site).first else { throw site.isEmpty }
    return first
  }

  /// Returns a Boolean value that indicates whether there are no elements. Only computes partitions until it finds one.
  public func isEmpty(file: StaticString = #fileID, line: UInt = #line) throws -> Bool {
    try take(1, OperatorSite("isEmpty", file, line)).isEmpty
  }
}

extension ChunkReader {
  /// Reads the first `count` elements, or all if there are fewer.
  func readFirst(_ count: Int) throws -> ElementBuffer<Element> {
    let first = ElementBuffer<Element>()
    while first.count < count, let chunk = try next() {
      let wanted = min(chunk.count, count - first.count)
      first.append(Chunk(chunk.base, wanted))
      chunk.dropFirst(wanted).discard()
    }
    return first
  }
}
