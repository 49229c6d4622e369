import MartletCore

/// The facts about a segment, damaged or not: its complete frames, and the reason why they end.
package struct SegmentFacts: Sendable, Equatable {
  /// A complete frame.
  package struct Frame: Sendable, Equatable {
    package var range: Range<Int>
    package var count: Int

    package init(_ range: Range<Int>, count: Int) {
      self.range = range
      self.count = count
    }
  }

  /// The place where the complete frames end although there should be more.
  package struct Fault: Sendable, Equatable {
    package var position: Int
    package var reason: String
    /// True if the bytes at `position` had been on disk, so that this is damage and not a torn end.
    package var wasOnDisk: Bool

    package init(position: Int, reason: String, wasOnDisk: Bool) {
      self.position = position
      self.reason = reason
      self.wasOnDisk = wasOnDisk
    }
  }

  package var segment: SegmentName
  /// The segments before this one; `nil` if the opening is incomplete.
  package var before: [SegmentPart]?
  /// Frames after the opening, up to the fault.
  package var frames: [Frame] = []
  /// The offset at which the complete frames end.
  package var end = 0
  package var fault: Fault?
  /// True if the log continues in the segment of the next number.
  package var isSealed = false

  package init(
    _ segment: SegmentName, before: [SegmentPart]?, frames: [Frame] = [], end: Int = 0, fault: Fault? = nil
  ) {
    self.segment = segment
    self.before = before
    self.frames = frames
    self.end = end
    self.fault = fault
  }

  /// Reads a segment from its beginning.
  ///
  /// The end is torn, and not damaged, if no header in the whole segment states that more was on disk.
  /// - Parameters:
  ///   - salvaging: true to visit the complete frames after a fault, too.
  ///   - visit: called for every frame of the vocabulary, and for the content of the opening. A payload for which it
  ///     throws `Malformed` is a fault.
  package init(
    _ segment: SegmentName, of vocabulary: String, in source: some SegmentSource, salvaging: Bool = false,
    visit: (LogFrame, UnsafeRawBufferPointer) throws -> Void = { _, _ in }
  ) throws {
    self.init(segment, before: nil)
    var position = 0
    var synced = 0
    while position < source.count && (fault == nil || salvaging || synced <= end) {
      do {
        let frame = try source.header(at: LogFrame.Place(segment, position))
        synced = max(synced, frame.synced)
        if fault == nil || salvaging { try read(frame, try source.payload(of: frame), vocabulary, visit) }
        position += frame.size
      } catch let error as ByteReader.Malformed {
        fault = fault ?? Fault(position: position, reason: error.reason, wasOnDisk: false)
        position = try source.nextFrame(after: position)
      }
    }
    if synced > end {
      fault = Fault(position: fault?.position ?? end, reason: fault?.reason ?? "it ends too early", wasOnDisk: true)
    }
  }

  private mutating func read(
    _ frame: LogFrame, _ payload: UnsafeRawBufferPointer, _ vocabulary: String,
    _ visit: (LogFrame, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    switch (frame.kind, frame.place.offset) {
    case (LogFrame.opening, 0):
      let opening = try SegmentOpening(payload)
      try opening.expect(vocabulary)
      try visit(frame, opening.content)
      before = opening.before
    case (LogFrame.opening, _): throw ByteReader.Malformed(reason: "it begins twice")
    case (_, 0): throw ByteReader.Malformed(reason: "its beginning is missing")
    case (LogFrame.sealed, _): isSealed = true
    default:
      try visit(frame, payload)
      if fault == nil {
        frames.append(Frame(frame.place.offset..<frame.place.offset + frame.size, count: frame.count))
      }
    }
    if fault == nil { end = frame.place.offset + frame.size }
  }
}
