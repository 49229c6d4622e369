package import MartletCore
import MartletLog
package import MartletStreaming

/// The input of a batch.
package struct BatchPlan {
  package var time: Time
  /// The plans, by number of the input in the header of the segment.
  package var inputs: [(input: Int, plan: InputPlan)]
  /// True if the plan was copied from an older segment, and the batch is not one of this segment.
  package var isCopy = false

  func write(_ out: ByteBuffer) {
    out.append(time)
    out.append(isCopy)
    out.append(inputs) { out, entry in
      let (input, plan) = entry
      out.append(variable: UInt64(input))
      out.append(plan.time)
      out.append(variable: UInt64(plan.records))
      out.append(variable: UInt64(plan.bytes.count))
      out.append(plan.bytes.bytes)
    }
  }
}

extension BatchPlan {
  init(_ reader: inout ByteReader) throws {
    time = try reader.time()
    isCopy = try reader.flag()
    inputs = try reader.list(minimumSize: 11) { reader in
      let input = try reader.integer()
      let time = try reader.time()
      let records = try reader.integer()
      return (input, InputPlan(time: time, records: records, bytes: ByteBuffer(try reader.take(try reader.count()))))
    }
  }
}
