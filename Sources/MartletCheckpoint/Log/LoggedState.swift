package import MartletCore
import MartletLog
package import MartletStreaming

/// State changed by a batch.
package struct LoggedState {
  package var time: Time
  /// The number of the operator in the header of the segment.
  package var stateOperator: Int
  package var kind: StateRecord.Kind
  package var partition: Int
  package var keysSet: Int
  package var keysRemoved: Int
  package var bytes: UnsafeRawBufferPointer

  static func write(_ record: StateRecord, of stateOperator: Int, at time: Time, to out: ByteBuffer) {
    out.append(time)
    out.append(variable: UInt64(stateOperator))
    out.append(record.kind.rawValue)
    for number in [record.partition, record.keysSet, record.keysRemoved] { out.append(variable: UInt64(number)) }
    out.append(record.bytes.bytes)
  }

  init(_ reader: inout ByteReader) throws {
    time = try reader.time()
    stateOperator = try reader.integer()
    guard let kind = StateRecord.Kind(rawValue: try reader.fixed(UInt8.self)) else {
      throw ByteReader.Malformed(reason: "the kind of a state record is unknown")
    }
    self.kind = kind
    partition = try reader.integer()
    keysSet = try reader.integer()
    keysRemoved = try reader.integer()
    bytes = try reader.take(reader.left)
  }

  /// The record, whose bytes are those of the segment.
  func record(in segment: ByteBuffer) -> StateRecord {
    StateRecord(
      kind: kind, partition: partition, keysSet: keysSet, keysRemoved: keysRemoved,
      bytes: ByteBuffer(bytes, in: segment))
  }
}
