internal import MartletCore
private import Synchronization

/// The rows of a frame one after another, of which only some are in memory.
///
/// ```swift
/// let rows = try df.toLocalIterator()
/// while let row = try rows.next() { print(row) }
/// ```
public final class LocalRows: Sendable {
  private let batches: any RowBatches
  private let rest = Mutex<ArraySlice<Row>>([])

  init(_ batches: any RowBatches) { self.batches = batches }

  /// The columns.
  public var schema: StructType { batches.schema }

  /// The next row; `nil` at the end. It may block.
  public func next() throws -> Row? {
    try rest.withLock { rest in
      while rest.isEmpty {
        guard let batch = try batches.next() else { return nil }
        rest = batch[...]
      }
      return rest.removeFirst()
    }
  }

  /// The rows that are there without blocking; the next batch if there are none. `nil` at the end.
  fileprivate func nextBatch() throws -> ArraySlice<Row>? {
    try rest.withLock { rest in
      guard rest.isEmpty else {
        defer { rest = [] }
        return rest
      }
      return try batches.next()?[...]
    }
  }
}

/// The rows of a frame one after another, for `for try await`.
public struct AsyncLocalRows: AsyncSequence, Sendable {
  public typealias Element = Row

  let rows: LocalRows
  let session: any DataFrameRuntime
  let site: OperatorSite

  public struct AsyncIterator: AsyncIteratorProtocol {
    let sequence: AsyncLocalRows
    var rest: ArraySlice<Row> = []

    public mutating func next() async throws -> Row? {
      while rest.isEmpty {
        let rows = sequence.rows
        guard let batch = try await sequence.session.running(sequence.site, { try rows.nextBatch() }) else {
          return nil
        }
        rest = batch
      }
      return rest.removeFirst()
    }
  }

  /// An iterator, which continues where others have stopped.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(sequence: self) }
}

extension DataFrame {
  /// The rows one after another, of which only some are in memory.
  public func toLocalIterator(file: StaticString = #fileID, line: UInt = #line) throws -> LocalRows {
    LocalRows(try session.rows(of: input, OperatorSite("toLocalIterator", file, line)))
  }

  /// The rows one after another, of which only some are in memory: `for try await row in try await df.toLocalIterator()`.
  public func toLocalIterator(file: StaticString = #fileID, line: UInt = #line) async throws -> AsyncLocalRows {
    let site = OperatorSite("toLocalIterator", file, line)
    let rows = try await session.running(site) { LocalRows(try session.rows(of: input, site)) }
    return AsyncLocalRows(rows: rows, session: session, site: site)
  }
}
