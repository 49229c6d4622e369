package import MartletCore

/// Reads records of an operator's state without knowing its types.
package struct DynamicStateReplay: Sendable {
  private let key: DynamicCodec
  private let pair: DynamicCodec
  /// Reads the keys of a run of pairs, and skips as much of the rest as possible.
  private let keysOfPairs: DynamicCodec
  /// True if keys and states can be decoded, and are not returned as bytes.
  package let isKeyReadable: Bool
  package let isStateReadable: Bool

  /// A key, and its state if it has been set.
  package struct Entry: Sendable {
    package var key: DynamicValue
    package var state: DynamicValue?
    /// The time when the key was last touched, in nanoseconds since 1970; `nil` if it is removed.
    package var touched: Int64?

    package var isRemoval: Bool { touched == nil }
  }

  /// - Parameters:
  ///   - keyForm: the form of keys in `StateCodec.forms`.
  ///   - stateForm: the form of states.
  /// - Returns: `nil` if this release does not know a form.
  package init?(keyForm: String, stateForm: String) {
    guard let key = DynamicCodec(form: keyForm), let state = DynamicCodec(form: stateForm) else { return nil }
    self.key = key
    pair = .pair(key, state)
    if case .fields = pair { keysOfPairs = key } else { keysOfPairs = pair }
    isKeyReadable = key.isReadable
    isStateReadable = state.isReadable
  }

  /// Calls a closure for each step of a record, in order.
  ///
  /// - Parameter keysOnly: true if states are skipped, which is faster.
  /// - Throws: `ByteReader.Malformed`.
  package func forEach(
    _ record: UnsafeRawBufferPointer, keysOnly: Bool = false, _ body: (Entry) throws -> Void
  ) throws {
    var bytes = ByteReader(record)
    try StateFrameBytes.begin(&bytes)
    while let frame = try StateFrameBytes(&bytes, keysHaveSize: true) {
      var content = ByteReader(frame.content)
      if frame.isRemoval {
        for key in try key.read(frame.count, &content) { try body(Entry(key: key)) }
        try content.expectEnd()
        continue
      }
      let isPlain = keysOfPairs == pair
      let values = try (keysOnly ? keysOfPairs : pair).read(frame.count, &content)
      if !keysOnly || isPlain { try content.expectEnd() }
      for (number, value) in values.enumerated() {
        let touched = frame.times[frame.times.count == 1 ? 0 : number]
        guard keysOnly && !isPlain else {
          guard case .array(let parts) = value, parts.count == 2 else { continue }
          try body(Entry(key: parts[0], state: parts[1], touched: touched))
          continue
        }
        try body(Entry(key: value, touched: touched))
      }
    }
  }
}
