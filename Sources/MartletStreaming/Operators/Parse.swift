import MartletCore
public import MartletRDD
import Synchronization

/// The results of `parse`: the accepted and the rejected records, and their numbers.
public final class ParsedStream<Record: Sendable, Value: Sendable>: Sendable {
  /// The results of the parser for the records that it accepted.
  public let accepted: DStream<Value>
  private let parsed: DStream<Result<Value, RejectedRecord<Record>>>
  private let rejectedStream: DStream<RejectedRecord<Record>>
  private let counter: ParseCounter<Result<Value, RejectedRecord<Record>>>

  init(
    _ parsed: DStream<Result<Value, RejectedRecord<Record>>>,
    _ counter: ParseCounter<Result<Value, RejectedRecord<Record>>>, _ site: OperatorSite
  ) {
    self.parsed = parsed
    self.counter = counter
    accepted = parsed.flatMapped(acceptedKernel(), site)
    rejectedStream = parsed.flatMapped(rejectedKernel(), site)
  }

  /// The records that the parser rejected, with the reasons. If this is used, the records of a batch are parsed once
  /// and stored for both streams.
  public var rejected: DStream<RejectedRecord<Record>> {
    // Nothing can use it once the graph is sealed.
    if !parsed.context.graph.isSealed { parsed.persistByDefault(.memoryOnly) }
    return rejectedStream
  }

  /// The numbers of records accepted and rejected in completed batches since the start of the context. Each record
  /// counts once, however often output operations read it. Records that no output operation has read, such as the rest
  /// of a batch of which `pprint` shows the beginning, are parsed and counted at the end of the batch.
  public var counts: (accepted: Int, rejected: Int) { counter.value }
}

/// Counts the records of each batch once.
final class ParseCounter<Parsed: Sendable>: Sendable {
  private let state = Mutex(State())

  private struct State {
    var accepted = 0
    var rejected = 0
    /// The batches that are not done yet.
    var open: [(time: Time, rdd: RDD<Parsed>, tally: Tally)] = []
  }

  /// Records the RDD for the batch at `time`.
  func add(_ rdd: RDD<Parsed>, _ tally: Tally, at time: Time) {
    state.withLock { $0.open.append((time, rdd, tally)) }
  }

  /// Counts the batches up to that at `time`, whose output operations are done.
  func finish(_ time: Time, _ site: OperatorSite) throws {
    let done = state.withLock { state in
      guard !state.open.isEmpty else { return state.open }
      defer { state.open.removeAll { $0.time <= time } }
      return state.open.filter { $0.time <= time }
    }
    for batch in done {
      try batch.rdd.complete(batch.tally, site)
      let (accepted, rejected) = batch.tally.total
      state.withLock { state in
        state.accepted += accepted
        state.rejected += rejected
      }
    }
  }

  var value: (accepted: Int, rejected: Int) { state.withLock { ($0.accepted, $0.rejected) } }
}

extension DStream {
  /// Parses every record. Records for which `parser` throws do not fail the batch, and are not lost: they are in a
  /// stream of their own, with the reason.
  ///
  /// ```swift
  /// let readings = lines.parse { line in try Reading(line) }
  /// readings.accepted.map { ($0.sensor, $0.value) }.reduceByKey(max).pprint()
  /// readings.rejected.saveAsTextFiles("rejected/readings")
  /// ```
  public func parse<Value: Sendable>(
    _ parser: @escaping @Sendable (Element) throws -> Value, file: StaticString = #fileID, line: UInt = #line
  ) -> ParsedStream<Element, Value> {
    parsed(by: parseKernel(parser), OperatorSite("parse", file, line))
  }

  /// Parses every record with a kernel that accepts or rejects it.
  func parsed<Value: Sendable>(
    by kernel: @escaping MapKernel<Element, Result<Value, RejectedRecord<Element>>>, _ site: OperatorSite
  ) -> ParsedStream<Element, Value> {
    let counter = ParseCounter<Result<Value, RejectedRecord<Element>>>()
    let parsed = perBatch(site, preservesEmptiness: true) { rdd, time in
      let tally = Tally()
      let parsed = rdd.mapped(kernel, site).tallied(by: tally, site) { record in
        if case .success = record.pointee { true } else { false }
      }
      if !parsed.isKnownEmpty { counter.add(parsed, tally, at: time) }
      return parsed
    }
    context.graph.whenOutputsEnd { try counter.finish($0, site) }
    return ParsedStream(parsed, counter, site)
  }
}
