/// A segment, as far as it counts.
package struct SegmentPart: Sendable, Hashable {
  package var name: SegmentName
  package var length: Int

  package init(name: SegmentName, length: Int) {
    self.name = name
    self.length = length
  }
}
