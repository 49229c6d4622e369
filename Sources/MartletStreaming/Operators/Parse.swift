import MartletCore
import MartletRDD
import Synchronization

/// A record that a parser refused, and why.
public struct RejectedRecord<Record: Sendable>: Sendable, CustomStringConvertible {
  /// The record as it came.
  public let record: Record
  /// What the parser threw, in words.
  public let reason: String

  init(record: Record, reason: String) {
    self.record = record
    self.reason = reason
  }

  public var description: String { "\(record): \(reason)" }
}

extension RejectedRecord: Equatable where Record: Equatable {}

/// What `parse` makes: the good records, the others, and how many there were of each.
public final class ParsedStream<Record: Sendable, Value: Sendable>: Sendable {
  /// What the parser made of the records that it accepted.
  public let accepted: DStream<Value>
  private let parsed: DStream<Result<Value, RejectedRecord<Record>>>
  private let rejectedStream: DStream<RejectedRecord<Record>>
  private let counter: ParseCounter

  init(
    _ parsed: DStream<Result<Value, RejectedRecord<Record>>>, _ counter: ParseCounter, _ site: OperatorSite
  ) {
    self.parsed = parsed
    self.counter = counter
    accepted = parsed.flatMapped(flatMapKernel { CollectionOfOne($0).compactMap { try? $0.get() } }, site)
    rejectedStream = parsed.flatMapped(flatMapKernel { CollectionOfOne($0).compactMap { $0.rejection } }, site)
  }

  /// The records that the parser refused, with the reasons. Once this is used, a batch's records are parsed once and
  /// kept for both streams.
  public var rejected: DStream<RejectedRecord<Record>> {
    parsed.persist(.memoryOnly)
    return rejectedStream
  }

  /// Records accepted and refused by the batches that are done, since the context was started.
  public var counts: (accepted: Int, rejected: Int) { counter.value }
}

extension RejectedRecord: Error {}

extension Result {
  fileprivate var rejection: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}

/// Counts records, from several tasks at a time.
final class ParseCounter: Sendable {
  private let accepted = Atomic<Int>(0)
  private let rejected = Atomic<Int>(0)

  init() {}

  func add(accepted newlyAccepted: Int, rejected newlyRejected: Int) {
    accepted.wrappingAdd(newlyAccepted, ordering: .relaxed)
    rejected.wrappingAdd(newlyRejected, ordering: .relaxed)
  }

  var value: (accepted: Int, rejected: Int) {
    (accepted.load(ordering: .relaxed), rejected.load(ordering: .relaxed))
  }
}

extension DStream {
  /// Parses every record. Those for which `parser` throws fail nothing and do not vanish: they come out of a stream of
  /// their own, with the reason.
  ///
  /// ```swift
  /// let readings = lines.parse { line in try Reading(line) }
  /// readings.accepted.map { ($0.sensor, $0.value) }.reduceByKey(max).pprint()
  /// readings.rejected.saveAsTextFiles("rejected/readings")
  /// ```
  public func parse<Value: Sendable>(
    _ parser: @escaping @Sendable (Element) throws -> Value, file: StaticString = #fileID, line: UInt = #line
  ) -> ParsedStream<Element, Value> {
    let site = OperatorSite("parse", file, line)
    let counter = ParseCounter()
    let parsed: DStream<Result<Value, RejectedRecord<Element>>> = mapped(
      mapKernel { record in
        do {
          let value = try parser(record)
          counter.add(accepted: 1, rejected: 0)
          return .success(value)
        } catch {
          counter.add(accepted: 0, rejected: 1)
          return .failure(RejectedRecord(record: record, reason: "\(error)"))
        }
      }, site)
    return ParsedStream(parsed, counter, site)
  }
}
