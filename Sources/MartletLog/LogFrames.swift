package import MartletCore

/// Frames that are written with one call.
package struct LogFrames {
  package let out = ByteBuffer()
  private let place: LogFrame.Place
  private let synced: Int

  /// Creates frames to be written at `place`.
  ///
  /// - Parameter synced: the number of bytes of the segment that are on disk.
  package init(at place: LogFrame.Place, synced: Int = 0) {
    self.place = place
    self.synced = synced
  }

  /// Appends a frame whose payload `body` writes.
  package func append(_ kind: UInt8, count: Int = 0, _ body: (ByteBuffer) throws -> Void) rethrows {
    let place = LogFrame.Place(place.segment, place.offset + out.count)
    try LogFrame.append(kind, count: count, synced: synced, at: place, to: out, body)
  }
}
