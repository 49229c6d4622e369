import MartletCore

/// The records assigned to a batch, as in the checkpoint's log.
package struct ReceiverPlan: Equatable {
  package var stretches: [BlockStretch]
  /// The rate limit of the receiver in records per second; `nil` if it is unknown.
  package var rate: Double?

  private static let version: UInt8 = 1

  init(_ stretches: [BlockStretch], rate: Double?) {
    self.stretches = stretches
    self.rate = rate
  }

  func encoded() -> ByteBuffer {
    let out = ByteBuffer()
    out.append(Self.version)
    out.append(stretches)
    out.append(rate: rate)
    return out
  }

  package init(_ bytes: UnsafeRawBufferPointer) throws {
    var reader = ByteReader(bytes)
    try reader.expectVersion(Self.version, of: "the plan of a receiver")
    stretches = try reader.stretches()
    rate = try reader.rate()
    try reader.expectEnd()
  }
}
