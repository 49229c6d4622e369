import MartletCore

/// What a batch was given, as the checkpoint's log holds it.
package struct ReceiverPlan: Equatable {
  package var stretches: [BlockStretch]
  /// Records per second that the receiver was allowed then; `nil` if nothing is known.
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
