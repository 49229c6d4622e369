import MartletCore
package import MartletLog
package import MartletStreaming

/// The segments on which a log builds, oldest first, as long as they are needed.
///
/// The state after the last batch can be had from the last segment that holds all of it, and those behind that one.
/// Windows over state need what it was after earlier batches, too: then older segments are kept, from the last one that
/// was complete before those batches.
package struct SegmentChain: Sendable, Equatable {
  private struct Link: Sendable, Equatable {
    var part: SegmentPart
    /// Batches up to this time were done when it ended.
    var doneThrough: Time
    /// Whether replaying it from its beginning gives all of the state at its end.
    var holdsState: Bool
  }

  private var links: [Link] = []

  package init() {}

  package var parts: [SegmentPart] { links.map(\.part) }

  /// How many of them it takes to have the state after the last batch.
  package var countForState: Int { links.count - (links.lastIndex(where: \.holdsState) ?? 0) }

  /// Adds a segment that has ended.
  package mutating func append(_ part: SegmentPart, doneThrough: Time, holdsState: Bool) {
    links.append(Link(part: part, doneThrough: doneThrough, holdsState: holdsState))
  }

  /// Drops the segments that it does not take to have the states after every batch behind the one at `time`.
  ///
  /// - Returns: the segments that are dropped.
  package mutating func dropOld(before time: Time) -> [SegmentPart] {
    guard let first = links.lastIndex(where: { $0.holdsState && $0.doneThrough <= time }) else { return [] }
    defer { links.removeFirst(first) }
    return links[..<first].map(\.part)
  }
}
