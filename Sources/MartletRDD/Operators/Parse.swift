package import MartletCore

/// A record that a parser rejected, and the reason.
public struct RejectedRecord<Record: Sendable>: Sendable, CustomStringConvertible {
  /// The original record.
  public let record: Record
  /// The description of the error that the parser threw.
  public let reason: String

  init(record: Record, reason: String) {
    self.record = record
    self.reason = reason
  }

  public var description: String { "\(record): \(reason)" }
}

extension RejectedRecord: Equatable where Record: Equatable {}

extension RejectedRecord: Error {}

/// The results of `parse` for an RDD: the accepted and the rejected records.
public struct ParsedRDD<Record: Sendable, Value: Sendable>: Sendable {
  /// The results of the parser for the records that it accepted.
  public let accepted: RDD<Value>
  /// The records that the parser rejected, with the reasons.
  public let rejected: RDD<RejectedRecord<Record>>
}

/// The loop that parses records, and rejects those for which `parser` throws.
package func parseKernel<Record, Value>(
  _ parser: @escaping @Sendable (Record) throws -> Value
) -> MapKernel<Record, Result<Value, RejectedRecord<Record>>> {
  mapKernel { record in
    do { return .success(try parser(record)) } catch {
      return .failure(RejectedRecord(record: record, reason: "\(error)"))
    }
  }
}

/// The loop that selects the values among parsed records.
package func acceptedKernel<Record, Value>() -> FlatMapKernel<Result<Value, RejectedRecord<Record>>, Value> {
  compactMapKernel { if case .success(let value) = $0 { value } else { nil } }
}

/// The loop that selects the rejected records among parsed records.
package func rejectedKernel<Record, Value>() -> FlatMapKernel<
  Result<Value, RejectedRecord<Record>>, RejectedRecord<Record>
> {
  compactMapKernel { if case .failure(let rejected) = $0 { rejected } else { nil } }
}

extension RDD {
  /// Parses every record. Records for which `parser` throws do not fail the job, and are not lost: they are in an RDD
  /// of their own, with the reason.
  ///
  /// ```swift
  /// let cities = sc.textFile("cities.csv").parse { line in try City(line) }
  /// let table = cities.accepted.keyBy { $0.name }.cache()
  /// for refused in try cities.rejected.take(10) { print(refused) }
  /// ```
  /// Each action parses the records that it reads, as actions call all closures: `cache()` stores the results.
  public func parse<Value: Sendable>(
    _ parser: @escaping @Sendable (Element) throws -> Value, file: StaticString = #fileID, line: UInt = #line
  ) -> ParsedRDD<Element, Value> {
    let site = OperatorSite("parse", file, line)
    let parsed = mapped(parseKernel(parser), site)
    return ParsedRDD(
      accepted: parsed.flatMapped(acceptedKernel(), site), rejected: parsed.flatMapped(rejectedKernel(), site))
  }
}
