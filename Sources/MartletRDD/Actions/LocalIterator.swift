package import MartletCore

/// The elements of an RDD, computed partition by partition on demand.
///
/// ```swift
/// let elements = rdd.toLocalIterator()
/// while let element = try elements.next() { print(element) }
/// ```
/// `for try await element in rdd.toLocalIterator()` blocks no thread of Swift's concurrency: see `async(_:)` of `RDD`.
public final class LocalIterator<Element: Sendable>: AsyncSequence {
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
      guard let part = try Self.elements(of: rdd, partition, site) else { return nil }
      partition += 1
      elements = part.makeIterator()
    }
  }

  /// The elements of a partition; `nil` if the RDD has no more partitions.
  private static func elements(of rdd: RDD<Element>, _ partition: Int, _ site: OperatorSite) throws -> [Element]? {
    try rdd.context.runJob(rdd, partitions: partition..<partition + 1, site) { try $0.readAll() }.first?.takeArray()
  }

  /// The elements, for async code.
  public struct AsyncIterator: AsyncIteratorProtocol {
    fileprivate let elements: LocalIterator

    /// The next element; `nil` when there are no more. Runs a job when a partition begins.
    public mutating func next() async throws -> Element? {
      while true {
        if let element = elements.elements.next() { return element }
        let (partition, site) = (elements.partition, elements.site)
        guard let part = try await elements.rdd.async({ try LocalIterator.elements(of: $0, partition, site) }) else {
          return nil
        }
        elements.partition += 1
        elements.elements = part.makeIterator()
      }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(elements: self) }
}

extension RDD {
  /// The elements, one partition at a time: for results that do not fit into memory together.
  ///
  /// Runs a job for each partition; cache an RDD that is expensive to compute.
  public func toLocalIterator(file: StaticString = #fileID, line: UInt = #line) -> LocalIterator<Element> {
    LocalIterator(self, OperatorSite("toLocalIterator", file, line))
  }
}
