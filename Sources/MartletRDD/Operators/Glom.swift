public import MartletCore

/// Each partition as one array.
final class GlommedRDD<Element: Sendable>: NarrowRDD<Element, [Element]>, @unchecked Sendable {
  override func compute(partition: Int) throws -> ChunkReader<[Element]> {
    SingleReader { [parent] in try parent.reader(partition).readAll().takeArray() }
  }
}

/// Returns one element, computed on demand; none if it is `nil`.
final class SingleReader<Element>: ChunkReader<Element> {
  private var compute: (() throws -> Element?)?
  private let buffer = ElementBuffer<Element>(capacity: 1)

  init(_ compute: @escaping () throws -> Element?) { self.compute = compute }

  override func next() throws -> Chunk<Element>? {
    guard let compute else { return nil }
    self.compute = nil
    guard let element = try compute() else { return nil }
    buffer.base.initialize(to: element)
    return Chunk(buffer.base, 1)
  }
}

extension RDD {
  @usableFromInline
  package func glommed(_ site: OperatorSite) -> RDD<[Element]> { GlommedRDD(self, site) }

  /// Each partition as one array, including empty partitions.
  public func glom(file: StaticString = #fileID, line: UInt = #line) -> RDD<[Element]> {
    glommed(OperatorSite("glom", file, line))
  }
}
