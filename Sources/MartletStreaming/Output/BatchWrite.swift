import MartletCore
import MartletRDD

/// The writing of one batch to a sink: the batch begins, its parts are written, and the batch is committed or aborted.
struct BatchWrite<S: Sink>: Sendable where S.Element: Sendable {
  let sink: S
  let batch: SinkBatch
  let division: PartDivision
  let site: OperatorSite
  let journal: (any BatchJournal)?
  /// Adds the place to an error.
  let located: @Sendable (any Error) -> any Error

  func run(_ rdd: RDD<S.Element>) throws {
    guard try locating({ try runBlocking { try await sink.begin(batch) } }) else {
      if batch.isRerun { return }
      throw located(TakenForWritten(description: TakenForWritten.text("\(batch)")))
    }
    do {
      let parts = try rdd.foreachPart(division, includesEmpty: sink.takesEmptyParts, site) { number, elements in
        let part = BatchPart(batch, partition: number)
        do { return try await write(elements, part) ? part : nil } catch { throw located(error) }
      }
      try locating {
        journal?.note(.outputStaged)
        try refuseIfFenced()
        try runBlocking { try await sink.commit(batch, parts: parts.compactMap(\.self)) }
      }
    } catch {
      // An abort does not throw; the error to report is the cause.
      try? runBlocking { await sink.abort(batch) }
      throw error
    }
    journal?.note(.outputPublished)
  }

  /// Writes the elements of a part, and commits them if they are complete; returns false if the sink skips the part.
  private func write(_ elements: PartitionIterator<S.Element>, _ part: BatchPart) async throws -> Bool {
    let isEmpty = elements.isEmpty
    if let failure = elements.failure { throw failure }
    if isEmpty && !sink.takesEmptyParts { return false }
    guard var writer = try await sink.begin(part) else {
      if part.isRerun { return true }
      throw TakenForWritten(description: TakenForWritten.text("\(part)"))
    }
    do {
      try await writer.write(contentsOf: elements)
      let isComplete = elements.isEmpty
      if let failure = elements.failure { throw failure }
      guard isComplete else {
        throw MartletError(
          .invalidState,
          """
          write(contentsOf:) of \(S.Writer.self) has returned before the end of the elements of \(part). Return when \
          the iterator has ended, or throw an error.
          """)
      }
      journal?.note(.outputPartWritten)
      try refuseIfFenced()
      try await writer.commit()
    } catch {
      await writer.abort()
      throw error
    }
    journal?.note(.outputFileWritten)
    return true
  }

  /// Throws if the sink must not commit, because another process has taken over the checkpoint.
  private func refuseIfFenced() throws { if let fence = journal?.fence { throw fence } }

  private func locating<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch { throw located(error) }
  }
}

/// An error: a sink has a part already that nothing has been able to write.
private struct TakenForWritten: Error, CustomStringConvertible {
  let description: String

  static func text(_ part: String) -> String {
    """
    begin(_:) answered for \(part) as if the sink had it already, but no earlier run of the batch can have written \
    it. Do two streams write to the same sink, or did another program? A sink finds its parts by time and partition, so \
    give each stream a sink of its own, such as another folder or table, or write the union of the streams.
    """
  }
}
