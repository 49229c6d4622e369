package import MartletCore

/// The bytes of a segment, taken apart.
package struct LogSegment {
  package let name: SegmentName
  package let header: LogHeader
  /// All records behind the header, in order. Their bytes are the segment's.
  package let records: [LogRecord]
  /// How many bytes count: all, but for what a torn write has left at the end.
  package let length: Int
  let bytes: ByteBuffer

  /// How many bytes were read, with a torn end.
  var bytesRead: Int { bytes.count }

  /// - Parameters:
  ///   - length: how many bytes are known to count; `nil` for the newest segment, whose end may have been torn off.
  /// - Throws: `MartletError(.corruptData)` that names the file.
  package init(_ name: SegmentName, _ bytes: ByteBuffer, length: Int?, path: String) throws {
    let all = bytes.bytes
    if let length, all.count < length {
      throw damaged(path, "it has \(all.count) bytes, and \(length) were written")
    }
    let counted = UnsafeRawBufferPointer(rebasing: all[..<(length ?? all.count)])
    let (records, position, problem) = Self.records(counted, from: 0, in: name)
    if let problem {
      // The header was on the disk before the segment had its name.
      if length != nil || position == 0 { throw damaged(path, problem.reason) }
      if Self.isSynced(counted, behind: records, through: position, in: name) {
        throw damaged(path, "\(problem.reason) (at byte \(position), and what follows was written later)")
      }
    }
    guard case .header(let header) = records.first else { throw damaged(path, "it does not begin with a header") }
    if position < header.beginning {
      // Nothing may be missing of what every segment begins with: else inputs would begin from nothing.
      throw damaged(path, "\(problem?.reason ?? "it ends too early") (at byte \(position))")
    }
    guard header.segment == name else { throw damaged(path, "it is the segment \(header.segment) under another name") }
    self.init(name, bytes, header, Array(records.dropFirst()), position)
  }

  /// What can be read of a segment, whatever has become of it: the records that are whole. For people to look at.
  ///
  /// - Returns: `nil` if not even its header can be read.
  package static func salvaged(_ name: SegmentName, _ bytes: ByteBuffer) -> LogSegment? {
    let all = bytes.bytes
    var (records, position, problem) = records(all, from: 0, in: name)
    guard case .header(let header) = records.first else { return nil }
    let length = position
    while problem != nil, let next = nextFrame(all, behind: position, in: name) {
      let found = Self.records(all, from: next, in: name)
      records += found.records
      (position, problem) = (found.end, found.problem)
    }
    return LogSegment(name, bytes, header, Array(records.dropFirst()), length)
  }

  private init(_ name: SegmentName, _ bytes: ByteBuffer, _ header: LogHeader, _ records: [LogRecord], _ length: Int) {
    self.name = name
    self.bytes = bytes
    self.header = header
    self.records = records
    self.length = length
  }

  /// The records from `start` on, where the last one ends, and what is wrong with the next if there is something.
  private static func records(
    _ bytes: UnsafeRawBufferPointer, from start: Int, in name: SegmentName
  ) -> (records: [LogRecord], end: Int, problem: ByteReader.Malformed?) {
    var records: [LogRecord] = []
    var position = start
    while position < bytes.count {
      do {
        let frame = try LogFrame.read(bytes, at: position, in: name)
        records.append(try LogRecord(frame))
        position = frame.end
      } catch {
        let problem = error as? ByteReader.Malformed ?? ByteReader.Malformed(reason: "\(error)")
        return (records, position, problem)
      }
    }
    return (records, position, nil)
  }

  /// Where the next record behind `position` begins that is whole.
  private static func nextFrame(
    _ bytes: UnsafeRawBufferPointer, behind position: Int, in name: SegmentName
  ) -> Int? {
    var next = position + 1
    while next + LogFrame.headerSize <= bytes.count {
      if bytes[next] == UInt8(ascii: "M"), bytes[next + 1] == UInt8(ascii: "L"),
        let frame = try? LogFrame.read(bytes, at: next, in: name), (try? LogRecord(frame)) != nil
      {
        return next
      }
      next += 1
    }
    return nil
  }

  /// Whether a record behind `position` proves that what is there was on the disk already: a plan says how far that is;
  /// and a batch that is done has had its plan on the disk, so if there is none, it was here.
  private static func isSynced(
    _ bytes: UnsafeRawBufferPointer, behind records: [LogRecord], through position: Int, in name: SegmentName
  ) -> Bool {
    var planned: Set<Time> = []
    var plannedBefore = Time(nanoseconds: .max)
    for record in records {
      if case .header(let header) = record { plannedBefore = header.plannedThrough }
      if case .plan(let plan) = record { planned.insert(plan.time) }
    }
    var last = position
    while let next = nextFrame(bytes, behind: last, in: name) {
      last = next
      guard let frame = try? LogFrame.read(bytes, at: next, in: name), let record = try? LogRecord(frame) else {
        continue
      }
      switch record {
      case .plan(let plan):
        if plan.syncedThrough > position { return true }
        planned.insert(plan.time)
      case .done(let time):
        // Batches that an older segment has planned are run again without a wait for the disk.
        if time > plannedBefore && !planned.contains(time) { return true }
      case .header, .state, .progress, .sealed, .stopped: break
      }
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
