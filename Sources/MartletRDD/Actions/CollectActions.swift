public import MartletCore

extension RDD {
  /// All elements, in the order of the partitions. They must fit into memory.
  ///
  /// Texts that keep much more input alive than they need are copied, because results may be retained.
  public func collect(file: StaticString = #fileID, line: UInt = #line) throws -> [Element] {
    try collect(OperatorSite("collect", file, line))
  }

  @usableFromInline
  package func collect(_ site: OperatorSite) throws -> [Element] {
    let compaction = TextCompaction<Element>.shared
    let parts = try context.runJob(self, site, skipsNothing: true) { reader in
      let part = try reader.readAll()
      compaction.compact(part)
      return part
    }
    if parts.count == 0 { return .init() }
    if parts.count == 1 { return parts[0].takeArray() }
    let all = ElementBuffer<Element>(capacity: parts.reduce(0) { $0 + $1.count })
    for part in parts { all.append(part.takeAll()) }
    return all.takeArray()
  }

  /// The number of elements.
  public func count(file: StaticString = #fileID, line: UInt = #line) throws -> Int {
    try folded(0, countKernel(), into: 0, OperatorSite("count", file, line), merge: +=)
  }
}
