import MartletCore
import MartletStreaming
import Testing

@testable import MartletDatabases

/// Writes a batch that is one part; returns false if the sink has it.
@discardableResult
func write<Element>(
  _ elements: [Element], to sink: DatabaseSink<Element>, at milliseconds: Int, partition: Int = 0,
  isRerun: Bool = false,
  checkpoint: UInt64? = 7
) throws -> Bool {
  let batch = SinkBatch(time: Time(milliseconds: milliseconds), isRerun: isRerun, checkpoint: checkpoint)
  guard try sink.begin(batch) else { return false }
  let part = BatchPart(batch, partition: partition)
  guard var writer = try sink.begin(part) else { return false }
  do {
    for element in elements { try writer.write(element) }
    try writer.commit()
  } catch {
    writer.abort()
    throw error
  }
  sink.commit(batch, parts: [part])
  return true
}

/// The error of a write, which must fail.
func failure(_ body: () throws -> Void) throws -> MartletError {
  do { try body() } catch let error as MartletError { return error }
  Issue.record("nothing was thrown")
  throw MartletError(.invalidState, "nothing was thrown")
}
