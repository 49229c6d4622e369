package import MartletCore

/// The bytes of a segment, taken apart.
package struct LogSegment {
  package let name: SegmentName
  package let header: LogHeader
  /// All records behind the header, in order. Their bytes are the segment's.
  package let records: [LogRecord]
  /// How many bytes count: all, but for what a torn write has left at the end.
  package let length: Int
  private let bytes: ByteBuffer

  /// - Parameters:
  ///   - length: how many bytes are known to count; `nil` for the newest segment, whose end may have been torn off.
  /// - Throws: `MartletError(.corruptData)` that names the file.
  package init(_ name: SegmentName, _ bytes: ByteBuffer, length: Int?, path: String) throws {
    self.name = name
    self.bytes = bytes
    let all = bytes.bytes
    if let length, all.count < length {
      throw damaged(path, "it has \(all.count) bytes, and \(length) were written")
    }
    let counted = UnsafeRawBufferPointer(rebasing: all[..<(length ?? all.count)])
    var position = 0
    var records: [LogRecord] = []
    while position < counted.count {
      do {
        let frame = try LogFrame.read(counted, at: position, in: name)
        records.append(try LogRecord(frame))
        position = frame.end
      } catch let error as ByteReader.Malformed {
        // The header was on the disk before the segment had its name.
        if length != nil || position == 0 { throw damaged(path, error.reason) }
        if Self.isSynced(counted, through: position, in: name) {
          throw damaged(path, "\(error.reason) (at byte \(position), and what follows was written later)")
        }
        break
      }
    }
    guard case .header(let header) = records.first else { throw damaged(path, "it does not begin with a header") }
    guard header.segment == name else { throw damaged(path, "it is the segment \(header.segment) under another name") }
    self.header = header
    self.records = Array(records.dropFirst())
    self.length = position
  }

  /// Whether a record behind `position` says that more than that was on the disk when it was written.
  private static func isSynced(
    _ bytes: UnsafeRawBufferPointer, through position: Int, in name: SegmentName
  ) -> Bool {
    var next = position + 1
    while next + LogFrame.headerSize <= bytes.count {
      if bytes[next] == UInt8(ascii: "M"), bytes[next + 1] == UInt8(ascii: "L"),
        let frame = try? LogFrame.read(bytes, at: next, in: name), let record = try? LogRecord(frame),
        case .plan(let plan) = record, plan.syncedThrough > position
      {
        return true
      }
      next += 1
    }
    return false
  }

  /// Whether the log goes on in a segment of the next number.
  package var isSealed: Bool {
    records.contains { if case .sealed = $0 { true } else { false } }
  }
}

/// The refusal of a file of the checkpoint.
package func damaged(_ path: String, _ reason: String) -> MartletError {
  MartletError(
    .corruptData,
    """
    The checkpoint cannot be used: '\(path)' is damaged: \(reason). Put the file back from a copy of the checkpoint; or, \
    to begin from nothing, name another folder.
    """)
}
