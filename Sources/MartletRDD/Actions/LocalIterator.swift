package import MartletCore

/// The elements of an RDD, computed partition by partition on demand.
///
/// ```swift
/// let elements = rdd.toLocalIterator()
/// while let element = try elements.next() { print(element) }
/// ```
/// `for try await element in elements` also works; it blocks its thread while a partition is computed.
public final class LocalIterator<Element: Sendable>: AsyncSequence, AsyncIteratorProtocol {
  private let rdd: RDD<Element>
  private let site: OperatorSite
  private var partition = 0
  private var elements: [Element].Iterator = [].makeIterator()

  package init(_ rdd: RDD<Element>, _ site: OperatorSite) {
    self.rdd = rdd
    self.site = site
  }

  /// The next element, or `nil` at the end. Runs a job at the beginning of each partition.
  public func next() throws -> Element? {
    while true {
      if let element = elements.next() { return element }
      let parts = try rdd.context.runJob(rdd, partitions: partition..<partition + 1, site) { try $0.readAll() }
      guard let part = parts.first else { return nil }
      partition += 1
      elements = part.takeArray().makeIterator()
    }
  }

  public func makeAsyncIterator() -> LocalIterator { self }
}

extension RDD {
  /// The elements, one partition at a time: for results that do not fit into memory together.
  ///
  /// Runs a job for each partition; cache an RDD that is expensive to compute.
  public func toLocalIterator(file: StaticString = #fileID, line: UInt = #line) -> LocalIterator<Element> {
    LocalIterator(self, OperatorSite("toLocalIterator", file, line))
  }
}
