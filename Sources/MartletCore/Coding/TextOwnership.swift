// Unsafe code. Invariant: the functions of `textOwnership(of:)` get pointers to initialized values of its type.

/// Finds the texts within values of a type.
struct TextOwnership: Sendable {
  /// True if a text in the value keeps a block alive that contains much other data.
  let pins: @Sendable (UnsafeRawPointer) -> Bool
  /// Copies the texts in the value to blocks of their own.
  let compact: @Sendable (UnsafeMutableRawPointer) -> Void
}

/// Generic types whose texts are those of their parts.
protocol TextOwner {
  static var textOwnership: TextOwnership? { get }
}

/// Returns `nil` if no texts can be found in values of the type: objects and structures may still contain some.
func textOwnership<Value>(of type: Value.Type) -> TextOwnership? {
  if _isPOD(type) || type == String.self { return nil }
  if type == Text.self {
    return TextOwnership(
      pins: { value in
        let text = value.assumingMemoryBound(to: Text.self).pointee
        return text.owner.map { $0.capacity > text.longCount + text.longCount / 4 } ?? false
      },
      compact: { value in
        let text = value.assumingMemoryBound(to: Text.self)
        text.pointee = text.pointee.compacted()
      })
  }
  if let owner = type as? any TextOwner.Type { return owner.textOwnership }
  guard let fields = tupleFields(of: type) else { return nil }
  return textOwnership(of: fields.map { ($0.type, $0.offset) })
}

private func textOwnership(of fields: [(type: Any.Type, offset: Int)]) -> TextOwnership? {
  func ofField<Field>(_ type: Field.Type) -> TextOwnership? { textOwnership(of: type) }
  let owners = fields.compactMap { field in
    _openExistential(field.type, do: ofField).map { (offset: field.offset, $0) }
  }
  guard !owners.isEmpty else { return nil }
  return TextOwnership(
    pins: { value in owners.contains { offset, owner in owner.pins(value + offset) } },
    compact: { value in for (offset, owner) in owners { owner.compact(value + offset) } })
}

extension Optional: TextOwner {
  static var textOwnership: TextOwnership? {
    guard let inner = MartletCore.textOwnership(of: Wrapped.self) else { return nil }
    return TextOwnership(
      pins: { value in
        guard let some = value.assumingMemoryBound(to: Wrapped?.self).pointee else { return false }
        return withUnsafePointer(to: some) { inner.pins($0) }
      },
      compact: { value in
        let value = value.assumingMemoryBound(to: Wrapped?.self)
        guard var some = value.pointee else { return }
        withUnsafeMutablePointer(to: &some) { inner.compact($0) }
        value.pointee = some
      })
  }
}

extension Array: TextOwner {
  static var textOwnership: TextOwnership? {
    guard let inner = MartletCore.textOwnership(of: Element.self) else { return nil }
    return TextOwnership(
      pins: { value in
        value.assumingMemoryBound(to: [Element].self).pointee.withUnsafeBufferPointer { elements in
          elements.indices.contains { inner.pins(elements.baseAddress.unsafelyUnwrapped + $0) }  // not empty
        }
      },
      compact: { value in
        value.assumingMemoryBound(to: [Element].self).pointee.withUnsafeMutableBufferPointer { elements in
          for i in elements.indices { inner.compact(elements.baseAddress.unsafelyUnwrapped + i) }  // not empty
        }
      })
  }
}

extension Pair: TextOwner {
  static var textOwnership: TextOwnership? {
    let mask = MemoryLayout<Second>.alignment - 1
    return MartletCore.textOwnership(
      of: [(First.self, 0), (Second.self, (MemoryLayout<First>.size + mask) & ~mask)])
  }
}

/// A function that copies the texts of a value out of blocks that contain much other data; `nil` if no texts can be
/// found.
package func textCompaction<Value>() -> (@Sendable (Value) -> Value)? {
  guard let owner = textOwnership(of: Value.self) else { return nil }
  return { value in
    let pins = withUnsafePointer(to: value) { owner.pins($0) }
    guard pins else { return value }
    var copy = value
    withUnsafeMutablePointer(to: &copy) { owner.compact($0) }
    return copy
  }
}
