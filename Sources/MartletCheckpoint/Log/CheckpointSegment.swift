package import MartletCore
package import MartletLog
import MartletStreaming

/// A segment of a checkpoint's log, in memory.
package struct CheckpointSegment {
  package let name: SegmentName
  package let header: CheckpointHeader
  /// The segments to read before this one.
  package let before: [SegmentPart]
  /// All records, in order. Their bytes are those of the segment.
  package let records: [CheckpointRecord]
  /// The number of bytes that count: all, except for a torn end.
  package let length: Int
  /// True if the log continues in the segment with the next number.
  package let isSealed: Bool
  let bytes: ByteBuffer

  /// - Parameters:
  ///   - length: the number of bytes that are known to count; `nil` for the newest segment, whose end may have been
  ///     torn off.
  /// - Throws: `MartletError(.corruptData)`, which names the file.
  package init(_ name: SegmentName, _ bytes: ByteBuffer, length: Int?, path: String) throws {
    if let length, bytes.count < length {
      throw MartletError.damagedCheckpoint(path, "it has \(bytes.count) bytes, but \(length) were written")
    }
    let counted = length.map { ByteBuffer(UnsafeRawBufferPointer(rebasing: bytes.bytes[..<$0]), in: bytes) } ?? bytes
    let (segment, fault) = try Self.read(name, counted, salvaging: false)
    if let fault, fault.wasOnDisk || length != nil {
      throw MartletError.damagedCheckpoint(path, "\(fault.reason) (at byte \(fault.position))")
    }
    // The header was on disk before the segment was renamed.
    guard let segment else {
      throw MartletError.damagedCheckpoint(path, fault?.reason ?? "it does not begin with a header")
    }
    self = segment
  }

  /// The readable part of a segment, even if it is damaged: the complete records. For display.
  ///
  /// - Returns: `nil` if not even the header can be read.
  package static func salvaged(_ name: SegmentName, _ bytes: ByteBuffer) -> CheckpointSegment? {
    (try? read(name, bytes, salvaging: true))?.segment
  }

  private static func read(
    _ name: SegmentName, _ bytes: ByteBuffer, salvaging: Bool
  ) throws -> (segment: CheckpointSegment?, fault: SegmentFacts.Fault?) {
    var header: CheckpointHeader?
    var records: [CheckpointRecord] = []
    let facts = try SegmentFacts(name, of: CheckpointHeader.vocabulary, in: bytes, salvaging: salvaging) {
      if $0.kind == LogFrame.opening {
        var reader = ByteReader($1)
        header = try CheckpointHeader(&reader)
      } else {
        records.append(try CheckpointRecord($0, $1))
      }
    }
    guard let header, let before = facts.before else { return (nil, facts.fault) }
    let segment = CheckpointSegment(
      name: name, header: header, before: before, records: records, length: facts.end, isSealed: facts.isSealed,
      bytes: bytes)
    return (segment, facts.fault)
  }

  private init(
    name: SegmentName, header: CheckpointHeader, before: [SegmentPart], records: [CheckpointRecord], length: Int,
    isSealed: Bool, bytes: ByteBuffer
  ) {
    self.name = name
    self.header = header
    self.before = before
    self.records = records
    self.length = length
    self.isSealed = isSealed
    self.bytes = bytes
  }

  /// The batches that are done according to the segment.
  var doneTimes: Set<Time> {
    Set(records.compactMap { if case .done(let time) = $0 { time } else { nil } })
  }
}
