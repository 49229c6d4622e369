/// A segment, and the length of it that counts.
package struct SegmentPart: Sendable, Hashable {
  package var name: SegmentName
  package var length: Int

  package init(name: SegmentName, length: Int) {
    self.name = name
    self.length = length
  }
}
