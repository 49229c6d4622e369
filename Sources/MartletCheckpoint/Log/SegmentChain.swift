package import MartletCore
package import MartletLog
import MartletStreaming

/// The segments that a log builds on, oldest first, as long as they are needed.
///
/// The state after the last batch is in the last segment that holds all of it, and in later ones. Windows over state
/// also need the state after earlier batches: older segments are then retained, from the last one that was complete
/// before those batches.
package struct SegmentChain: Sendable, Equatable {
  private struct Link: Sendable, Equatable {
    var part: SegmentPart
    /// The last batch that was done when it ended.
    var doneThrough: Time
    /// True if replaying it from its beginning restores all of the state at its end.
    var holdsState: Bool
  }

  private var links: [Link] = []

  package init() {}

  package var parts: [SegmentPart] { links.map(\.part) }

  /// The number of segments needed for the state after the last batch.
  package var countForState: Int { links.count - (links.lastIndex(where: \.holdsState) ?? 0) }

  /// Adds a segment that has ended.
  package mutating func append(_ part: SegmentPart, doneThrough: Time, holdsState: Bool) {
    links.append(Link(part: part, doneThrough: doneThrough, holdsState: holdsState))
  }

  /// Drops the segments that are not needed for the states after every batch later than `time`.
  ///
  /// - Returns: the dropped segments.
  package mutating func dropOld(before time: Time) -> [SegmentPart] {
    guard let first = links.lastIndex(where: { $0.holdsState && $0.doneThrough <= time }) else { return [] }
    defer { links.removeFirst(first) }
    return links[..<first].map(\.part)
  }
}
