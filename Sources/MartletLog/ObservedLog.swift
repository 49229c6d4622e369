package import MartletCore

/// The facts about the folder of a log.
package struct ObservedLog {
  /// The owners that have claimed the folder, and for each, whether it has begun a log.
  package var epochs: [Int: Bool]
  package var segments: Set<SegmentName>
  package var folder: String
  /// Reads the bytes of a segment.
  package var read: (SegmentName) throws -> ByteBuffer

  package init(
    epochs: [Int: Bool], segments: Set<SegmentName>, folder: String, read: @escaping (SegmentName) throws -> ByteBuffer
  ) {
    self.epochs = epochs
    self.segments = segments
    self.folder = folder
    self.read = read
  }

  package func path(_ name: SegmentName) -> String { "\(folder)/\(name)" }
}
